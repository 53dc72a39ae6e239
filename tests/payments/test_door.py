"""The webhook's door: nothing without a signature, everything proven is stored, and bodies have limits."""

import time
from collections.abc import Callable

import pytest

from app.core.ids import PublicId, new_id
from app.core.unit import database, run
from app.payments.gateway import verify_webhook
from app.payments.models import GatewayFact
from app.payments.service.accounts import add_secret
from app.payments.service.hearing import apply_due, store
from tests.payments.gateway import signing
from tests.payments.shop import SECRET, Shop


def signed(secret: str = SECRET, at: int = 0, payload: bytes = signing.PAYLOAD) -> str:
    return signing.header(payload, secret, int(time.time()) + at)


def test_a_proven_event_is_kept(shop: Shop) -> None:
    assert shop.post_webhook(signing.PAYLOAD, signed()).json == {"received": True}
    assert shop.verdicts() == ["unmatched"]


UNPROVEN: dict[str, Callable[[], str]] = {
    "none": lambda: "",
    "no signature": lambda: "t=1",
    "no time": lambda: "v1=" + "0" * 64,
    "another secret": lambda: signed("whsec_of_somebody_else"),
    "too old": lambda: signed(at=-900),
    "too new": lambda: signed(at=900),
    "another payload": lambda: signed(payload=b"{}"),
}
"""Made in the test: what was signed while importing is old by then, or not too new any more."""


@pytest.mark.parametrize("signature", UNPROVEN.values(), ids=UNPROVEN)
def test_an_unproven_one_is_refused_and_leaves_nothing(shop: Shop, signature: Callable[[], str]) -> None:
    refused = shop.post_webhook(signing.PAYLOAD, signature())
    assert refused.status_code == 400 and refused.json and refused.json["code"] == "webhook_signature_invalid"
    assert shop.verdicts() == []


def test_an_empty_secret_opens_nothing(shop: Shop) -> None:
    add_secret(shop.account, "")
    for signature in (signed(""), signed()):
        assert shop.post_webhook(signing.PAYLOAD, signature).status_code == 400


def test_secrets_change_over_and_the_oldest_goes(shop: Shop) -> None:
    for number in range(2):
        add_secret(shop.account, f"whsec_newer_{number}")
        assert shop.post_webhook(signing.PAYLOAD, signed()).status_code == 200
    add_secret(shop.account, "whsec_newer_2")
    assert shop.post_webhook(signing.PAYLOAD, signed()).status_code == 400
    assert shop.post_webhook(signing.PAYLOAD, signed("whsec_newer_0")).status_code == 200


def test_the_secret_of_one_account_opens_no_other(open_shop: Callable[[], Shop]) -> None:
    shop, other = open_shop(), open_shop()
    add_secret(other.account, "whsec_of_the_other_alone")
    signature = signed("whsec_of_the_other_alone")
    assert shop.post_webhook(signing.PAYLOAD, signature).status_code == 400
    stolen = PublicId("mer", shop.tenant, other.account.id)  # the other's uuid in the name of this tenant
    assert shop.post_webhook(signing.PAYLOAD, signature, stolen).status_code == 400


def test_an_unknown_account_is_answered_as_an_unproven_webhook(shop: Shop) -> None:
    unknown = PublicId("mer", shop.tenant, new_id())
    assert shop.post_webhook(signing.PAYLOAD, signed(), unknown).status_code == 400


@pytest.mark.parametrize("payload", [b"{}", b"[]", b"\xff", b'{"object": "event"}'])
def test_proven_nonsense_is_noted_and_answered(shop: Shop, payload: bytes) -> None:
    assert shop.post_webhook(payload, signed(payload=payload)).status_code == 200
    assert shop.verdicts() == ["ignored"]


def test_events_of_other_things_are_only_noted(shop: Shop) -> None:
    assert shop.hear({"object": "charge", "id": "ch_1"}, type="charge.refunded").status_code == 200
    assert shop.verdicts() == ["ignored"]


def test_a_word_newer_than_this_code_is_only_noted(shop: Shop) -> None:
    payment = shop.begun(shop.bill())
    assert shop.hear(payment.told("requires_astrology")).status_code == 200
    assert (shop.verdicts()[-1], payment.state) == ("ignored", "requires_action")


def test_a_body_without_end_is_refused(shop: Shop) -> None:
    payload = b"x" * (1024 * 1024 + 1)
    assert shop.post_webhook(payload, signed(payload=payload)).status_code in (400, 413)
    assert shop.verdicts() == []


def test_what_was_stored_and_not_applied_the_worker_applies(shop: Shop) -> None:
    """The process died between its two units."""
    payment = shop.begun(shop.bill())
    event = signing.event(payment.told("processing"))
    read = verify_webhook(event, signed(payload=event), [SECRET], now=database().clock.now())
    assert run(shop.tenant, lambda opened: store(opened, shop.account.id, read)) is not None
    assert run(shop.tenant, lambda opened: store(opened, shop.account.id, read)) is None
    assert (payment.state, shop.rows(GatewayFact)[-1].verdict) == ("requires_action", "received")
    assert apply_due(shop.tenant) == 1
    assert (payment.state, shop.rows(GatewayFact)[-1].verdict) == ("processing", "applied")
