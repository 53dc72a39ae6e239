"""Webhooks as a listener hears them: signed, and now and then twice, late, out of order or not at all."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from app.payments.gateway import Event, WebhookSignatureInvalid, verify_webhook
from tests.payments.gateway.partner import Merchant, Receiver, until

SECRET = "whsec_of_this_endpoint"


def listen(merchant: Merchant, receiver: Receiver, secret: str = SECRET) -> None:
    """Let the merchant's account tell the receiver."""
    merchant.sandbox.post(
        "/sandbox/webhook_endpoints", {"api_key": merchant.key, "url": receiver.url, "secret": secret}
    ).raise_for_status()


def heard(receiver: Receiver, count: int) -> list[Event]:
    """The first ``count`` events, each proven, in the order of arrival."""
    until(lambda: len(receiver.received) >= count)
    now = datetime.now(UTC)
    return [verify_webhook(body, header, [SECRET], now=now) for body, header in receiver.received[:count]]


def types(events: list[Event]) -> list[str]:
    return [event.type.removeprefix("payment_intent.") for event in events]


def test_every_step_is_told_and_signed(merchant: Merchant, receiver: Receiver) -> None:
    listen(merchant, receiver)
    waiting = merchant.awaiting()
    merchant.sandbox.pay(waiting.id)
    events = heard(receiver, 4)
    assert sorted(types(events)) == ["created", "processing", "requires_action", "succeeded"]
    assert {event.payment_intent for event in events} == {waiting.id}
    listed = {event.id: event for event in merchant.client.events.list().events}
    assert {event.id: event for event in events} == listed


def test_another_secret_does_not_prove_it(merchant: Merchant, receiver: Receiver) -> None:
    listen(merchant, receiver, "whsec_of_somebody_else")
    merchant.create()
    until(lambda: receiver.received)
    with pytest.raises(WebhookSignatureInvalid):
        heard(receiver, 1)


def test_an_event_names_the_key_that_caused_it(merchant: Merchant, receiver: Receiver) -> None:
    """So what arrives before the answer does can be matched."""
    listen(merchant, receiver)
    merchant.fault(delay_ms=400)
    made = merchant.create(key="k-7")
    (event,) = heard(receiver, 1)
    assert (event.payment_intent, event.idempotency_key) == (made.id, "k-7")
    (sent,) = merchant.sandbox.log(made.id, "webhook")
    (asked,) = merchant.sandbox.log(made.id, "request")
    assert sent["at"] < asked["at"]


def test_a_refused_webhook_comes_again(merchant: Merchant, receiver: Receiver) -> None:
    receiver.refuse = 2
    listen(merchant, receiver)
    made = merchant.create()
    events = heard(receiver, 3)
    assert len({event.id for event in events}) == 1
    tries = until(lambda: _tries(merchant, made.id, 3))
    assert tries == [(1, "500"), (2, "500"), (3, "200")]


def test_a_duplicate_is_the_same_event(merchant: Merchant, receiver: Receiver) -> None:
    listen(merchant, receiver)
    merchant.fault(webhook={"duplicate": 1})
    merchant.create()
    first, second = heard(receiver, 2)
    assert first == second


def test_a_dropped_webhook_is_in_the_feed(merchant: Merchant, receiver: Receiver) -> None:
    listen(merchant, receiver)
    merchant.fault(webhook={"drop": 1})
    dropped = merchant.create()
    sent = merchant.create()
    (event,) = heard(receiver, 1)
    assert event.payment_intent == sent.id
    (lost,) = merchant.client.events.list(starting_after=event.id).events
    assert lost.payment_intent == dropped.id
    assert [entry["answer"] for entry in merchant.sandbox.log(dropped.id, "webhook")] == ["dropped"]


def test_reordered_webhooks_come_last_first(merchant: Merchant, receiver: Receiver) -> None:
    listen(merchant, receiver)
    merchant.fault(webhook={"reorder": 4})
    waiting = merchant.awaiting()
    merchant.sandbox.pay(waiting.id)
    assert types(heard(receiver, 4)) == ["succeeded", "processing", "requires_action", "created"]


def test_held_webhooks_are_let_go_with_their_fault(merchant: Merchant, receiver: Receiver) -> None:
    listen(merchant, receiver)
    fault = merchant.fault(webhook={"reorder": 9})
    made = merchant.create()
    assert receiver.received == []
    merchant.sandbox.clear_fault(fault)
    assert heard(receiver, 1)[0].payment_intent == made.id


def test_a_delayed_webhook_comes_after_the_later_state_was_read(merchant: Merchant, receiver: Receiver) -> None:
    listen(merchant, receiver)
    merchant.fault(webhook={"delay_ms": 400})
    paid = merchant.paid()
    assert merchant.client.payment_intents.retrieve(paid.id).status == "succeeded"
    assert receiver.received == []
    assert sorted(types(heard(receiver, 2))) == ["created", "succeeded"]


def test_faults_of_one_journey_spare_another(merchant: Merchant, receiver: Receiver) -> None:
    listen(merchant, receiver)
    merchant.fault(webhook={"drop": 9})
    other = merchant.client.payment_intents.create(
        amount=1, payment_method_types=("card",), idempotency_key="other", metadata={"journey": "another"}
    )
    merchant.create()
    assert heard(receiver, 1)[0].payment_intent == other.id


@pytest.mark.parametrize(
    "setting",
    [{"explode": 1}, {"drop": -1}, {"drop": "many"}, {"drop": True}, {"webhook": {"lie": 1}}],
    ids=str,
)
def test_the_dial_refuses_what_it_does_not_know(merchant: Merchant, setting: dict[str, object]) -> None:
    assert merchant.sandbox.post("/sandbox/faults", setting).status_code == 400


def test_the_log_holds_no_secret(merchant: Merchant, receiver: Receiver) -> None:
    listen(merchant, receiver)
    made = merchant.create()
    heard(receiver, 1)
    log = until(lambda: merchant.sandbox.log(made.id, "webhook"))
    text = str(log) + str(merchant.sandbox.log(made.id, "request"))
    assert SECRET not in text and merchant.key not in text and "client_secret" not in text


def _tries(merchant: Merchant, intent: str, count: int) -> list[tuple[int, str]] | None:
    tries = [(entry["attempt"], entry["answer"]) for entry in merchant.sandbox.log(intent, "webhook")]
    return tries if len(tries) == count else None
