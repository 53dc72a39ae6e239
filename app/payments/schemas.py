"""Bodies and answers of bills, payments and merchant accounts. Amounts in fen."""

from typing import Any
from urllib.parse import urlsplit

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from app.core.money import CURRENCY
from app.edge.schema import Input, Instant, Text, Version
from app.payments.ids import account_id, bill_id, payment_id

METHODS = ("card", "alipay", "wechat_pay")


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
    """A payment; `next_action` while the payer must act, shown by GET again where a repeated answer leaves it out."""

    id = fields.Function(lambda shown: str(payment_id(shown.payment)))
    bill = fields.String()
    method = fields.String(attribute="payment.method")
    amount = fields.Integer(attribute="payment.amount")
    currency = fields.String(attribute="payment.currency")
    state = fields.String(attribute="payment.state")
    failure = fields.String(attribute="payment.failure", allow_none=True)
    next_action = fields.Nested(ActionOut, allow_none=True)
    version = Version()
    created_at = Instant(attribute="payment.created_at")


class LineOut(Schema):
    """One position of a bill."""

    code = fields.String()
    name = fields.String()
    amount = fields.Integer()


class BillOut(Schema):
    """A bill; `paid` and `refunded` by the payment that paid it."""

    id = fields.Function(lambda shown: str(bill_id(shown.bill)))
    purpose = fields.String(attribute="bill.purpose")
    lines = fields.List(fields.Nested(LineOut), attribute="bill.lines")
    total = fields.Integer(attribute="bill.total")
    currency = fields.Constant(CURRENCY)
    state = fields.String(attribute="bill.state")
    paid = fields.Integer()
    refunded = fields.Integer()
    version = Version()
    created_at = Instant(attribute="bill.created_at")


class SecretIn(Input):
    """What signs the gateway's webhooks."""

    webhook_secret = fields.String(required=True, validate=validate.Regexp(r"\A[!-~]{16,255}\Z"))


class AccountIn(SecretIn):
    """An account at a payment gateway."""

    url = Text(2000, required=True)
    api_key = fields.String(required=True, validate=validate.Regexp(r"\A[!-~]{8,255}\Z"))


class AccountOut(Schema):
    """A merchant account, without its secrets; the gateway sends its webhooks to `webhook_path`."""

    id = fields.Function(lambda row: str(account_id(row)))
    url = fields.String()
    webhook_path = fields.Function(lambda row: f"/api/v1/gateway-webhooks/{account_id(row)}")
    version = Version()
    created_at = Instant()


class HeardOut(Schema):
    """The webhook is kept."""

    received = fields.Boolean()
