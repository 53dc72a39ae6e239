"""Inviting staff, joining, changing roles, leaving, and acting for a tenant."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from app.core.calendar import local_date
from app.core.errors import Forbidden, InvalidInput, NotFound, WrongState
from app.core.ids import MalformedId, PublicId, new_id
from app.core.journal.record import record
from app.core.scope import Scope
from app.core.unit import Caller, Effect, Unit, run
from app.core.versions import expect_version
from app.identity.api import (
    Role,
    fingerprint,
    issue_staff_token,
    matches,
    new_secret,
    permissions_of,
    revoke_staff_tokens,
)
from tenants.models import License, Profile, Staff
from tenants.names import INVITATION_ID
from tenants.papers import of_rows
from tenants.rules import Kind, StaffState, TenantState, subjects
from tenants.service.membership import affiliate, staff_subject
from tenants.service.opening import profile_of
from tenants.staff_rules import CLINICAL, Registration, faults

INVITATION_LIFE = timedelta(days=7)


@dataclass(frozen=True)
class Member:
    """What a member of the staff shall be."""

    name: str
    roles: Sequence[Role]
    registration: Registration


@dataclass(frozen=True)
class Invited:
    """A fresh invitation and its token, shown this once."""

    member: Staff
    token: str


def invite(scope: Scope, wanted: Member, by: Caller, effect: Effect | None = None) -> Invited:
    """Invite somebody to the staff of `scope`; raises InvalidInput for roles that they may not have there."""

    def work(unit: Unit) -> Invited:
        _refuse_faulty(unit, profile_of(unit), wanted)
        secret, member_id = new_secret(), new_id()
        member = unit.add(
            Staff(
                id=member_id, name=wanted.name, state=StaffState.INVITED, invitation_hash=fingerprint(secret),
                invitation_until=unit.now + INVITATION_LIFE, version=1, created_at=unit.now, **_columns(wanted),
            )
        )  # fmt: skip
        record(unit, "staff.invited", staff_subject(member), 1, {"roles": list(wanted.roles)})
        return Invited(member, f"{PublicId(INVITATION_ID, scope, member_id)}.{secret}")

    return run(scope, work, by, effect=effect)


def join(person: uuid.UUID, token: str, by: Caller, effect: Effect | None = None) -> Staff:
    """Accept an invitation as `person`; raises NotFound for a token that is unknown, used or too old."""
    known, secret = _invitation(token)

    def work(unit: Unit) -> Staff:
        member = unit.get(Staff, known.id, lock=True)
        if not _fits(unit, member, secret):
            raise NotFound("the invitation is not valid", code="invitation_invalid")
        member = _joined(member, person)
        record(
            unit, "staff.joined", staff_subject(member), member.version, {"roles": list(member.roles)},
            [affiliate(unit, member, profile_of(unit))],
        )  # fmt: skip
        return member

    return run(known.scope, work, by, effect=effect)


def change(member_id: PublicId, version: int | None, wanted: Member, by: Caller, effect: Effect | None = None) -> Staff:
    """Give a member other roles or another registration; nobody gives clinical roles to themselves."""

    def work(unit: Unit) -> Staff:
        member = _active(unit, member_id)
        expect_version(member, version)
        gained = CLINICAL & (set(wanted.roles) - set(member.roles))
        if gained and by.actor == f"staff:{staff_subject(member)}":
            raise Forbidden("somebody else must give you a clinical role", code="own_clinical_role")
        profile = profile_of(unit)
        _refuse_faulty(unit, profile, wanted)
        for column, value in _columns(wanted).items():
            setattr(member, column, value)
        member.name = wanted.name
        return _changed(unit, member, "staff.changed", profile)

    return run(member_id.scope, work, by, effect=effect)


def end(member_id: PublicId, by: Caller, effect: Effect | None = None) -> Staff:
    """End an affiliation: every token of it is dead from this commit on."""

    def work(unit: Unit) -> Staff:
        member = _active(unit, member_id)
        if Role.TENANT_ADMINISTRATOR in member.roles and _is_last_administrator(unit, member):
            raise WrongState("a tenant keeps at least one administrator", code="last_administrator")
        member.state = StaffState.ENDED
        revoke_staff_tokens(unit, member.id)
        return _changed(unit, member, "staff.ended", profile_of(unit))

    return run(member_id.scope, work, by, effect=effect)


def act(person: uuid.UUID, member_id: PublicId) -> str:
    """An access token with which `person` acts as that member; raises NotFound where they are none."""
    with_scope = member_id.scope

    def work(unit: Unit) -> Staff:
        member = unit.get(Staff, member_id.id)
        if member is None or member.person_id != person or grants(unit, member.id) is None:
            raise NotFound
        return member

    member = run(with_scope, work)
    return issue_staff_token(with_scope, member.id, person)


def grants(unit: Unit, staff_id: uuid.UUID) -> frozenset[str] | None:
    """What a member may do at this moment; None when the affiliation ended or the tenant is suspended."""
    member = unit.get(Staff, staff_id)
    if member is None or member.state != StaffState.ACTIVE:
        return None
    profile = unit.first(unit.select(Profile))
    if profile is None or profile.state != TenantState.ACTIVE:
        return None
    return permissions_of(Role(role) for role in member.roles)


def _invitation(token: str) -> tuple[PublicId, str]:
    first, _, secret = token.partition(".")
    try:
        return PublicId.parse(first, INVITATION_ID), secret
    except MalformedId:
        raise NotFound("the invitation is not valid", code="invitation_invalid") from None


def _fits(unit: Unit, member: Staff | None, secret: str) -> bool:
    if member is None or member.state != StaffState.INVITED or member.invitation_hash is None:
        return False
    in_time = member.invitation_until is not None and unit.now < member.invitation_until
    return in_time and matches(secret, member.invitation_hash)


def _joined(member: Staff | None, person: uuid.UUID) -> Staff:
    if member is None:
        raise NotFound
    member.state, member.person_id = StaffState.ACTIVE, person
    member.invitation_hash = member.invitation_until = None
    member.version += 1
    return member


def _active(unit: Unit, member_id: PublicId) -> Staff:
    member = unit.get(Staff, member_id.id, lock=True)
    if member is None:
        raise NotFound
    if member.state != StaffState.ACTIVE:
        raise WrongState(f"the affiliation is {member.state}", code="affiliation_not_active")
    return member


def _is_last_administrator(unit: Unit, member: Staff) -> bool:
    # The profile's row is the lock under which administrators leave, so that two cannot leave at once.
    profile_of(unit, lock=True)
    others = unit.all(unit.select(Staff).where(Staff.state == StaffState.ACTIVE, Staff.id != member.id))
    return not any(Role.TENANT_ADMINISTRATOR in other.roles for other in others)


def _refuse_faulty(unit: Unit, profile: Profile, wanted: Member) -> None:
    papers = of_rows(unit.all(unit.select(License)))
    today = local_date(unit.now)
    found = tuple(faults(Kind(profile.kind), wanted.roles, wanted.registration, subjects(papers, today), today))
    if found:
        raise InvalidInput("these roles cannot be given here", faults=found)


def _changed(unit: Unit, member: Staff, happened: str, profile: Profile) -> Staff:
    member.version += 1
    facts = {"roles": list(member.roles), "state": member.state}
    record(unit, happened, staff_subject(member), member.version, facts, [affiliate(unit, member, profile)])
    return member


def _columns(wanted: Member) -> dict[str, object]:
    registration = wanted.registration
    return {
        "roles": [role.value for role in wanted.roles], "subjects": sorted(registration.subjects),
        "registration_number": registration.number, "registration_until": registration.until,
    }  # fmt: skip
