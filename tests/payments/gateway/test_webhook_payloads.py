"""What a proven webhook says, and proven bodies that say nothing."""

from __future__ import annotations

from app.payments.gateway import PaymentIntent, Refund, WebhookPayloadInvalid, verify_webhook
from tests.payments.gateway.signing import INTENT, NOW, PAYLOAD, REFUND, SECRET, event, header

NO_EVENTS = {
    "empty": b"",
    "no members": b"{}",
    "a list": b"[]",
    "null": b"null",
    "no text": b"\xff\xfe\x00",
    "too deep": b"[" * 100_000,
    "a number too long": b'{"created": ' + b"9" * 5000 + b"}",
    "a time too far": event(INTENT, created=10**18),
    "a truth for a time": event(INTENT, created=True),
    "a text for a time": event(INTENT, created="1"),
    "an empty id": event(INTENT, id=""),
    "a number for an id": event(INTENT, id=7),
    "data that is a list": event(INTENT, data=[]),
    "an object that is an id": event(INTENT, data={"object": "pi_1"}),
    "an amount with a part": event(INTENT | {"amount": 10.5}),
    "an amount that is text": event(INTENT | {"amount": "10"}),
    "a payment that is a number": event(INTENT | {"object": "refund", "payment_intent": 4}),
}


def test_a_signed_payment_is_read() -> None:
    found = verify_webhook(PAYLOAD, header(), [SECRET], now=NOW)
    assert (found.id, found.type, found.created) == ("evt_1", "payment_intent.succeeded", NOW)
    assert isinstance(found.subject, PaymentIntent) and found.subject.amount_received == 1000
    assert (found.payment_intent, found.idempotency_key) == ("pi_1", "k-1")


def test_a_signed_refund_names_its_payment() -> None:
    payload = event(REFUND, type="refund.created")
    found = verify_webhook(payload, header(payload), [SECRET], now=NOW)
    assert isinstance(found.subject, Refund)
    assert (found.object_id, found.payment_intent) == ("re_1", "pi_1")


def test_an_object_of_another_kind_is_named_and_left_alone() -> None:
    payload = event({"object": "charge", "id": "ch_1", "payment_intent": "pi_1"}, request=None)
    found = verify_webhook(payload, header(payload), [SECRET], now=NOW)
    assert (found.subject, found.object_kind, found.object_id) == (None, "charge", "ch_1")
    assert (found.payment_intent, found.idempotency_key) == ("pi_1", None)


def test_a_signed_body_that_is_no_event_is_told_apart() -> None:
    def alone(name: str) -> bool:
        """Whether it is refused, without the error that showed it."""
        payload = NO_EVENTS[name]
        try:
            verify_webhook(payload, header(payload), [SECRET], now=NOW)
        except WebhookPayloadInvalid as refused:
            return refused.__context__ is None
        return False

    assert {name for name in NO_EVENTS if not alone(name)} == set()
