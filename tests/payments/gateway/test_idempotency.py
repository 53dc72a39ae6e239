"""One effect per key, whatever happens on the way."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from app.payments.gateway import CardDeclined, IdempotencyConflict, OutcomeUnknown, PaymentIntent, RetryPolicy, Timeouts
from tests.payments.gateway.partner import Merchant, ask, client_for


def test_the_same_key_twice_is_one_payment(merchant: Merchant) -> None:
    assert merchant.create(key="k") == merchant.create(key="k")
    assert len(merchant.intents()) == 1


def test_the_same_key_with_other_parameters_is_a_conflict(merchant: Merchant) -> None:
    first = merchant.create(1000, key="k")
    with pytest.raises(IdempotencyConflict):
        merchant.create(1001, key="k")
    with pytest.raises(IdempotencyConflict):
        merchant.client.payment_intents.cancel(first.id, idempotency_key="k")
    assert merchant.client.payment_intents.retrieve(first.id) == first


def test_keys_of_different_merchants_do_not_meet(merchant: Merchant) -> None:
    other = client_for(merchant.sandbox, merchant.sandbox.open_account())
    assert merchant.create(key="k").id != merchant.create(key="k", client=other).id


def test_fifty_at_once_with_one_key_are_one_payment(merchant: Merchant) -> None:
    client = merchant.other_client(timeouts=Timeouts(total=20))

    def create(_: int) -> PaymentIntent:
        return merchant.create(key="k", client=client)

    with ThreadPoolExecutor(50) as pool:
        made = list(pool.map(create, range(50)))
    assert len({intent.id for intent in made}) == 1
    assert len(merchant.intents()) == 1


def test_a_lost_answer_and_a_repeat_are_one_payment(merchant: Merchant) -> None:
    merchant.fault(drop=1)
    intent = merchant.create()
    assert merchant.intents() == [intent.id]
    requests_seen = merchant.sandbox.log(intent.id, "request")
    assert [(entry["dropped"], entry["replayed"]) for entry in requests_seen] == [
        (True, False),
        (False, True),
    ]
    assert len({entry["idempotency_key"] for entry in requests_seen}) == 1


def test_when_every_answer_is_lost_the_same_key_finds_the_effect_later(merchant: Merchant) -> None:
    merchant.fault(drop=3)
    with pytest.raises(OutcomeUnknown):
        merchant.create(key="k")
    (made,) = merchant.intents()
    assert merchant.create(key="k").id == made


def test_a_lost_confirmation_pays_once(merchant: Merchant) -> None:
    intent = merchant.create()
    merchant.fault(drop=2)
    paid = merchant.client.payment_intents.confirm(intent.id, idempotency_key="c", payment_method="pm_card_visa")
    assert paid.status == "succeeded"
    charges = ask("GET", f"{merchant.sandbox.url}/v1/balance_transactions", auth=(merchant.key, "")).json()["data"]
    assert [entry["amount"] for entry in charges] == [intent.amount]


def test_a_key_in_use_is_refused_and_then_answered(merchant: Merchant) -> None:
    """The first call waits at the gateway; one with its key meets 409 and repeats until that is done."""
    merchant.fault(delay_ms=400)
    patient = merchant.other_client(retries=RetryPolicy(attempts=20, first_wait=0.1, longest_wait=0.1))
    with ThreadPoolExecutor(2) as pool:
        both = [pool.submit(merchant.create, key="k", client=patient) for _ in range(2)]
        made = {future.result().id for future in both}
    assert merchant.intents() == list(made)
    entries = ask("GET", f"{merchant.sandbox.url}/sandbox/log").json()["entries"]
    mine = [e for e in entries if e.get("params", {}).get("metadata") == {"journey": merchant.journey}]
    assert {entry["status"] for entry in mine} == {200, 409}


def test_a_declined_card_stays_declined_under_its_key(merchant: Merchant) -> None:
    merchant.fault(decline=1)
    intent = merchant.create()
    form = {"payment_method": "pm_card_visa"}
    url = f"{merchant.sandbox.url}/v1/payment_intents/{intent.id}/confirm"
    headers = {"Authorization": f"Bearer {merchant.key}", "Idempotency-Key": "c"}
    answers = [ask("POST", url, data=form, headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [402, 402]
    assert answers[1].headers["Idempotent-Replayed"] == "true"
    assert answers[0].json() == answers[1].json()


def test_a_lost_decline_is_certain_once_it_is_heard(merchant: Merchant) -> None:
    intent = merchant.create()
    merchant.fault(decline=1, drop=1)
    with pytest.raises(CardDeclined):
        merchant.client.payment_intents.confirm(intent.id, idempotency_key="c", payment_method="pm_card_visa")


@pytest.mark.parametrize("key", ["", "x" * 256, "with space", "line\r\nbreak", "é"])
def test_an_unfit_key_is_not_sent(merchant: Merchant, key: str) -> None:
    with pytest.raises(ValueError, match="idempotency key"):
        merchant.client.payment_intents.cancel("pi_1", idempotency_key=key)


def test_the_longest_key_serves(merchant: Merchant) -> None:
    key = "x" * 255
    assert merchant.create(key=key) == merchant.create(key=key)
