"""Bodies and answers around claims, cases and decisions. Amounts in fen."""

from typing import Any

from marshmallow import Schema, fields, post_load, validate

from app.core.ids import PublicId
from app.core.scope import Scope
from app.edge.paging import PageQuery
from app.edge.schema import Fen, IdOf, Input, Text, Version, Word
from insurance.ids import case_id, claim_id, claim_of_case, provider_of_case
from insurance.models import Claim, ClaimCase
from insurance.names import CASE_ID, CLAIM_ID, COVERAGE_ID, SETTLEMENT_ID
from insurance.rules.adjudication import LineDecision, Totals
from insurance.rules.claims import CaseState, ClaimKind, ClaimState, Outcome
from insurance.rules.settlements import Kind
from insurance.schemas.coverages import CODE, PolicyOut
from insurance.schemas.lines import ClaimLineOut
from insurance.service.cases import Decided
from tenants.api import TENANT_ID

REASON = 200
MOST_LINES = 200
MOST_SEQUENCE = 10**6


def _settlement(row: Claim) -> PublicId:
    return PublicId(SETTLEMENT_ID, Scope.for_tenant(row.tenant_id), row.settlement_id)


def _coverage(row: ClaimCase) -> PublicId:
    return PublicId(COVERAGE_ID, Scope.for_tenant(row.tenant_id), row.coverage_id)


class ClaimOut(Schema):
    """A claim at its provider, without what was supplied."""

    id = IdOf(CLAIM_ID, claim_id)
    settlement = IdOf(SETTLEMENT_ID, _settlement)
    kind = Word(ClaimKind)
    state = Word(ClaimState)
    reason = fields.String(allow_none=True)
    outcome = Word(Outcome, allow_none=True)
    service_date = fields.Date()
    billed = Fen()
    fund = Fen()
    account = Fen()
    cash = Fen()
    returned = Fen()
    claim_version = fields.Integer()
    version = Version()


class ClaimDetailOut(Schema):
    """A claim with what was supplied and why."""

    claim = fields.Nested(ClaimOut, attribute="row")
    diagnoses = fields.List(fields.String(), attribute="content.diagnoses")
    lines = fields.List(fields.Nested(ClaimLineOut), attribute="content.items")
    version = Version(attribute="row.version")


class ClaimsQuery(PageQuery):
    """In which state; every state where none is named."""

    state = fields.Enum(ClaimState, by_value=True, load_default=None)


class ClaimCasesQuery(PageQuery):
    """In which state; every state where none is named."""

    state = fields.Enum(CaseState, by_value=True, load_default=None)


class ClaimCaseOut(Schema):
    """A case at the insurer, without what was supplied."""

    id = IdOf(CASE_ID, case_id)
    state = Word(CaseState)
    claim = IdOf(CLAIM_ID, claim_of_case)
    claim_version = fields.Integer()
    provider = IdOf(TENANT_ID, provider_of_case)
    provider_name = fields.String()
    coverage = IdOf(COVERAGE_ID, _coverage)
    service_date = fields.Date()
    kind = Word(Kind)
    billed = Fen()
    fund = Fen()
    decision_seq = fields.Integer()
    version = Version()


class ClaimPlanOut(Schema):
    """By what the member is covered."""

    code = fields.String(attribute="plan_code")
    policy_version = fields.String(attribute="policy.policy_version")
    policy = fields.Nested(PolicyOut)


class UsedOut(Schema):
    """What is used up of the benefit year so far."""

    deductible = Fen()
    fund = Fen()


class LineDecisionOut(Schema):
    """Into which parts a line falls."""

    sequence = fields.Integer()
    fund = Fen()
    copay = Fen()
    deductible = Fen()
    pre_self = Fen()
    full_self = Fen()
    over_cap = Fen()
    reason = fields.String()


class DecisionTotalsOut(Schema):
    """The sums of a decision."""

    billed = Fen()
    fund = Fen()
    personal = Fen()


class DecisionOut(Schema):
    """What was decided; a scheme that settles at once tells `fund` and `account` alone, an insurer all the rest."""

    outcome = Word(Outcome)
    claim_version = fields.Integer(allow_none=True)
    decision_seq = fields.Integer(allow_none=True)
    policy_version = fields.String(allow_none=True)
    lines = fields.List(fields.Nested(LineDecisionOut), allow_none=True)
    totals = fields.Nested(DecisionTotalsOut, allow_none=True)
    fund = Fen(allow_none=True)
    account = Fen(allow_none=True)

    def get_attribute(self, obj: Any, attr: str, default: Any) -> Any:
        """What was told; null where it was not."""
        return super().get_attribute(obj, attr, None)


class ClaimCaseDetailOut(Schema):
    """A case with everything that a decision needs."""

    id = IdOf(CASE_ID, lambda one: case_id(one.row))
    state = Word(CaseState, attribute="row.state")
    claim = IdOf(CLAIM_ID, lambda one: claim_of_case(one.row))
    claim_version = fields.Integer(attribute="row.claim_version")
    provider = IdOf(TENANT_ID, lambda one: provider_of_case(one.row))
    provider_name = fields.String(attribute="row.provider_name")
    coverage = IdOf(COVERAGE_ID, lambda one: _coverage(one.row))
    service_date = fields.Date(attribute="row.service_date")
    kind = Word(Kind, attribute="row.kind")
    billed = Fen(attribute="row.billed")
    fund = Fen(attribute="row.fund")
    decision_seq = fields.Integer(attribute="row.decision_seq")
    version = Version(attribute="row.version")
    member_number = fields.String()
    diagnoses = fields.List(fields.String(), attribute="content.diagnoses")
    lines = fields.List(fields.Nested(ClaimLineOut), attribute="content.items")
    plan = fields.Nested(ClaimPlanOut)
    used = fields.Nested(UsedOut)
    decision = fields.Nested(DecisionOut, allow_none=True)


class LineDecisionIn(Input):
    """Into which parts a line falls; they sum to what was billed for it."""

    sequence = fields.Integer(required=True, strict=True, validate=validate.Range(0, MOST_SEQUENCE))
    fund = Fen(load_default=0)
    copay = Fen(load_default=0)
    deductible = Fen(load_default=0)
    pre_self = Fen(load_default=0)
    full_self = Fen(load_default=0)
    over_cap = Fen(load_default=0)
    reason = Text(REASON, load_default=None, allow_none=True)


class DecisionTotalsIn(Input):
    """The sums of the lines."""

    billed = Fen(required=True)
    fund = Fen(required=True)
    personal = Fen(required=True)


class DecisionIn(Input):
    """A decision about the claim in the version that was read; `decision_seq` begins with 1."""

    claim_version = Version(required=True)
    decision_seq = Version(required=True)
    policy_version = fields.String(required=True, validate=CODE)
    outcome = fields.Enum(Outcome, by_value=True, required=True)
    lines = fields.List(fields.Nested(LineDecisionIn), required=True, validate=validate.Length(1, MOST_LINES))
    totals = fields.Nested(DecisionTotalsIn, required=True)

    @post_load
    def _value(self, data: dict[str, Any], **rest: object) -> Decided:
        reasons = tuple(line.pop("reason") or "" for line in data["lines"])
        lines = tuple(LineDecision(**line) for line in data.pop("lines"))
        return Decided(**data | {"totals": Totals(**data["totals"])}, lines=lines, reasons=reasons)
