"""Bodies and answers around settlements and connections to schemes. Amounts in fen."""

from typing import Any

from marshmallow import Schema, fields, post_load, validate

from app.core.errors import NotFound
from app.core.ids import PublicId
from app.core.scope import Scope
from app.edge.schema import Fen, Input, PublicIdField, Text, Version
from app.payments.api import BILL_ID
from insurance.ids import claim_id, connection_id, coverage_of, settlement_id
from insurance.models import SchemeConnection
from insurance.names import COVERAGE_ID
from insurance.service.asking import Wish
from insurance.service.showing import Shown
from insurance.service.subjects import read_subject
from tenants.api import TENANT_ID

ID_LENGTH = 80
INSTITUTION = 60
LONGEST_URL = 500
LONGEST_SECRET = 500


def lines_of(one: Shown) -> list[dict[str, Any]]:
    """The lines with their split."""
    split = {line.sequence: line for line in one.content.split}
    return [
        {
            "sequence": item.sequence, "code": item.code, "name": item.name, "category": item.category,
            "quantity": item.quantity, "amount": item.amount, "fund": split[item.sequence].fund,
            "account": split[item.sequence].account, "cash": split[item.sequence].cash,
        }
        for item in one.content.items
    ]  # fmt: skip


def bill_of(one: Shown) -> str | None:
    """The bill by which the resident's part of a supply is paid."""
    if one.row.bill_id is None:
        return None
    return str(PublicId(BILL_ID, Scope.for_tenant(one.row.tenant_id), one.row.bill_id))


def _insurer(row: SchemeConnection) -> str:
    return str(PublicId(TENANT_ID, Scope.for_tenant(row.insurer), row.insurer_id))


class SubjectField(fields.Field[PublicId]):
    """The public id of a visit or a routing order."""

    default_error_messages = {"invalid": "Not the id of a visit or a routing order."}  # noqa: RUF012  # so declared by marshmallow

    def _deserialize(self, value: Any, attr: str | None, data: Any, **rest: Any) -> PublicId:
        if not isinstance(value, str) or len(value) > ID_LENGTH:
            raise self.make_error("invalid")
        try:
            return read_subject(value)
        except NotFound:
            raise self.make_error("invalid") from None


class SettlementIn(Input):
    """What is to be settled, and by which coverage; without one the resident bears all of a supply."""

    subject = SubjectField(required=True, metadata={"type": "string", "maxLength": ID_LENGTH})
    coverage = PublicIdField(COVERAGE_ID, load_default=None, allow_none=True)

    @post_load
    def _value(self, data: dict[str, Any], **rest: object) -> Wish:
        return Wish(**data)


class ConfirmationIn(Input):
    """What a public scheme asks of the person: the credential that they show once."""

    credential = fields.String(load_default=None, allow_none=True, validate=validate.Length(1, LONGEST_SECRET))


class SettlementLineOut(Schema):
    """One line, and who bears what of it as far as it is known."""

    sequence = fields.Integer()
    code = fields.String()
    name = fields.String()
    category = fields.String()
    quantity = fields.Integer()
    amount = Fen()
    fund = Fen()
    account = Fen()
    cash = Fen()


class SettlementClaimOut(Schema):
    """What became of the claim: `fund` and `account` are what the insurer bears, `returned` goes or went back."""

    id = fields.Function(lambda row: str(claim_id(row)))
    state = fields.String()
    outcome = fields.String(allow_none=True)
    fund = Fen()
    account = Fen()
    returned = Fen()


class SettlementOut(Schema):
    """Who bears what. `asked`, `committing` and `reversing` wait for the public scheme: read it again."""

    id = fields.Function(lambda one: str(settlement_id(one.row)))
    subject = fields.String(attribute="row.subject")
    kind = fields.String(attribute="row.kind")
    payer = fields.String(attribute="row.payer")
    coverage = fields.Function(lambda one: str(coverage_of(one.row)) if one.row.coverage else None)
    state = fields.String(attribute="row.state")
    reason = fields.String(attribute="row.reason", allow_none=True)
    total = Fen(attribute="row.total")
    fund = Fen(attribute="row.fund")
    fund_parts = fields.Dict(keys=fields.String(), values=fields.Integer(), attribute="row.fund_parts")
    account = Fen(attribute="row.account")
    cash = Fen(attribute="row.cash")
    to_pay = Fen()
    expected_return = Fen()
    lines = fields.Function(lambda one: SettlementLineOut(many=True).dump(lines_of(one)))
    bill = fields.Function(bill_of)
    refunded = fields.Function(lambda one: one.row.refunded_at is not None)
    claim = fields.Nested(SettlementClaimOut, allow_none=True)
    version = Version()


class SchemeConnectionIn(Input):
    """Where a public scheme is reached, as which institution, and with which key."""

    insurer = PublicIdField(TENANT_ID, required=True)
    url = Text(LONGEST_URL, required=True)
    institution = Text(INSTITUTION, required=True)
    key = fields.String(required=True, validate=validate.Length(16, LONGEST_SECRET))


class SchemeConnectionOut(Schema):
    """A connection to a scheme; its key is never shown."""

    id = fields.Function(lambda row: str(connection_id(row)))
    insurer = fields.Function(_insurer)
    url = fields.String()
    institution = fields.String()
    version = Version()
