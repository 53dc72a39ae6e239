"""Money back: never more than came, and told of when it is really on its way."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from app.payments.gateway import InvalidRequest, Refund
from tests.payments.gateway.partner import Merchant, until


def refund(merchant: Merchant, intent: str, amount: int, key: str | None = None) -> Refund:
    return merchant.client.refunds.create(payment_intent=intent, amount=amount, idempotency_key=key or uuid.uuid4().hex)


def ends(merchant: Merchant, refund_id: str) -> Refund:
    def look() -> Refund | None:
        found = merchant.client.refunds.retrieve(refund_id)
        return found if found.status != "pending" else None

    return until(look)


def told(merchant: Merchant) -> list[str]:
    """Types of what was told about refunds, oldest first."""
    events = merchant.client.events.list().events
    return [event.type for event in reversed(events) if not event.type.startswith("payment_intent.")]


def test_a_refund_is_pending_then_succeeds(merchant: Merchant) -> None:
    paid = merchant.paid(1000)
    asked = merchant.client.refunds.create(
        payment_intent=paid.id,
        amount=400,
        idempotency_key="r",
        metadata={"bill": "b-1"},
        reason="requested_by_customer",
    )
    assert (asked.status, asked.amount, asked.payment_intent) == ("pending", 400, paid.id)
    assert (asked.charge, asked.metadata) == (paid.latest_charge, {"bill": "b-1"})
    assert ends(merchant, asked.id).status == "succeeded"
    until(lambda: len(told(merchant)) == 3)
    assert told(merchant) == ["refund.created", "charge.refunded", "refund.updated"]


def test_a_wallet_payment_is_refunded_too(merchant: Merchant) -> None:
    waiting = merchant.awaiting(1000)
    with pytest.raises(InvalidRequest):
        refund(merchant, waiting.id, 1)
    merchant.sandbox.pay(waiting.id)
    merchant.reaches(waiting.id, "succeeded")
    assert ends(merchant, refund(merchant, waiting.id, 1000).id).status == "succeeded"


def test_not_more_than_came_in_one_or_in_parts(merchant: Merchant) -> None:
    paid = merchant.paid(1000)
    with pytest.raises(InvalidRequest) as over:
        refund(merchant, paid.id, 1001)
    assert (over.value.code, over.value.param) == ("amount_too_large", "amount")
    refund(merchant, paid.id, 999)
    with pytest.raises(InvalidRequest):
        refund(merchant, paid.id, 2)
    refund(merchant, paid.id, 1)
    with pytest.raises(InvalidRequest) as empty:
        refund(merchant, paid.id, 1)
    assert empty.value.code == "charge_already_refunded"


@pytest.mark.parametrize("_round", range(5))
def test_of_two_refunds_of_sixty_percent_at_once_exactly_one(merchant: Merchant, _round: int) -> None:
    paid = merchant.paid(1000)
    together = Barrier(2)

    def ask(key: str) -> str:
        together.wait(5)
        try:
            return refund(merchant, paid.id, 600, key).id
        except InvalidRequest as refused:
            return str(refused.code)

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(ask, ("r1", "r2")))
    assert answers.count("amount_too_large") == 1
    (given,) = [answer for answer in answers if answer != "amount_too_large"]
    assert ends(merchant, given).status == "succeeded"


def test_a_lost_answer_refunds_once(merchant: Merchant) -> None:
    paid = merchant.paid(1000)
    merchant.fault(drop=2)
    assert ends(merchant, refund(merchant, paid.id, 700, "r").id).status == "succeeded"
    assert refund(merchant, paid.id, 300).amount == 300


def test_a_failed_refund_is_told_and_may_be_asked_again(merchant: Merchant) -> None:
    paid = merchant.paid(1000)
    merchant.fault(refund_fail=1)
    failed = ends(merchant, refund(merchant, paid.id, 1000).id)
    assert (failed.status, failed.failure_reason) == ("failed", "declined")
    until(lambda: len(told(merchant)) == 3)
    assert told(merchant) == ["refund.created", "refund.failed", "refund.updated"]
    assert ends(merchant, refund(merchant, paid.id, 1000).id).status == "succeeded"
