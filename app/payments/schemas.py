"""Bodies and answers of bills, payments and merchant accounts. Amounts in fen."""

import uuid
from typing import Any
from urllib.parse import urlsplit

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from app.core.ids import PublicId
from app.core.money import CURRENCY
from app.core.scope import Scope
from app.edge.api import PREFIX
from app.edge.schema import Fen, IdOf, Input, Instant, PublicIdField, Text, Version, Word
from app.payments.ids import account_id, bill_id, payment_id, refund_id
from app.payments.models import MerchantAccount, Refund
from app.payments.names import ACCOUNT_CHANGE_ID, ACCOUNT_ID, BILL_ID, PAYMENT_ID, REFUND_ID
from app.payments.rules.bills import BillState
from app.payments.rules.payments import PaymentState
from app.payments.rules.refunds import OtherwiseReason, RefundState
from app.payments.service.otherwise import Transfer
from tenants.api import STAFF_ID, Proposal, ProposalState

METHODS = ("card", "alipay", "wechat_pay")
_PAYMENT_STATES = (
    "`created`: begun, not yet confirmed at the gateway. `unknown`: the gateway was asked and has not answered; it is "
    "asked again. `requires_action`: the payer follows `next_action`. `processing`: the gateway is taking the money. "
    "`failed`: this attempt did not pay, another may. `canceled`: ended unpaid. `succeeded`: the money is there."
)
_BILL_STATES = (
    "`open`: to be paid. `paid`. `canceling`: no payment begins any more, those under way are being ended at the "
    "gateway; one that was quicker still pays it. `canceled`: nobody can pay it any more."
)
_REFUND_STATES = (
    "`requested`: to be asked of the gateway. `unknown`: the gateway was asked and has not answered; it is asked "
    "again. `pending`: on its way. `succeeded`: paid out. `failed`: this attempt failed; another follows, until it is "
    "given up. `paid_otherwise`: the institution paid it past the gateway."
)


class PaymentIn(Input):
    """How to pay: a `card` by the name that the gateway gave it, a wallet that may need to know where to return to."""

    method = fields.String(required=True, validate=validate.OneOf(METHODS))
    card = fields.String(load_default=None, validate=validate.Regexp(r"\A[A-Za-z0-9_]{1,255}\Z"))
    return_url = Text(2000, load_default=None)

    @validates_schema
    def _fits(self, data: dict[str, Any], **_: Any) -> None:
        if (data["method"] == "card") != (data["card"] is not None):
            raise ValidationError("A card, and nothing else, is paid with the gateway's name for it.", "card")
        if data["method"] == "alipay" and data["return_url"] is None:
            raise ValidationError("Alipay returns to an address.", "return_url")
        if data["return_url"] is not None and not _is_web(data["return_url"]):
            raise ValidationError("Not an address of a web page.", "return_url")


def _is_web(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


class ActionOut(Schema):
    """What the payer must do: follow `redirect_url`, or scan `qr_data`."""

    kind = fields.String()
    redirect_url = fields.String(allow_none=True)
    qr_data = fields.String(allow_none=True)


class PaymentOut(Schema):
    """A payment; `next_action` while the payer must act, shown by GET again where a repeated answer leaves it out, and
    only to a payer, or who acts for one, with the permission `bills.pay`.

    One that is `stopping` is being ended at the gateway, and should not be paid any more. What was `paid` by it is a
    `surplus` where the bill had been paid otherwise, or canceled, before: giving all of it back begins unasked. Of what
    was paid, `returning` is on its way back, or waits for the institution where every attempt failed; `refunded` is
    back.
    """

    id = IdOf(PAYMENT_ID, lambda shown: payment_id(shown.payment))
    bill = PublicIdField(BILL_ID)
    method = Word(METHODS, attribute="payment.method")
    amount = Fen(attribute="payment.amount")
    currency = Word((CURRENCY,), attribute="payment.currency")
    state = Word(PaymentState, attribute="payment.state", metadata={"description": _PAYMENT_STATES})
    stopping = fields.Boolean()
    failure = fields.String(attribute="payment.failure", allow_none=True)
    next_action = fields.Nested(ActionOut, allow_none=True)
    paid = Fen(attribute="payment.paid")
    returning = Fen(attribute="payment.in_flight")
    refunded = Fen(attribute="payment.refunded")
    surplus = fields.Boolean()
    version = Version()
    created_at = Instant(attribute="payment.created_at")


class LineOut(Schema):
    """One position of a bill."""

    code = fields.String()
    name = fields.String()
    amount = Fen()


class BillOut(Schema):
    """A bill; `paid` and `refunded` by the payment that paid it.

    `surplus` is what other payments brought, after the bill was paid or canceled: giving it back, by the payments that
    brought it, begins unasked, and where every attempt fails it waits for the institution. `surplus_refunded` is what
    of it is back.
    """

    id = IdOf(BILL_ID, lambda shown: bill_id(shown.bill))
    purpose = fields.String(attribute="bill.purpose")
    lines = fields.List(fields.Nested(LineOut), attribute="bill.lines")
    total = Fen(attribute="bill.total")
    currency = fields.Constant(CURRENCY, metadata={"type": "string", "enum": [CURRENCY]})
    state = Word(BillState, attribute="bill.state", metadata={"description": _BILL_STATES})
    paid = Fen()
    refunded = Fen()
    surplus = Fen()
    surplus_refunded = Fen()
    version = Version()
    created_at = Instant(attribute="bill.created_at")


def _of_refund(prefix: str, row: Refund, id: uuid.UUID) -> PublicId:
    return PublicId(prefix, Scope.for_tenant(row.tenant_id), id)


class RefundOut(Schema):
    """One attempt to give money of a payment back: which attempt for its wish, and since when it is given up."""

    id = IdOf(REFUND_ID, refund_id)
    bill = IdOf(BILL_ID, lambda row: _of_refund(BILL_ID, row, row.bill_id))
    payment = IdOf(PAYMENT_ID, lambda row: _of_refund(PAYMENT_ID, row, row.payment_id))
    amount = Fen(required=True)
    cause = fields.String(required=True)
    attempt = fields.Integer(required=True)
    state = Word(RefundState, required=True, metadata={"description": _REFUND_STATES})
    failure = fields.String(required=True, allow_none=True)
    given_up_at = Instant(required=True, allow_none=True)
    otherwise_reason = Word(OtherwiseReason, required=True, allow_none=True)
    transfer_reference = fields.String(required=True, allow_none=True)
    version = Version(required=True)
    created_at = Instant(required=True)


class TransferIn(Input):
    """How a refund was paid past the gateway: why so, and its number in the institution's bank or cash book."""

    reason = fields.Enum(OtherwiseReason, by_value=True, required=True)
    reference = fields.String(required=True, validate=validate.Regexp(r"\A[A-Za-z0-9/_.-]{4,64}\Z"))

    @post_load
    def _value(self, data: dict[str, Any], **_: Any) -> Transfer:
        return Transfer(**data)


class SecretIn(Input):
    """What signs the gateway's webhooks."""

    webhook_secret = fields.String(required=True, validate=validate.Regexp(r"\A[!-~]{16,255}\Z"))


class AccountIn(SecretIn):
    """An account at a payment gateway."""

    url = Text(2000, required=True)
    api_key = fields.String(required=True, validate=validate.Regexp(r"\A[!-~]{8,255}\Z"))


def _webhook_path(row: MerchantAccount) -> str:
    return f"{PREFIX}/gateway-webhooks/{account_id(row)}"


class AccountOut(Schema):
    """A merchant account, without its secrets; the gateway sends its webhooks to `webhook_path`."""

    id = IdOf(ACCOUNT_ID, account_id)
    url = fields.String()
    webhook_path = fields.Function(_webhook_path, metadata={"type": "string"})
    version = Version()
    created_at = Instant()


def _opened(row: Proposal) -> PublicId | None:
    is_open = row.state == ProposalState.CONFIRMED
    return PublicId(ACCOUNT_ID, Scope.for_tenant(row.tenant_id), row.id) if is_open else None


def _member(row: Proposal, id: uuid.UUID | None) -> PublicId | None:
    return None if id is None else PublicId(STAFF_ID, Scope.for_tenant(row.tenant_id), id)


class AccountChangeOut(Schema):
    """A proposed merchant account without its secrets; `merchant_account` is the one that its confirmation opened."""

    id = IdOf(
        ACCOUNT_CHANGE_ID, lambda one: PublicId(ACCOUNT_CHANGE_ID, Scope.for_tenant(one.row.tenant_id), one.row.id)
    )
    url = fields.String(required=True)
    state = Word(ProposalState, required=True, attribute="row.state")
    merchant_account = IdOf(ACCOUNT_ID, lambda one: _opened(one.row), allow_none=True)
    proposed_by = IdOf(STAFF_ID, lambda one: _member(one.row, one.row.proposed_by))
    decided_by = IdOf(STAFF_ID, lambda one: _member(one.row, one.row.decided_by), allow_none=True)
    version = Version(required=True)
    created_at = Instant(required=True, attribute="row.created_at")
    decided_at = Instant(allow_none=True, required=True, attribute="row.decided_at")
    expires_at = Instant(allow_none=True, required=True, attribute="row.due_at")


class HeardOut(Schema):
    """The webhook is kept."""

    received = fields.Boolean()
