"""Bills and payments as those see them whom they concern."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from app.core.errors import NotFound
from app.core.scope import Scope
from app.core.unit import Unit, unit
from app.edge.paging import Keyset, Page
from app.payments.ids import bill_id as public_bill_id
from app.payments.models import Bill, Payment
from app.payments.repository import payments_of
from app.payments.service.applying import action_place
from app.payments.service.bills import open_at_gateway

_OF_BILL = Keyset("bill_payments", (Payment.id,))


@dataclass(frozen=True)
class Shown:
    """A payment, what its payer must do, if anything, and whether its money is a surplus: the bill was paid by another
    payment, or canceled, so all of it goes back unasked.
    """

    payment: Payment
    bill: str
    next_action: dict[str, Any] | None
    surplus: bool

    @property
    def stopping(self) -> bool:
        """Whether the gateway is to end it and has not yet."""
        return self.payment.stopping and open_at_gateway(self.payment)

    @property
    def version(self) -> int:
        """The payment's."""
        return self.payment.version


@dataclass(frozen=True)
class BillShown:
    """A bill, how much of it was paid and went back, and what came beside and went back, in fen."""

    bill: Bill
    paid: int
    refunded: int
    surplus: int
    surplus_refunded: int

    @property
    def version(self) -> int:
        """The bill's, which grows with each refund too."""
        return self.bill.version


def payment_of(opened: Unit, payment_id: uuid.UUID, *, pays: bool) -> Shown:
    """A payment as the unit's scope may see it, with what the payer must do where the asker `pays`; raises NotFound."""
    payment = opened.get(Payment, payment_id)
    if payment is None:
        raise NotFound
    return _shown(opened, _bill(opened, payment.bill_id), payment, pays=pays)


def read_payment(scope: Scope, payment_id: uuid.UUID, *, pays: bool = False) -> Shown:
    """A payment in `scope`; `pays` as in `payment_of`. Raises NotFound."""
    with unit(scope) as reading:
        return payment_of(reading, payment_id, pays=pays)


def read_payments(scope: Scope, bill_id: uuid.UUID, asked: Mapping[str, Any], *, pays: bool) -> Page[Shown]:
    """The payments of a bill in `scope`, oldest first; `pays` as in `payment_of`. Raises NotFound."""
    with unit(scope) as reading:
        bill = _bill(reading, bill_id)
        page = _OF_BILL.page(reading, reading.select(Payment).where(Payment.bill_id == bill.id), asked)
        return Page([_shown(reading, bill, payment, pays=pays) for payment in page.data], page.next_cursor)


def read_bill(scope: Scope, bill_id: uuid.UUID) -> BillShown:
    """A bill in `scope`; raises NotFound."""
    with unit(scope) as reading:
        bill = _bill(reading, bill_id)
        payments = payments_of(reading, bill)
    paying = [payment for payment in payments if payment.id == bill.paid_by]
    others = [payment for payment in payments if payment.id != bill.paid_by]
    return BillShown(
        bill, paid=sum(one.paid for one in paying), refunded=sum(one.refunded for one in paying),
        surplus=sum(one.paid for one in others), surplus_refunded=sum(one.refunded for one in others),
    )  # fmt: skip


def _bill(opened: Unit, bill_id: uuid.UUID) -> Bill:
    bill = opened.get(Bill, bill_id)
    if bill is None:
        raise NotFound
    return bill


def _shown(opened: Unit, bill: Bill, payment: Payment, *, pays: bool) -> Shown:
    """What the payer must do only in a unit of theirs, because whoever has that address or code acts as the payer; and
    not where the payment is being ended: they should not pay any more.
    """
    theirs = pays and opened.scope.resident is not None and not payment.stopping
    sealed = payment.next_action if theirs else None
    action = orjson.loads(opened.cipher.open(sealed, action_place(payment))) if sealed else None
    surplus = payment.paid > 0 and bill.paid_by != payment.id
    return Shown(payment, str(public_bill_id(bill)), action, surplus)
