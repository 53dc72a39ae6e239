"""The staff of a tenant: changing roles, leaving, and acting for the tenant."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from sqlalchemy import BindParameter, ColumnElement, Table, bindparam, false, func, or_, select
from sqlalchemy.dialects.postgresql import JSONB

from app.core.calendar import local_date
from app.core.errors import Forbidden, InvalidInput, NotFound, WrongState
from app.core.ids import PublicId
from app.core.journal.record import record
from app.core.ports import Granted
from app.core.questions import OWNER, Asks, Question
from app.core.scope import ScopeKind
from app.core.unit import Caller, Effect, Unit, run
from app.core.versions import expect_version
from app.identity.api import (
    NEED_SECOND_FACTOR,
    RevocationReason,
    Role,
    issue_staff_token,
    permissions_of,
    refuse_unproved,
    revoke_signing_key_of,
    revoke_staff_tokens,
)
from tenants.models import Profile, Staff
from tenants.rules import Kind, subjects
from tenants.service.clients import ask_review
from tenants.service.doctors import publish_doctor
from tenants.service.membership import affiliate, staff_subject
from tenants.service.profiles import MAY_ACT, may_act, papers_of, profile_of
from tenants.service.webhooks import disable_made_by
from tenants.staff_rules import CLINICAL, GIVEN_BY_OTHERS, Registration, acting, faults
from tenants.states import StaffState, TenantState

REGISTRATION = (
    "registration_number", "registration_until", "registration_authority", "home_institution", "subjects", "title",
)  # fmt: skip
"""What somebody else must say of a clinician."""
_OWNER: BindParameter[Any] = bindparam(OWNER)
_STAFF = cast(Table, Staff.__table__)
_ACTIVE = (_STAFF.c.tenant_id == _OWNER, _STAFF.c.state == StaffState.ACTIVE.value)
_GRANTED = Question(
    ScopeKind.TENANT,
    select(_STAFF.c.roles, _STAFF.c.registration_until).where(*_ACTIVE, _STAFF.c.id == bindparam("of_id"), MAY_ACT),
)
"""A member who may act."""
_MEMBER = select(func.jsonb_build_array(_STAFF.c.roles, _STAFF.c.registration_until, type_=JSONB)).where(*_ACTIVE)
"""What is asked of a member at every request of theirs."""
_ACTING = select(_STAFF.c.id, _STAFF.c.roles, _STAFF.c.registration_until).where(*_ACTIVE, MAY_ACT)
"""The same, all of them."""


@dataclass(frozen=True)
class Member:
    """What a member of the staff shall be."""

    name: str
    roles: Sequence[Role]
    registration: Registration
    title: str | None = None
    """The professional title (职称) under which a doctor is shown."""


def change(member_id: PublicId, version: int | None, wanted: Member, by: Caller, effect: Effect | None = None) -> Staff:
    """Give a member other roles or another registration.

    Raises NotFound, WrongState for one who left or is the last administrator, PreconditionFailed, InvalidInput for
    what this tenant cannot give, Forbidden where somebody would make themselves a clinician.
    """

    def work(unit: Unit) -> Staff:
        profile = profile_of(unit, lock=True)
        member = locked(unit, member_id)
        refuse_state(member, StaffState.ACTIVE)
        expect_version(member, version)
        if by.actor == f"staff:{staff_subject(member)}":
            _refuse_own(member, wanted)
        refuse_faulty(unit, profile, wanted)
        if Role.TENANT_ADMINISTRATOR not in wanted.roles:
            refuse_last_administrator(unit, member)
        if not NEED_SECOND_FACTOR.intersection(member.roles) and NEED_SECOND_FACTOR.intersection(wanted.roles):
            revoke_staff_tokens(unit, member.id)  # begun without a second factor, perhaps
        was_doctor = Role.DOCTOR in member.roles
        for column, value in columns(wanted).items():
            setattr(member, column, value)
        member.name = wanted.name
        return changed(unit, member, "staff.changed", profile, was_doctor=was_doctor)

    return run(member_id.scope, work, by, effect=effect)


def end(member_id: PublicId, by: Caller, effect: Effect | None = None) -> Staff:
    """End an affiliation: from this commit on every token of it is dead, its signing key is revoked, and endpoints made
    by it are disabled.

    Systems and apps that it registered go on, because the tenant works with them, and are listed for review. An open
    invitation is withdrawn.
    Raises NotFound, WrongState for one who left or is the last administrator.
    """

    def work(unit: Unit) -> Staff:
        profile = profile_of(unit, lock=True)
        member = locked(unit, member_id)
        if member.state == StaffState.INVITED:
            member.invitation_hash = member.invitation_until = None
        else:
            refuse_state(member, StaffState.ACTIVE, StaffState.SUSPENDED)
            refuse_last_administrator(unit, member)
        member.state = StaffState.ENDED
        revoke_staff_tokens(unit, member.id)
        revoke_signing_key_of(unit, member.id, RevocationReason.AFFILIATION_CHANGED)
        disable_made_by(unit, f"staff:{staff_subject(member)}")
        ask_review(unit, f"staff:{staff_subject(member)}")
        return changed(unit, member, "staff.ended", profile, was_doctor=Role.DOCTOR in member.roles)

    return run(member_id.scope, work, by, effect=effect)


def act(person: uuid.UUID, sign_in: uuid.UUID | None, member_id: PublicId, request_id: str = "") -> str:
    """An access token with which `person` acts as that member, as long as their own `sign_in` holds.

    Raises NotFound where they are none, Forbidden `tenant_suspended` while the tenant is, or where no sign-in of
    theirs asks; for roles that need one, SecondFactorRequired or Forbidden `second_factor_missing`. From a sign-in that
    they may have left, SecondFactorRequired or FreshSignInRequired.
    """
    if sign_in is None:
        raise Forbidden("only from a sign-in of their own does somebody begin to act as staff")

    def work(unit: Unit) -> Staff:
        member = unit.get(Staff, member_id.id)
        if member is None or member.person_id != person or member.state != StaffState.ACTIVE:
            raise NotFound
        profile = profile_of(unit)
        if profile.state == TenantState.SUSPENDED:
            raise Forbidden(f"the tenant is suspended: {profile.suspension_reason}", code="tenant_suspended")
        if not may_act(unit):
            raise Forbidden("the tenant that this one is a part of is suspended", code="tenant_suspended")
        return member

    member = run(member_id.scope, work)
    if NEED_SECOND_FACTOR.intersection(member.roles):
        refuse_unproved(person, sign_in)
    return issue_staff_token(member_id.scope, member.id, person, request_id, sign_in=sign_in)


def grants(reading: Asks, staff_id: uuid.UUID) -> frozenset[str] | None:
    """What a member may do at this moment; None when the affiliation ended or the tenant is suspended."""
    found = reading.ask(_GRANTED, {"of_id": staff_id})
    if found is None:
        return None
    roles, registration_until = found
    return permissions_of(_acting_as(roles, registration_until, reading))


class _Granted:
    """What a member may do at this moment, and as what: their own row's answer beside that of their token."""

    def asked(self, tokens: Table) -> ColumnElement[Any]:
        """Roles and registration of the active member whose token it is; whether the tenant may act is asked there."""
        theirs = (_STAFF.c.tenant_id == tokens.c.tenant_id, _STAFF.c.id == tokens.c.staff_id)
        return _MEMBER.where(*theirs).scalar_subquery()

    def told(self, reading: Asks, found: Any) -> Granted:
        """What those roles give now."""
        roles, until = found
        held = _acting_as(roles, date.fromisoformat(until) if until else None, reading)
        return Granted(permissions_of(held), tuple(sorted(held)))


granted = _Granted()
"""For the port of the core that asks for it."""


def _acting_as(roles: Sequence[str], registration_until: date | None, reading: Asks) -> frozenset[Role]:
    """Those of `roles` in which a member may act now; a clinical one rests while their registration has ended."""
    return acting(frozenset(map(Role, roles)), registration_until, local_date(reading.now))


def holders(unit: Unit, permission: str) -> frozenset[uuid.UUID]:
    """The members of the unit's tenant who have `permission` at this moment: as `grants` of each, in one statement."""
    giving = [role for role in sorted(Role) if permission in permissions_of((role,))]
    given = or_(false(), *(_STAFF.c.roles.contains([role]) for role in giving))
    rows, today = unit.execute(_ACTING.where(given), {OWNER: unit.scope.require_tenant()}), local_date(unit.now)
    return frozenset(id for id, roles, until in rows if acting(frozenset(map(Role, roles)), until, today) & set(giving))


def refuse_faulty(unit: Unit, profile: Profile, wanted: Member) -> None:
    """Raise InvalidInput, naming each rule, where the tenant cannot give what is `wanted`."""
    today = local_date(unit.now)
    site = subjects(papers_of(unit), today)
    found = tuple(faults(Kind(profile.kind), wanted.roles, wanted.registration, site, today))
    if found:
        raise InvalidInput("these roles cannot be given here", faults=found)


def columns(wanted: Member) -> dict[str, object]:
    """What is stored of a member beside the name."""
    registration = wanted.registration
    return {
        "roles": sorted({role.value for role in wanted.roles}), "subjects": sorted(set(registration.subjects)),
        "registration_number": registration.number, "registration_until": registration.until, "title": wanted.title,
        "registration_authority": registration.authority, "home_institution": registration.home,
    }  # fmt: skip


def locked(unit: Unit, member_id: PublicId) -> Staff:
    """The member, held until the unit ends; called under the lock of the profile. Raises NotFound."""
    member = unit.get(Staff, member_id.id, lock=True)
    if member is None:
        raise NotFound
    return member


def refuse_state(member: Staff, *wanted: StaffState) -> None:
    """Raise WrongState where the affiliation is in none of the `wanted` states."""
    if member.state not in wanted:
        code = "affiliation_not_active" if StaffState.ACTIVE in wanted else "affiliation_not_suspended"
        raise WrongState(f"the affiliation is {member.state}", code=code)


def _refuse_own(member: Staff, wanted: Member) -> None:
    """Nobody makes themselves a clinician, or says themselves as what and until when they are registered."""
    had, shall = GIVEN_BY_OTHERS & set(member.roles), GIVEN_BY_OTHERS & set(wanted.roles)
    stored = columns(wanted)
    moved = any(getattr(member, name) != stored[name] for name in REGISTRATION)
    if shall - had or (CLINICAL & shall and moved):
        raise Forbidden("somebody else must give you a clinical role", code="own_clinical_role")


def refuse_last_administrator(unit: Unit, member: Staff) -> None:
    """Raise WrongState where nobody else administers the tenant.

    Called under the lock of the profile, so that two cannot leave at once.
    """
    others = unit.all(unit.select(Staff).where(Staff.state == StaffState.ACTIVE, Staff.id != member.id))
    stays = any(Role.TENANT_ADMINISTRATOR in other.roles for other in others)
    if Role.TENANT_ADMINISTRATOR in member.roles and not stays:
        raise WrongState("a tenant keeps at least one administrator", code="last_administrator")


def changed(unit: Unit, member: Staff, happened: str, profile: Profile, *, was_doctor: bool) -> Staff:
    """Record that something `happened` to a member, and tell the person and the directory."""
    member.version += 1
    facts = {"roles": list(member.roles), "state": member.state}
    told = [affiliate(member, profile), *publish_doctor(member, was_doctor=was_doctor)] if member.person_id else []
    record(unit, happened, staff_subject(member), member.version, facts, told)
    return member
