"""What the caller may conclude when something goes wrong on the way."""

from __future__ import annotations

import logging
import socket
import time
import traceback

import pytest

from app.payments.gateway import (
    AuthenticationFailed,
    GatewayClient,
    GatewayError,
    GatewayUnavailable,
    OutcomeUnknown,
    RateLimited,
    RetryPolicy,
    Timeouts,
)
from tests.payments.gateway.partner import QUICK, Merchant, Sandbox


def closed_port() -> int:
    """A port of the loopback where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def no_wait(seconds: float) -> None:
    raise AssertionError(f"nobody should wait {seconds} s")


def test_two_server_errors_are_survived(merchant: Merchant) -> None:
    merchant.fault(http_500=2)
    made = merchant.create()
    assert merchant.intents() == [made.id]


def test_server_errors_without_end_leave_an_effect_in_doubt(merchant: Merchant) -> None:
    merchant.fault(http_500=3)
    with pytest.raises(OutcomeUnknown, match="500"):
        merchant.create(key="k")
    assert merchant.create(key="k").status == "requires_payment_method"


def test_server_errors_without_end_leave_a_read_undone(merchant: Merchant) -> None:
    intent = merchant.create()
    merchant.fault(http_500=3)
    with pytest.raises(GatewayUnavailable, match="500"):
        merchant.client.payment_intents.retrieve(intent.id)
    assert merchant.client.payment_intents.retrieve(intent.id) == intent


def test_an_answer_beyond_the_read_time_is_doubt_and_the_key_finds_it(merchant: Merchant) -> None:
    merchant.fault(delay_ms=600)
    hasty = merchant.other_client(timeouts=Timeouts(read=0.3), retries=RetryPolicy(attempts=1))
    with pytest.raises(OutcomeUnknown):
        merchant.create(key="k", client=hasty)
    patient = merchant.other_client(retries=RetryPolicy(attempts=20, first_wait=0.1, longest_wait=0.1))
    made = merchant.create(key="k", client=patient)
    assert merchant.intents() == [made.id]


def test_the_total_time_holds_over_all_repeats(merchant: Merchant) -> None:
    merchant.fault(delay_ms=2000)
    hasty = merchant.other_client(
        timeouts=Timeouts(connect=1, read=0.4, total=1), retries=RetryPolicy(attempts=50, first_wait=0.05)
    )
    begun = time.monotonic()
    with pytest.raises(OutcomeUnknown):
        merchant.create(client=hasty)
    assert time.monotonic() - begun < 3


def test_where_nobody_listens_nothing_took_effect() -> None:
    client = GatewayClient(f"http://127.0.0.1:{closed_port()}", "sk_test", retries=QUICK)
    with pytest.raises(GatewayUnavailable):
        client.payment_intents.cancel("pi_1", idempotency_key="k")
    with pytest.raises(GatewayUnavailable):
        client.payment_intents.retrieve("pi_1")


def test_too_many_requests_waits_as_long_as_asked(merchant: Merchant) -> None:
    waits: list[float] = []
    merchant.fault(http_429=2)
    client = merchant.other_client(sleep=waits.append, jitter=lambda: 0.0)
    merchant.create(client=client)
    assert waits == [1.0, 1.0]


def test_too_many_requests_without_end_took_no_effect(merchant: Merchant) -> None:
    merchant.fault(http_429=3)
    with pytest.raises(RateLimited) as limited:
        merchant.create(client=merchant.other_client(sleep=lambda _: None))
    assert limited.value.retry_after == 1.0
    assert merchant.intents() == []


def test_too_many_requests_after_a_lost_answer_is_still_doubt(merchant: Merchant) -> None:
    def refuse_from_now(_: float) -> None:
        merchant.fault(http_429=9)

    merchant.fault(drop=1)
    late = merchant.other_client(sleep=refuse_from_now)
    with pytest.raises(OutcomeUnknown):
        merchant.create(client=late)
    assert len(merchant.intents()) == 1


def test_a_wait_that_is_too_long_is_not_begun(merchant: Merchant) -> None:
    merchant.fault(http_429=1)
    hasty = merchant.other_client(timeouts=Timeouts(total=0.8), sleep=no_wait)
    with pytest.raises(RateLimited):
        merchant.create(client=hasty)


def test_waits_grow_with_jitter_to_a_bound() -> None:
    policy = RetryPolicy(first_wait=0.5, longest_wait=3.0)
    assert [policy.wait(attempt, 0.0) for attempt in (1, 2, 3, 4, 5)] == [0.5, 1.0, 2.0, 3.0, 3.0]
    assert [policy.wait(attempt, 1.0) for attempt in (1, 5)] == [0.25, 1.5]


def test_a_wrong_key_is_told_at_once(sandbox: Sandbox) -> None:
    client = GatewayClient(sandbox.url, "sk_test_wrong", sleep=no_wait)
    with pytest.raises(AuthenticationFailed):
        client.events.list()


def test_the_key_is_in_no_text(sandbox: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    key = "sk_test_very_secret"
    texts = []
    for address in (sandbox.url, f"http://127.0.0.1:{closed_port()}"):
        client = GatewayClient(address, key, retries=QUICK)
        with pytest.raises(GatewayError) as failed:
            client.payment_intents.cancel("pi_1", idempotency_key="k")
        assert failed.value.__context__ is None  # what requests raises holds the request, key and all
        texts += [repr(client), str(vars(client)), "".join(traceback.format_exception(failed.value))]
    assert key not in "".join(texts) + caplog.text


@pytest.mark.parametrize(
    "address",
    [
        "",
        "127.0.0.1:80",
        "ftp://host",
        "http://",
        "http://user:pass@host",
        "http://host/?q",
        "http://host/#f",
    ],
)
def test_an_unfit_address_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="address"):
        GatewayClient(address, "sk_test")


@pytest.mark.parametrize("key", ["", "two words", "line\nbreak", "é", "x" * 256])
def test_an_unfit_api_key_is_refused_without_showing_it(key: str) -> None:
    with pytest.raises(ValueError, match="printable ASCII") as refused:
        GatewayClient("http://127.0.0.1", key)
    assert not key or key not in str(refused.value)
