"""Payer and merchant at the same moment, and many at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from app.payments.gateway import InvalidRequest, Timeouts
from tests.payments.gateway.partner import Merchant, Sandbox, client_for

MANY = 200


@pytest.mark.parametrize("_round", range(10))
def test_cancel_and_success_at_once_have_one_winner(merchant: Merchant, _round: int) -> None:
    waiting = merchant.awaiting()
    together = Barrier(2)

    def cancel() -> bool:
        together.wait(5)
        try:
            merchant.client.payment_intents.cancel(waiting.id, idempotency_key="cancel")
        except InvalidRequest as refused:
            assert refused.code == "payment_intent_unexpected_state"
            return False
        return True

    def pay() -> bool:
        together.wait(5)
        return merchant.sandbox.pay(waiting.id).status_code == 200

    with ThreadPoolExecutor(2) as pool:
        cancelling, paying = pool.submit(cancel), pool.submit(pay)
        cancelled, paid = cancelling.result(), paying.result()
    assert cancelled != paid
    final = merchant.reaches(waiting.id, "canceled" if cancelled else "succeeded")
    assert final.amount_received == (0 if cancelled else final.amount)


def test_money_that_comes_late_comes_after_the_refused_cancel(merchant: Merchant) -> None:
    merchant.fault(late_success=0.5)
    waiting = merchant.awaiting()
    assert merchant.sandbox.pay(waiting.id).json()["status"] == "processing"

    with pytest.raises(InvalidRequest, match="payment_intent_unexpected_state"):
        merchant.client.payment_intents.cancel(waiting.id, idempotency_key="cancel")
    assert merchant.client.payment_intents.retrieve(waiting.id).amount_received == 0

    late = merchant.reaches(waiting.id, "succeeded")
    refund = merchant.client.refunds.create(payment_intent=late.id, amount=late.amount_received, idempotency_key="r")
    assert refund.status == "pending"


def test_two_payers_of_one_code_pay_once(merchant: Merchant) -> None:
    waiting = merchant.awaiting()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: merchant.sandbox.pay(waiting.id).status_code, range(8)))
    assert sorted(answers) == [200] + [400] * 7
    merchant.reaches(waiting.id, "succeeded")


def test_two_hundred_merchants_at_once(sandbox: Sandbox) -> None:
    keys = [sandbox.open_account() for _ in range(MANY)]
    together = Barrier(MANY)

    def pay(key: str) -> int:
        merchant = Merchant(sandbox, key, client_for(sandbox, key))
        patient = merchant.other_client(timeouts=Timeouts(connect=5, read=15, total=20))
        together.wait(10)
        intent = merchant.create(key="k", client=patient)
        paid = patient.payment_intents.confirm(intent.id, idempotency_key="c", payment_method="pm_card_visa")
        return paid.amount_received

    with ThreadPoolExecutor(MANY) as pool:
        assert list(pool.map(pay, keys)) == [1000] * MANY
