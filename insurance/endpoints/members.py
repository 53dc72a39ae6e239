"""What an insurer does: its plans, and whom it covers by them."""

from typing import Any

from flask_smorest import Blueprint

from app.edge.endpoint import Call, endpoint
from app.edge.paging import Page, PageQuery, page_of
from app.edge.paths import own_id
from insurance.models.coverages import Plan
from insurance.names import MEMBER_ID
from insurance.queries import coverages as queries
from insurance.schemas.coverages import MembershipEndIn, PlanIn, PlanMemberIn, PlanMemberOut, PlanMembersQuery, PlanOut
from insurance.service import members, plans

blueprint = Blueprint("insurers", __name__, description="Insurers, their plans and members")


@endpoint(blueprint, "POST", "/plans", permission="plans.manage", body=PlanIn, answer=PlanOut, status=201)
def make_plan(call: Call, body: plans.NewPlan) -> Plan:
    """Make a plan. It never changes: other terms are another plan."""
    return plans.make(call.principal.scope, body, call.by, call.effect)


@endpoint(blueprint, "GET", "/plans", permission="plans.manage", query=PageQuery, answer=page_of(PlanOut))
def list_plans(call: Call, query: dict[str, Any]) -> Page[Plan]:
    """The insurer's plans, oldest first."""
    return queries.plans_of(call.principal.scope, query)


@endpoint(
    blueprint, "POST", "/members", permission="members.manage", body=PlanMemberIn, answer=PlanMemberOut, status=201
)
def add_member(call: Call, body: members.NewMember) -> members.SeenMember:
    """Add a member: who is verified by this name and identity number may be covered under the member number."""
    return members.add(call.principal.scope, body, call.by, call.effect)


@endpoint(
    blueprint, "GET", "/members", permission="members.manage", query=PlanMembersQuery, answer=page_of(PlanMemberOut)
)
def list_members(call: Call, query: dict[str, Any]) -> Page[members.SeenMember]:
    """The insurer's members, oldest first."""
    return queries.members_of(call.principal.scope, query)


@endpoint(
    blueprint, "POST", "/members/<member_id>/ending",
    permission="members.manage", body=MembershipEndIn, answer=PlanMemberOut,
)  # fmt: skip
def end_member(call: Call, body: members.Ending, member_id: str) -> members.SeenMember:
    """End a membership, and the coverage by it; what was supplied up to its last day stays covered."""
    return members.end(own_id(member_id, MEMBER_ID, call.principal.scope), body, call.by, call.effect)
