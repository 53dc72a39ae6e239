"""Suspending a member of the staff for a while: an inquiry, a leave, a lost phone. Ending is for good, this is not."""

from app.core.ids import PublicId
from app.core.unit import Caller, Effect, Unit, run
from app.identity.api import Role, revoke_staff_tokens
from tenants.models import Profile, Staff
from tenants.service.profiles import profile_of
from tenants.service.staff import changed, locked, refuse_last_administrator, refuse_state
from tenants.states import StaffState


def suspend(member_id: PublicId, by: Caller, effect: Effect | None = None) -> Staff:
    """Suspend an affiliation: every token of it is dead from this commit on, and none is given.

    Raises NotFound, WrongState for one who is not active or is the last administrator.
    """

    def work(unit: Unit) -> Staff:
        profile, member = _held(unit, member_id, StaffState.ACTIVE)
        refuse_last_administrator(unit, member)
        member.state = StaffState.SUSPENDED
        revoke_staff_tokens(unit, member.id)
        return changed(unit, member, "staff.suspended", profile, was_doctor=Role.DOCTOR in member.roles)

    return run(member_id.scope, work, by, effect=effect)


def reinstate(member_id: PublicId, by: Caller, effect: Effect | None = None) -> Staff:
    """Let a suspended member act again; former tokens stay dead. Raises NotFound, WrongState."""

    def work(unit: Unit) -> Staff:
        profile, member = _held(unit, member_id, StaffState.SUSPENDED)
        member.state = StaffState.ACTIVE
        revoke_staff_tokens(unit, member.id)  # one that was under way while they were suspended
        return changed(unit, member, "staff.reinstated", profile, was_doctor=False)

    return run(member_id.scope, work, by, effect=effect)


def _held(unit: Unit, member_id: PublicId, wanted: StaffState) -> tuple[Profile, Staff]:
    profile = profile_of(unit, lock=True)
    member = locked(unit, member_id)
    refuse_state(member, wanted)
    return profile, member
