"""All queries of the payments slice. Whoever changes anything about a bill locks the bill first."""

import uuid
from typing import Any

from sqlalchemy import or_, select

from app.core.unit import Unit
from app.payments.models import Bill, GatewayFact, MerchantAccount, Payment, Refund


def locked_bill(unit: Unit, bill_id: uuid.UUID) -> Bill | None:
    """The bill, held until the unit ends."""
    return unit.get(Bill, bill_id, lock=True)


def locked_payment(unit: Unit, payment_id: uuid.UUID) -> tuple[Bill, Payment] | None:
    """A payment and its bill as they are now, both held until the unit ends."""
    tenant = unit.scope.require_tenant()
    query = (
        select(Bill, Payment)
        .join(Payment, (Payment.tenant_id == Bill.tenant_id) & (Payment.bill_id == Bill.id))
        .where(Bill.tenant_id == tenant, Payment.tenant_id == tenant, Payment.id == payment_id)
    )
    held: tuple[Bill, Payment] | None = _one_locked(unit, query)
    return held


def locked_refund(unit: Unit, refund_id: uuid.UUID) -> tuple[Bill, Payment, Refund] | None:
    """A refund, its payment and its bill as they are now, all held until the unit ends."""
    tenant = unit.scope.require_tenant()
    query = (
        select(Bill, Payment, Refund)
        .join(Payment, (Payment.tenant_id == Bill.tenant_id) & (Payment.bill_id == Bill.id))
        .join(Refund, (Refund.tenant_id == Payment.tenant_id) & (Refund.payment_id == Payment.id))
        .where(Bill.tenant_id == tenant, Payment.tenant_id == tenant, Refund.tenant_id == tenant)
        .where(Refund.id == refund_id)
    )
    held: tuple[Bill, Payment, Refund] | None = _one_locked(unit, query)
    return held


def _one_locked(unit: Unit, query: Any) -> Any:
    # held in the order of the joins, the bill first; each row is read again when its lock was waited for
    found = unit.session.execute(query.with_for_update().execution_options(populate_existing=True)).first()
    return tuple(found) if found else None


def payments_of(unit: Unit, bill: Bill) -> list[Payment]:
    """Every payment of a bill that is held, oldest first."""
    query = unit.select(Payment).where(Payment.bill_id == bill.id).order_by(Payment.id)
    return unit.all(query.execution_options(populate_existing=True))


def payment_asked(unit: Unit, asked: str) -> Payment | None:
    """The payment that was asked for with this key before."""
    return unit.first(unit.select(Payment).where(Payment.asked == asked))


def payments_told(unit: Unit, account: uuid.UUID, channel_id: str, named: uuid.UUID | None) -> list[Payment]:
    """The payments that a gateway's word can be about: the one with its id, and the one that it names."""
    same = (Payment.account_id == account) & (Payment.channel_id == channel_id)
    return unit.all(unit.select(Payment).where(or_(same, Payment.id == named)).limit(2))


def refunds_told(unit: Unit, channel_id: str, named: uuid.UUID | None) -> list[Refund]:
    """The refunds that a gateway's word can be about."""
    return unit.all(unit.select(Refund).where(or_(Refund.channel_id == channel_id, Refund.id == named)).limit(2))


def newest_account(unit: Unit) -> MerchantAccount | None:
    """The merchant account that new payments go to."""
    return unit.first(
        unit.select(MerchantAccount).order_by(MerchantAccount.created_at.desc(), MerchantAccount.id.desc())
    )


def refused_before(unit: Unit, account: uuid.UUID, channel_id: str | None, state: str | None) -> bool:
    """Whether the same contradiction is kept already."""
    query = unit.select(GatewayFact).where(
        GatewayFact.account_id == account, GatewayFact.channel_id == channel_id, GatewayFact.state == state,
        GatewayFact.verdict == "refused",
    )  # fmt: skip
    return unit.first(query) is not None
