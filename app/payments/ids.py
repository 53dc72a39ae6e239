"""The public ids of this slice's rows."""

from app.core.ids import PublicId
from app.core.scope import Scope
from app.payments.models import Bill, MerchantAccount, Payment, Refund
from app.payments.names import ACCOUNT_ID, BILL_ID, PAYMENT_ID, REFUND_ID


def account_id(account: MerchantAccount) -> PublicId:
    """A merchant account's public id."""
    return PublicId(ACCOUNT_ID, Scope.for_tenant(account.tenant_id), account.id)


def bill_id(bill: Bill) -> PublicId:
    """A bill's public id."""
    return PublicId(BILL_ID, Scope.for_tenant(bill.tenant_id), bill.id)


def payment_id(payment: Payment) -> PublicId:
    """A payment's public id."""
    return PublicId(PAYMENT_ID, Scope.for_tenant(payment.tenant_id), payment.id)


def refund_id(refund: Refund) -> PublicId:
    """The public id of one refund at the gateway."""
    return PublicId(REFUND_ID, Scope.for_tenant(refund.tenant_id), refund.id)


def refund_name(refund: Refund) -> PublicId:
    """The public id of a wished refund, the same for every row that follows a failed one."""
    return PublicId(REFUND_ID, Scope.for_tenant(refund.tenant_id), refund.origin_id)
