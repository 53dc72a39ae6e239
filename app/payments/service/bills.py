"""Opening a bill, ceasing to collect it, and what its payments make of it."""

import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from app.core.errors import NotFound
from app.core.ids import PublicId, new_id
from app.core.journal.record import Outgoing, record
from app.core.scope import Scope
from app.core.unit import Unit
from app.payments import ledger
from app.payments.gateway.forms import MAX_AMOUNT_FEN
from app.payments.ids import bill_id as public_id
from app.payments.ids import payment_id
from app.payments.models import Bill, Payment
from app.payments.names import BILL_CANCELED, BILL_PAID
from app.payments.repository import locked_bill, payments_of
from app.payments.rules.bills import BillState, canceling, payable
from app.payments.rules.payments import may_succeed

LARGEST = MAX_AMOUNT_FEN
"""What a gateway takes at once."""


@dataclass(frozen=True)
class BillLine:
    """One position of a bill: what it is, as code and as words, and its amount in fen."""

    code: str
    name: str
    amount: int


def open_bill(unit: Unit, *, payer: uuid.UUID, purpose: PublicId, lines: Sequence[BillLine]) -> Bill:
    """A bill for `purpose` that `payer` may pay from now on; raises ValueError unless it comes to 1 to `LARGEST` fen.

    Called inside the unit of whoever wants the money, also one that is narrowed to the payer.
    """
    total = sum(line.amount for line in lines)
    if not 0 < total <= LARGEST or any(line.amount < 0 for line in lines):
        raise ValueError("a bill comes to more than 0 fen, to what gateways take at most, and no line to less than 0")
    bill = unit.write(
        Bill(
            id=new_id(), resident_id=payer, purpose=str(purpose), lines=[asdict(line) for line in lines], total=total,
            state=BillState.OPEN, version=1, created_at=unit.now,
        )
    )  # fmt: skip
    record(unit, "bill.opened", public_id(bill), 1, {"purpose": bill.purpose, "total": total})
    return bill


def request_cancel(unit: Unit, bill_id: uuid.UUID) -> None:
    """Collect no more for a bill: no payment begins any more, and those that are open are ended at the gateway.

    Ends in exactly one relay: BILL_CANCELED as soon as no payment can succeed any more (at once where there is none),
    or BILL_PAID where one succeeded before the gateway confirmed its end; who asked then asks for a refund, or does
    not. Success after BILL_CANCELED goes back to the payer by itself. Repeating it, and asking for a bill that has
    ended, changes nothing. Raises NotFound.
    """
    bill = locked_bill(unit, bill_id)
    if bill is None:
        raise NotFound
    if not payable(bill.state):
        return
    payments = payments_of(unit, bill)
    stop(unit, payments)
    cease(unit, bill, payments)


def stop(unit: Unit, payments: Sequence[Payment]) -> None:
    """Have every payment that could still succeed ended at the gateway, from now on."""
    for payment in payments:
        if open_at_gateway(payment) and not payment.stopping:
            payment.stopping, payment.tries, payment.due_at = True, 0, unit.now


def cease(unit: Unit, bill: Bill, payments: Sequence[Payment]) -> None:
    """Move a bill that shall be canceled as far as its payments allow."""
    to = canceling(bill.state, [open_at_gateway(payment) for payment in payments])
    if to == bill.state:
        return
    bill.state = to
    bill.version += 1
    if to is BillState.CANCELED:
        news, known = [_news(bill, BILL_CANCELED)], public_id(bill)
        record(unit, BILL_CANCELED, known, bill.version, {"total": bill.total}, news, bill.resident_id)
    else:
        record(unit, "bill.canceling", public_id(bill), bill.version, {})


def pay(unit: Unit, bill: Bill, payment: Payment, others: Sequence[Payment]) -> None:
    """`payment` pays the bill; the others shall not any more."""
    bill.state, bill.paid_by = BillState.PAID, payment.id
    bill.version += 1
    ledger.bill_paid(unit, bill)
    record(
        unit, BILL_PAID, public_id(bill), bill.version, {"total": bill.total, "payment": str(payment_id(payment))},
        [_news(bill, BILL_PAID)], bill.resident_id,
    )  # fmt: skip
    stop(unit, others)


def open_at_gateway(payment: Payment) -> bool:
    """Whether this payment could still succeed."""
    return may_succeed(payment.state, at_gateway=payment.channel_id is not None)


def _news(bill: Bill, type: str) -> Outgoing:
    """What the slice that asked for the money hears, in the same tenant."""
    facts = {"bill": str(public_id(bill)), "purpose": bill.purpose, "amount": bill.total}
    return Outgoing(Scope.for_tenant(bill.tenant_id), type, facts)
