"""Giving money back: wished by somebody, or by itself where money came too late."""

import uuid
from dataclasses import dataclass

from app.core.errors import InvalidInput, NotFound, WrongState
from app.core.ids import PublicId, new_id
from app.core.journal.record import Facts, record
from app.core.unit import Caller, Effect, Unit, run
from app.payments import ledger
from app.payments.ids import payment_id, refund_id, refund_name
from app.payments.models import Bill, Payment, Refund
from app.payments.repository import locked_bill, locked_refund
from app.payments.rules.refunds import RefundState, follow_up

LATE = "late_success"
LONGEST_REASON = 200


def request_refund(unit: Unit, bill_id: uuid.UUID, amount: int, reason: str) -> PublicId:
    """Give `amount` fen of a paid bill back to its payer; returns the refund's public id.

    It goes back by the payment that paid. BILL_REFUNDED tells when it arrived; a refund that fails is tried again under
    the same id. Raises NotFound, InvalidInput for no amount, and WrongState `refund_exceeds_paid` for more than is
    paid and neither refunded nor on its way; what was given up counts as on its way.
    """
    bill = locked_bill(unit, bill_id)
    if bill is None:
        raise NotFound
    if amount <= 0:
        raise InvalidInput("a refund is more than 0 fen")
    payment = unit.get(Payment, bill.paid_by, lock=True) if bill.paid_by else None
    if payment is None:
        raise _exceeds_paid()
    _refuse_excess(payment, amount)
    refund = _begin(unit, payment, Wish(amount, reason[:LONGEST_REASON]))
    ledger.refund_granted(unit, bill, refund)
    return refund_name(refund)


@dataclass(frozen=True)
class Wish:
    """How much shall go back and why."""

    amount: int
    cause: str


def return_late(unit: Unit, payment: Payment) -> Refund:
    """Give a payment back that succeeded when its bill had ended."""
    return _begin(unit, payment, Wish(payment.amount, LATE))


def try_again(unit: Unit, payment: Payment, failed: Refund) -> Refund | None:
    """Another attempt for a refund that failed, some time later; None when it was tried often enough."""
    pause = follow_up(failed.attempt)
    if pause is None:
        return None
    again = _begin(unit, payment, Wish(failed.amount, failed.cause), after=failed)
    again.due_at = unit.now + pause
    return again


def retry(known: PublicId, by: Caller, effect: Effect | None = None) -> Refund:
    """Try once more a refund that was given up; returns the new attempt. Whoever waits for the money hears of it then.

    The former attempt is final at the gateway, and no other of the same wish is open: so that money never goes back
    twice. Raises NotFound, WrongState `refund_not_given_up`.
    """

    def work(opened: Unit) -> Refund:
        _, payment, failed = take_given_up(opened, known)
        failed.version += 1
        record(opened, "refund.retried", refund_id(failed), failed.version, {"attempt": failed.attempt})
        return _begin(opened, payment, Wish(failed.amount, failed.cause), after=failed)

    return run(known.scope, work, by, effect=effect)


def take_given_up(unit: Unit, known: PublicId) -> tuple[Bill, Payment, Refund]:
    """A refund that was given up and is not any more, with its payment and bill, all held until the unit ends.

    So of two who do something about it one comes too late. Raises NotFound, WrongState `refund_not_given_up`.
    """
    held = locked_refund(unit, known.id)
    if held is None:
        raise NotFound
    bill, payment, refund = held
    if refund.given_up_at is None:
        raise WrongState("only a refund that was given up waits for people", code="refund_not_given_up")
    refund.given_up_at = None
    payment.in_flight -= refund.amount
    return bill, payment, refund


def _refuse_excess(payment: Payment, amount: int) -> None:
    if amount > payment.paid - payment.refunded - payment.in_flight:
        raise _exceeds_paid()


def _exceeds_paid() -> WrongState:
    return WrongState("this is more than was paid and is not yet refunded", code="refund_exceeds_paid")


def _begin(unit: Unit, payment: Payment, wish: Wish, after: Refund | None = None) -> Refund:
    own = new_id()
    refund = unit.add(
        Refund(
            id=own, bill_id=payment.bill_id, payment_id=payment.id, resident_id=payment.resident_id,
            origin_id=after.origin_id if after else own, attempt=after.attempt + 1 if after else 1,
            told=after.told if after else False, cause=wish.cause, amount=wish.amount, state=RefundState.REQUESTED,
            tries=0, due_at=unit.now, version=1, created_at=unit.now,
        )
    )  # fmt: skip
    payment.in_flight += wish.amount
    facts: Facts = {"payment": str(payment_id(payment)), "amount": wish.amount, "attempt": refund.attempt}
    record(unit, "refund.requested", refund_id(refund), 1, facts)
    return refund
