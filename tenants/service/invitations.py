"""Inviting somebody to the staff, and accepting an invitation."""

import uuid
from dataclasses import dataclass, field
from datetime import timedelta

from app.core.errors import Forbidden, NotFound, WrongState
from app.core.ids import MalformedId, PublicId, new_id
from app.core.journal.record import record
from app.core.scope import Scope, ScopeKind
from app.core.unit import Caller, Effect, Unit, run
from app.identity.api import fingerprint, matches, new_secret
from tenants.models import Profile, Staff
from tenants.names import INVITATION_ID
from tenants.service.doctors import publish_doctor
from tenants.service.membership import affiliate, staff_subject
from tenants.service.profiles import profile_of
from tenants.service.staff import Member, columns, refuse_faulty
from tenants.staff_rules import GIVEN_BY_OTHERS
from tenants.states import BELONGING, StaffState, TenantState

INVITATION_LIFE = timedelta(days=7)


@dataclass(frozen=True)
class Invited:
    """A fresh invitation and its token, shown this once."""

    member: Staff
    token: str = field(repr=False)


def invite(scope: Scope, wanted: Member, by: Caller, effect: Effect | None = None) -> Invited:
    """Invite somebody to the staff of `scope`; raises InvalidInput for roles that they may not have there."""

    return run(scope, lambda unit: invite_in(unit, wanted), by, effect=effect)


def invite_in(unit: Unit, wanted: Member) -> Invited:
    """Invite somebody to the staff of the unit's tenant; raises as `invite`."""
    refuse_faulty(unit, profile_of(unit), wanted)
    secret, member_id = new_secret(), new_id()
    member = unit.add(
        Staff(
            id=member_id, name=wanted.name, state=StaffState.INVITED, invited_by=unit.by.actor,
            invitation_hash=fingerprint(secret), invitation_until=unit.now + INVITATION_LIFE, version=1,
            created_at=unit.now, **columns(wanted),
        )
    )  # fmt: skip
    record(unit, "staff.invited", staff_subject(member), 1, {"roles": list(member.roles)})
    return Invited(member, f"{PublicId(INVITATION_ID, unit.scope, member_id)}.{secret}")


def join(person: uuid.UUID, token: str, by: Caller, effect: Effect | None = None) -> Staff:
    """Accept an invitation as `person`.

    Raises NotFound for a token that is unknown, used, withdrawn or too old; WrongState where the person is on the
    staff already: other roles are then given by changing theirs; Forbidden where they invited themselves to a
    clinical role.
    """
    known, secret = _invitation(token)

    def work(unit: Unit) -> Staff:
        profile, member = _locked(unit, known)
        if not _fits(unit, member, secret):
            raise _invalid()
        if profile.state != TenantState.ACTIVE:
            raise WrongState("the tenant is suspended: nobody joins it now", code="tenant_suspended")
        _refuse_twice(unit, person, member)
        member.state, member.person_id = StaffState.ACTIVE, person
        member.invitation_hash = member.invitation_until = None
        member.version += 1
        facts, told = {"roles": list(member.roles)}, [affiliate(member, profile), *publish_doctor(member)]
        record(unit, "staff.joined", staff_subject(member), member.version, facts, told)
        return member

    return run(known.scope, work, by, effect=effect)


def _invitation(token: str) -> tuple[PublicId, str]:
    first, _, secret = token.partition(".")
    try:
        known = PublicId.parse(first, INVITATION_ID)
    except MalformedId:
        raise _invalid() from None
    if known.scope.kind is not ScopeKind.TENANT:
        raise _invalid()
    return known, secret


def _locked(unit: Unit, known: PublicId) -> tuple[Profile, Staff]:
    try:
        profile = profile_of(unit, lock=True)
    except NotFound:
        raise _invalid() from None
    member = unit.get(Staff, known.id, lock=True)
    if member is None:
        raise _invalid()
    return profile, member


def _invalid() -> NotFound:
    return NotFound("the invitation is not valid", code="invitation_invalid")


def _fits(unit: Unit, member: Staff, secret: str) -> bool:
    if member.state != StaffState.INVITED or member.invitation_hash is None or member.invitation_until is None:
        return False
    return unit.now < member.invitation_until and matches(secret, member.invitation_hash)


def _refuse_twice(unit: Unit, person: uuid.UUID, member: Staff) -> None:
    own = unit.all(unit.select(Staff).where(Staff.person_id == person))
    if any(one.state in BELONGING for one in own):
        raise WrongState("you are on this staff already", code="already_member")
    if GIVEN_BY_OTHERS & set(member.roles) and member.invited_by in {f"staff:{staff_subject(one)}" for one in own}:
        raise Forbidden("somebody else must give you a clinical role", code="own_clinical_role")
