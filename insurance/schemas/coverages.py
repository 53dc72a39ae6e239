"""Bodies and answers around plans, members and coverages. Amounts in fen, shares in basis points (1/10000)."""

from typing import Any

from marshmallow import Schema, fields, post_load, validate

from app.core.ids import PublicId
from app.core.scope import Scope
from app.edge.paging import PageQuery
from app.edge.schema import Fen, IdOf, Input, Instant, PublicIdField, Text, Version, Word
from app.residents.api import masked
from insurance.coverage_ids import coverage_public_id, plan_public_id
from insurance.models.coverages import PersonCoverage
from insurance.names import COVERAGE_ID, MEMBER_ID, PLAN_ID
from insurance.rules.adjudication import WHOLE, Policy
from insurance.rules.coverages import EndReason, MemberState, PayerKind, Refusal, RequestState
from insurance.service.members import Ending, NewMember
from insurance.service.plans import NewPlan
from insurance.service.requesting import Membership
from tenants.api import TENANT_ID

NAME = 100
NUMBER = 60
"""Characters of a number with everything that people put between its parts."""
KINDS = ("visit", "medicine")
CATEGORIES = ("A", "B", "C")
CODE = validate.Regexp(r"\A[A-Za-z0-9.-]{1,40}\Z", error="Letters, digits, dots and hyphens.")


def _insurer(row: PersonCoverage) -> PublicId:
    return PublicId(TENANT_ID, Scope.for_tenant(row.insurer), row.insurer_id)


class BasisPoints(fields.Integer):
    """A share of the whole, in 1/10000."""

    def __init__(self, **options: Any) -> None:
        """Takes what every field takes."""
        super().__init__(strict=True, validate=validate.Range(0, WHOLE), **options)


class PolicyIn(Input):
    """What a plan pays. What is not named in a mapping is not covered at all."""

    policy_version = fields.String(required=True, validate=CODE)
    deductible = Fen(required=True)
    rate_bp = fields.Dict(
        keys=fields.String(validate=validate.OneOf(KINDS)), values=BasisPoints(), required=True,
        metadata={"description": "The fund's share by kind of supply"},
    )  # fmt: skip
    ceiling = Fen(required=True, allow_none=True)
    pre_self_bp = fields.Dict(
        keys=fields.String(validate=validate.OneOf(CATEGORIES)), values=BasisPoints(), required=True,
        metadata={"description": "The person's own share before anything, by insurance class"},
    )  # fmt: skip

    @post_load
    def _value(self, data: dict[str, Any], **rest: object) -> Policy:
        return Policy.read(data)


class PlanIn(Input):
    """A plan as the insurer describes it."""

    code = fields.String(required=True, validate=CODE)
    name = Text(NAME, required=True)
    payer_kind = fields.Enum(PayerKind, by_value=True, required=True)
    policy = fields.Nested(PolicyIn, required=True)

    @post_load
    def _value(self, data: dict[str, Any], **rest: object) -> NewPlan:
        return NewPlan(**data)


class PolicyOut(Schema):
    """What a plan pays."""

    policy_version = fields.String()
    deductible = Fen()
    rate_bp = fields.Dict(keys=fields.String(), values=fields.Integer())
    ceiling = Fen(allow_none=True)
    pre_self_bp = fields.Dict(keys=fields.String(), values=fields.Integer())


class PlanOut(Schema):
    """A plan."""

    id = IdOf(PLAN_ID, plan_public_id)
    code = fields.String()
    name = fields.String()
    payer_kind = Word(PayerKind)
    policy = fields.Nested(PolicyOut)
    version = Version()
    created_at = Instant()


class PlanMemberIn(Input):
    """Somebody whom the insurer covers; of the identity number only a digest is kept."""

    plan = PublicIdField(PLAN_ID, required=True)
    member_number = Text(NUMBER, required=True)
    name = Text(NAME, required=True)
    identity_number = Text(NUMBER, required=True)
    valid_from = fields.Date(required=True, format="%Y-%m-%d")
    valid_until = fields.Date(load_default=None, allow_none=True, format="%Y-%m-%d")

    @post_load
    def _value(self, data: dict[str, Any], **rest: object) -> NewMember:
        return NewMember(**data)


class PlanMemberOut(Schema):
    """A member as the insurer reads them."""

    id = PublicIdField(MEMBER_ID)
    plan = PublicIdField(PLAN_ID)
    member_number = fields.String()
    name = fields.String()
    valid_from = fields.Date()
    valid_until = fields.Date(allow_none=True, metadata={"description": "The last covered day, a local date"})
    state = Word(MemberState)
    reason = Word(EndReason, allow_none=True)
    version = Version()


class PlanMembersQuery(PageQuery):
    """Members of which plan; of every plan where none is named."""

    plan = PublicIdField(PLAN_ID, load_default=None)


class MembershipEndIn(Input):
    """Why a membership ends; the last covered day is today where none is named."""

    reason = fields.Enum(EndReason, by_value=True, required=True)
    last_day = fields.Date(load_default=None, allow_none=True, format="%Y-%m-%d")

    @post_load
    def _value(self, data: dict[str, Any], **rest: object) -> Ending:
        return Ending(**data)


class CoverageIn(Input):
    """As whose member the resident is covered."""

    insurer = PublicIdField(TENANT_ID, required=True)
    member_number = Text(NUMBER, required=True)

    @post_load
    def _value(self, data: dict[str, Any], **rest: object) -> Membership:
        return Membership(**data)


class OwnCoverageOut(Schema):
    """A coverage, or what came of asking for one, as its person reads it."""

    id = IdOf(COVERAGE_ID, lambda one: coverage_public_id(one.row))
    insurer = IdOf(TENANT_ID, lambda one: _insurer(one.row))
    insurer_name = fields.String(attribute="row.insurer_name")
    member_number = fields.Function(lambda one: masked(one.number), metadata={"type": "string"})
    plan_code = fields.String(attribute="row.plan_code", allow_none=True)
    plan_name = fields.String(attribute="row.plan_name", allow_none=True)
    payer_kind = Word(PayerKind, attribute="row.payer_kind", allow_none=True)
    policy = fields.Nested(PolicyOut, attribute="row.policy", allow_none=True)
    valid_from = fields.Date(attribute="row.valid_from", allow_none=True)
    valid_until = fields.Date(attribute="row.valid_until", allow_none=True)
    state = Word(RequestState, attribute="row.state")
    reason = Word((*Refusal, *EndReason), attribute="row.reason", allow_none=True)
    requested_at = Instant(attribute="row.requested_at")
    version = Version(attribute="row.version")
