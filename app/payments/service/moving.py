"""Moving a payment or a refund to another state, with everything that follows; called with the bill held."""

import structlog

from app.core.journal.record import Facts, Outgoing, record
from app.core.scope import Scope
from app.core.unit import Unit
from app.payments import ledger
from app.payments.ids import bill_id, payment_id, refund_id, refund_name
from app.payments.models import Bill, Payment, Refund
from app.payments.names import BILL_REFUNDED
from app.payments.repository import payments_of
from app.payments.rules.bills import BillState, pays
from app.payments.rules.payments import PaymentState
from app.payments.rules.refunds import RefundState, counted
from app.payments.service.bills import cease, pay
from app.payments.service.refunds import return_late, try_again
from app.payments.service.timing import reschedule_payment, reschedule_refund

log = structlog.get_logger()


def move_payment(unit: Unit, bill: Bill, payment: Payment, to: str, failure: str | None = None) -> None:
    """Note that a payment is in state `to` now, and let the bill follow."""
    payment.state, payment.failure = to, failure if to == PaymentState.FAILED else None
    payment.version += 1
    payment.tries = 0
    if to not in (PaymentState.CREATED, PaymentState.REQUIRES_ACTION):
        payment.next_action = None
    facts: Facts = {"bill": str(bill_id(bill)), "amount": payment.amount, "method": payment.method}
    record(unit, f"payment.{to}", payment_id(payment), payment.version, facts, whose=bill.resident_id)
    if to == PaymentState.SUCCEEDED:
        _received(unit, bill, payment)
    elif bill.state == BillState.CANCELING:
        cease(unit, bill, payments_of(unit, bill))
    reschedule_payment(unit, payment)


def _received(unit: Unit, bill: Bill, payment: Payment) -> None:
    payment.paid = payment.amount
    ledger.payment_received(unit, bill, payment)
    if pays(bill.state):
        pay(unit, bill, payment, [other for other in payments_of(unit, bill) if other.id != payment.id])
    else:
        return_late(unit, payment)


def move_refund(unit: Unit, bill: Bill, payment: Payment, refund: Refund, to: str, failure: str | None = None) -> None:
    """Note that a refund is in state `to` now: counters, ledger, whoever waits for it, and what follows a failure."""
    before = refund.state
    refunded, in_flight = counted(before, to, refund.amount)
    payment.refunded += refunded
    payment.in_flight += in_flight
    refund.state, refund.failure = to, failure if to == RefundState.FAILED else None
    refund.version += 1
    refund.tries = 0
    facts: Facts = {"payment": str(payment_id(payment)), "bill": str(bill_id(bill)), "amount": refund.amount}
    record(unit, f"refund.{to}", refund_id(refund), refund.version, facts, whose=bill.resident_id)
    if to == RefundState.SUCCEEDED:
        ledger.refund_paid(unit, bill, payment, refund)
        _tell(unit, bill, refund)
    elif to == RefundState.FAILED:
        _failed(unit, bill, payment, refund, was_paid=before == RefundState.SUCCEEDED)
    elif to == RefundState.PAID_OTHERWISE:
        ledger.refund_paid_otherwise(unit, bill, refund)
        _tell(unit, bill, refund)
    reschedule_refund(unit, refund)


def _failed(unit: Unit, bill: Bill, payment: Payment, refund: Refund, *, was_paid: bool) -> None:
    if was_paid:
        ledger.refund_returned(unit, bill, payment, refund)
        bill.version += 1
        record(unit, "bill.refund_returned", bill_id(bill), bill.version, {"amount": refund.amount})
    again = try_again(unit, payment, refund)
    if again is None:
        _give_up(unit, bill, payment, refund)
    log.error("refund_failed", refund=str(refund_id(refund)), scope=str(unit.scope), final=again is None)


def _give_up(unit: Unit, bill: Bill, payment: Payment, refund: Refund) -> None:
    """Leave it to people: what waits for this money waits until they have it tried anew or pay it otherwise."""
    refund.given_up_at = unit.now
    payment.in_flight += refund.amount
    refund.version += 1
    facts: Facts = {"bill": str(bill_id(bill)), "amount": refund.amount, "attempt": refund.attempt}
    record(unit, "refund.given_up", refund_id(refund), refund.version, facts, whose=bill.resident_id)


def _tell(unit: Unit, bill: Bill, refund: Refund) -> None:
    """Whoever asked for the money hears of the refund once, however many attempts it took."""
    bill.version += 1
    name = str(refund_name(refund))
    news = {"bill": str(bill_id(bill)), "purpose": bill.purpose, "amount": refund.amount, "refund": name}
    relays = [] if refund.told else [Outgoing(Scope.for_tenant(bill.tenant_id), BILL_REFUNDED, news)]
    refund.told = True
    record(unit, BILL_REFUNDED, bill_id(bill), bill.version, {"amount": refund.amount, "refund": name}, relays)
