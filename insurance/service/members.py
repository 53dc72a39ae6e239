"""Whom an insurer covers: members are added by it, and ended by it together with their coverage."""

from dataclasses import dataclass, field
from datetime import date

from sqlalchemy.dialects.postgresql import insert

from app.core.calendar import local_date
from app.core.errors import Fault, InvalidInput, NotFound, WrongState
from app.core.ids import PublicId, new_id
from app.core.journal.record import record
from app.core.scope import Scope
from app.core.unit import Caller, Effect, Unit, run
from app.residents.api import parse_identity_card
from insurance.coverage_ids import member_public_id, plan_public_id
from insurance.models.coverages import Coverage, Member, Plan
from insurance.names import PLAN_ID
from insurance.rules.coverages import EndReason, MemberState, plain_number
from insurance.service.sealing import identity_digest, member_name, member_number, number_digest, seal_member
from insurance.service.telling import end_coverage


@dataclass(frozen=True)
class NewMember:
    """A member as the insurer knows them."""

    plan: PublicId
    member_number: str = field(repr=False)
    name: str = field(repr=False)
    identity_number: str = field(repr=False)
    valid_from: date
    valid_until: date | None


@dataclass(frozen=True)
class SeenMember:
    """A member as the insurer reads them."""

    id: PublicId
    plan: PublicId
    member_number: str = field(repr=False)
    name: str = field(repr=False)
    valid_from: date
    valid_until: date | None
    state: str
    reason: str | None
    version: int


@dataclass(frozen=True)
class Ending:
    """Why a membership ends, and which local date is the last covered one (None: today)."""

    reason: EndReason
    last_day: date | None


def add(insurer: Scope, wish: NewMember, by: Caller, effect: Effect | None = None) -> SeenMember:
    """Add a member; raises InvalidInput, and WrongState `member_number_taken`."""

    def work(opened: Unit) -> SeenMember:
        plan = _plan(opened, wish.plan)
        member = _new(opened, plan, wish, _identity(opened, wish))
        facts = {"plan": str(plan_public_id(plan)), "state": member.state}
        record(opened, "member.added", member_public_id(member), member.version, facts)
        return seen(opened, member)

    return run(insurer, work, by, effect=effect)


def end(known: PublicId, wish: Ending, by: Caller, effect: Effect | None = None) -> SeenMember:
    """End a membership and the coverage by it, which its person is told.

    Raises NotFound, InvalidInput for a last day that is still to come, and WrongState `member_ended`.
    """

    def work(opened: Unit) -> SeenMember:
        member = opened.get(Member, known.id, lock=True)
        if member is None:
            raise NotFound
        if member.state == MemberState.ENDED:
            raise WrongState("the membership has ended", code="member_ended")
        last = _last_day(member, wish, local_date(opened.now))
        member.state, member.reason, member.valid_until = MemberState.ENDED, wish.reason, last
        member.version += 1
        record(opened, "member.ended", known, member.version, {"reason": wish.reason.value})
        _end_coverage(opened, member)
        return seen(opened, member)

    return run(known.scope, work, by, effect=effect)


def seen(opened: Unit, member: Member) -> SeenMember:
    """`member` with name and number opened."""
    plan = PublicId(PLAN_ID, member_public_id(member).scope, member.plan_id)
    return SeenMember(
        member_public_id(member), plan, member_number(opened, member), member_name(opened, member),
        member.valid_from, member.valid_until, member.state, member.reason, member.version,
    )  # fmt: skip


def _plan(opened: Unit, known: PublicId) -> Plan:
    plan = opened.get(Plan, known.id) if known.scope.tenant == opened.scope.tenant else None
    if plan is None:
        raise _invalid("/plan", "unknown_plan", "There is no such plan.")
    return plan


def _identity(opened: Unit, wish: NewMember) -> str:
    """The identity number in its one form."""
    if wish.valid_until is not None and wish.valid_until < wish.valid_from:
        raise _invalid("/valid_until", "before_start", "The last day lies before the first.")
    try:
        return parse_identity_card(wish.identity_number, local_date(opened.now)).number
    except ValueError as error:
        raise _invalid("/identity_number", "number_form", str(error)) from None


def _new(opened: Unit, plan: Plan, wish: NewMember, identity: str) -> Member:
    id, tenant = new_id(), opened.scope.require_tenant()
    row = {
        "tenant_id": tenant, "id": id, "plan_id": plan.id, "state": MemberState.ACTIVE.value, "version": 1,
        "number": seal_member(opened, id, "number", plain_number(wish.member_number)),
        "number_digest": number_digest(opened, tenant, wish.member_number),
        "identity_digest": identity_digest(opened, tenant, identity),
        "name": seal_member(opened, id, "name", wish.name), "valid_from": wish.valid_from,
        "valid_until": wish.valid_until, "created_at": opened.now,
    }  # fmt: skip
    made = insert(Member).values(row).on_conflict_do_nothing().returning(Member)
    member = opened.session.scalars(made).one_or_none()
    if member is None:
        raise WrongState("another member has this number", code="member_number_taken")
    return member


def _last_day(member: Member, wish: Ending, today: date) -> date:
    last = wish.last_day or today
    if last > today:
        raise _invalid("/last_day", "still_to_come", "A membership ends today or earlier.")
    return last if member.valid_until is None else min(last, member.valid_until)


def _end_coverage(opened: Unit, member: Member) -> None:
    query = opened.select(Coverage).where(Coverage.member_id == member.id)
    coverage = opened.first(query.with_for_update())
    if coverage is not None and member.valid_until is not None and member.reason is not None:
        end_coverage(opened, coverage, member.valid_until, member.reason)


def _invalid(pointer: str, rule: str, detail: str) -> InvalidInput:
    return InvalidInput("this cannot be", faults=(Fault(pointer, rule, detail),))
