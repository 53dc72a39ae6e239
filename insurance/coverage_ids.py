"""Public ids of plans, members and coverages, made from rows."""

from app.core.ids import PublicId
from app.core.scope import Scope
from insurance.models.coverages import Coverage, Member, PersonCoverage, Plan
from insurance.names import COVERAGE_ID, MEMBER_ID, PLAN_ID


def plan_public_id(plan: Plan) -> PublicId:
    """A plan's public id."""
    return PublicId(PLAN_ID, Scope.for_tenant(plan.tenant_id), plan.id)


def member_public_id(member: Member) -> PublicId:
    """A member's public id."""
    return PublicId(MEMBER_ID, Scope.for_tenant(member.tenant_id), member.id)


def coverage_public_id(row: Coverage | PersonCoverage) -> PublicId:
    """A coverage's public id, the same on both sides: it lies with the insurer."""
    tenant = row.tenant_id if isinstance(row, Coverage) else row.insurer
    return PublicId(COVERAGE_ID, Scope.for_tenant(tenant), row.id)
