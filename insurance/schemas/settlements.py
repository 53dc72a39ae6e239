"""Bodies and answers around settlements and connections to schemes. Amounts in fen."""

from typing import Any

from marshmallow import Schema, fields, post_load, validate

from app.core.errors import NotFound
from app.core.ids import PublicId
from app.core.scope import Scope
from app.edge.schema import YES_OR_NO, Fen, IdOf, Input, PublicIdField, Text, Version, Word
from app.payments.api import BILL_ID
from app.visits.api import VISIT_ID
from insurance.ids import claim_id, connection_id, coverage_of, settlement_id
from insurance.models import SchemeConnection
from insurance.names import CLAIM_ID, COVERAGE_ID, SCHEME_ID, SETTLEMENT_ID
from insurance.rules.claims import ClaimState, Outcome
from insurance.rules.settlements import Kind, Payer, State
from insurance.schemas.lines import SettlementLineOut
from insurance.service.asking import Wish
from insurance.service.showing import Shown
from insurance.service.subjects import read_subject
from prescriptions.api import ORDER_ID
from tenants.api import TENANT_ID

ID_LENGTH = 80
INSTITUTION = 60
LONGEST_URL = 500
LONGEST_SECRET = 500


def _lines(one: Shown) -> list[dict[str, Any]]:
    split = {line.sequence: line for line in one.content.split}
    return [
        {
            "sequence": item.sequence, "code": item.code, "name": item.name, "category": item.category,
            "quantity": item.quantity, "amount": item.amount, "fund": split[item.sequence].fund,
            "account": split[item.sequence].account, "cash": split[item.sequence].cash,
        }
        for item in one.content.items
    ]  # fmt: skip


def _bill(one: Shown) -> PublicId | None:
    if one.row.bill_id is None:
        return None
    return PublicId(BILL_ID, Scope.for_tenant(one.row.tenant_id), one.row.bill_id)


def _insurer(row: SchemeConnection) -> PublicId:
    return PublicId(TENANT_ID, Scope.for_tenant(row.insurer), row.insurer_id)


SUBJECT = f"^({VISIT_ID}|{ORDER_ID})_[0-9a-v]+$"


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

    subject = SubjectField(required=True, metadata={"type": "string", "maxLength": ID_LENGTH, "pattern": SUBJECT})
    coverage = PublicIdField(COVERAGE_ID, load_default=None, allow_none=True)

    @post_load
    def _value(self, data: dict[str, Any], **rest: object) -> Wish:
        return Wish(**data)


class ConfirmationIn(Input):
    """What a public scheme asks of the person: the credential that they show once."""

    credential = fields.String(load_default=None, allow_none=True, validate=validate.Length(1, LONGEST_SECRET))


class SettlementClaimOut(Schema):
    """What became of the claim for it.

    `fund` and `account` are what the insurer bears: 0 until a commercial insurer has decided. Of what was prepaid,
    `returned` goes back to the resident; it is there once the claim is `settled`.
    """

    id = IdOf(CLAIM_ID, claim_id)
    state = Word(ClaimState)
    outcome = Word(Outcome, allow_none=True)
    fund = Fen()
    account = Fen()
    returned = Fen()


class SettlementOut(Schema):
    """Who bears what. `asked`, `committing` and `reversing` wait for the public scheme: read it again.

    `fund`, `account` and `cash`, and the same of each line, are the split by which it was confirmed, and never change
    afterwards: what a public scheme settled, or, alone or with a commercial insurer, all of it as `cash`. A commercial
    insurer decides later: what it bears stands in `claim` then, and `expected_return` is what it probably will be.
    `to_pay` is what is paid at confirmation; a visit was paid before. `refunded`: the settlement ended without being
    committed, or was undone, and what was paid for it is back; what an insurer bears goes back by the claim
    (`claim.returned`) instead.
    """

    id = IdOf(SETTLEMENT_ID, lambda one: settlement_id(one.row))
    subject = fields.String(attribute="row.subject", metadata={"pattern": SUBJECT})
    kind = Word(Kind, attribute="row.kind")
    payer = Word(Payer, attribute="row.payer")
    coverage = IdOf(COVERAGE_ID, lambda one: coverage_of(one.row), allow_none=True)
    state = Word(State, attribute="row.state")
    reason = fields.String(attribute="row.reason", allow_none=True)
    total = Fen(attribute="row.total")
    fund = Fen(attribute="row.fund")
    fund_parts = fields.Dict(keys=fields.String(), values=fields.Integer(), attribute="row.fund_parts")
    account = Fen(attribute="row.account")
    cash = Fen(attribute="row.cash")
    to_pay = Fen()
    expected_return = Fen()
    lines = fields.List(fields.Nested(SettlementLineOut))
    bill = IdOf(BILL_ID, _bill, allow_none=True)
    refunded = fields.Function(lambda one: one.row.refunded_at is not None, metadata=YES_OR_NO)
    claim = fields.Nested(SettlementClaimOut, allow_none=True)
    version = Version()

    def get_attribute(self, obj: Any, attr: str, default: Any) -> Any:
        """Where a field stands in what is shown; the lines are put together with their split."""
        return _lines(obj) if attr == "lines" else super().get_attribute(obj, attr, default)


class SchemeReachIn(Input):
    """Where a public scheme is reached from now on, and with which key."""

    url = Text(LONGEST_URL, required=True)
    key = fields.String(required=True, validate=validate.Length(16, LONGEST_SECRET))


class SchemeConnectionIn(SchemeReachIn):
    """Which public scheme, as which institution the tenant is known there, and how it is reached."""

    insurer = PublicIdField(TENANT_ID, required=True)
    institution = Text(INSTITUTION, required=True)


class SchemeConnectionOut(Schema):
    """A connection to a scheme; its key is never shown."""

    id = IdOf(SCHEME_ID, connection_id)
    insurer = IdOf(TENANT_ID, _insurer)
    url = fields.String()
    institution = fields.String()
    version = Version()
