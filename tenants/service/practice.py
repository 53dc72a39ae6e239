"""Whether a doctor may practise here: asked at the moment of acting, of the papers as they are then."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import BindParameter, Date, Table, and_, bindparam, exists, or_, select

from app.core.errors import NotFound
from app.core.seeing import Seeing
from app.core.unit import Unit
from app.identity.api import Role
from tenants.home_consent_rules import ConsentState
from tenants.models import License, Staff
from tenants.papers import of_columns
from tenants.practice_models import HomeConsent
from tenants.rules import Capability, Paper, capabilities, subjects
from tenants.service.profiles import (
    PROFILES,
    STANDING,
    Standing,
    is_part,
    is_suspended,
    papers_published,
    whole_of,
)
from tenants.states import LicenseState, StaffState, TenantState

_SHOWN = Seeing(Staff, Staff.id == bindparam("of_staff"))


class PracticeRefusal(StrEnum):
    """Why a doctor may not practise."""

    NO_DOCTOR = "doctor_not_active"
    REGISTRATION_ENDED = "doctor_registration_ended"
    SUBJECT_NOT_REGISTERED = "doctor_subject_not_registered"
    LICENSE_ENDED = "site_license_ended"
    NOT_ONLINE = "site_not_licensed_online"
    TENANT_SUSPENDED = "tenant_suspended"
    NO_HOME_CONSENT = "home_consent_missing"


WORDS: Mapping[str, str] = {
    PracticeRefusal.NO_DOCTOR: "this is no doctor who works here now: the directory has those who do",
    PracticeRefusal.REGISTRATION_ENDED: "the doctor's registration here does not hold on that day",
    PracticeRefusal.SUBJECT_NOT_REGISTERED: (
        "the doctor is not registered in this subject here: the directory names the codes of a doctor's subjects"
    ),
    PracticeRefusal.LICENSE_ENDED: "no license of this site holds on that day in this subject",
    PracticeRefusal.NOT_ONLINE: "this site has no license to treat online that holds on that day",
    PracticeRefusal.TENANT_SUSPENDED: "this institution is suspended",
    PracticeRefusal.NO_HOME_CONSENT: "the doctor's home institution does not consent, or not for that day",
}
"""Each refusal in words: what stands against it."""


_OWNER: BindParameter[Any] = bindparam("owner")
_STAFF, _LICENSES, _CONSENTS = (cast(Table, model.__table__) for model in (Staff, License, HomeConsent))
_ON: BindParameter[Any] = bindparam("of_day", type_=Date())
_CONSENTED = exists().where(
    _CONSENTS.c.tenant_id == _OWNER, _CONSENTS.c.staff_id == bindparam("of_id"),
    or_(_CONSENTS.c.state == ConsentState.RECORDED, _CONSENTS.c.state == ConsentState.GIVEN),
    _STAFF.c.tenant_id == _OWNER, _CONSENTS.c.institution == _STAFF.c.home_institution,
    _CONSENTS.c.valid_from <= _ON, _CONSENTS.c.valid_until >= _ON,
)  # fmt: skip
"""Whether the home institution lets the member practise online here on the day, on paper or in its own word."""
_MEMBER = (
    _STAFF.c.state, _STAFF.c.roles, _STAFF.c.registration_until, _STAFF.c.subjects,
    or_(_STAFF.c.home_institution.is_(None), _CONSENTED),
)  # fmt: skip
_PAPER = (
    _LICENSES.c.kind, _LICENSES.c.number, _LICENSES.c.issuer, _LICENSES.c.subjects, _LICENSES.c.valid_until,
)  # fmt: skip
_FACTS = (
    select(*_MEMBER, *STANDING, *_PAPER)
    .select_from(_STAFF)
    .outerjoin(PROFILES, PROFILES.c.tenant_id == _OWNER)
    .outerjoin(_LICENSES, and_(_LICENSES.c.tenant_id == _OWNER, _LICENSES.c.state == LicenseState.VALID))
    .where(_STAFF.c.tenant_id == _OWNER, _STAFF.c.id == bindparam("of_id"))
)
"""A member, beside it the tenant's standing and one of its valid papers in each row."""
_MEMBER_ENDS, _STANDING_ENDS = len(_MEMBER), len(_MEMBER) + len(STANDING)


@dataclass(frozen=True)
class _Member:
    state: str
    roles: Sequence[str]
    registration_until: date | None
    subjects: Sequence[str]
    may_be_online: bool
    """Whether this site is where they are mainly registered, or the home institution consents."""


@dataclass(frozen=True)
class _Facts:
    member: _Member
    standing: Standing | None
    papers: Sequence[Paper]


def doctor_may_practise(unit: Unit, staff_id: uuid.UUID, subject: str, on: date) -> PracticeRefusal | None:
    """Why that member of the unit's tenant may not see residents in `subject` on the local date `on`; None if they may.

    One statement, and for a team one more about its clinic; works with a resident bound.
    Sources: 医师执业注册管理办法 (place, subject, term), 医疗机构管理条例 (a site treats in
    the subjects of its valid license).
    """
    return _refusal(unit, staff_id, subject, on)[0]


def doctor_may_practise_any(unit: Unit, staff_id: uuid.UUID, on: date) -> PracticeRefusal | None:
    """The same where no subject is asked for, as in an emergency: None where they may practise in one of theirs."""
    facts = _facts(unit, staff_id, on)
    subjects_of = facts.member.subjects if facts and facts.member.subjects else [""]
    against = [_against(unit, facts, subject, on) for subject in subjects_of]
    return None if None in against else against[0]


def doctor_may_visit_online(unit: Unit, staff_id: uuid.UUID, subject: str, on: date) -> PracticeRefusal | None:
    """The same for visits online, for which the site needs the papers of an Internet hospital besides, and a doctor who
    is mainly registered elsewhere the consent of that institution.

    Raises NotFound where there is no such member, or no such tenant: residents name both as they like.
    Sources: 互联网医院管理办法(试行) 2018, 互联网诊疗监管细则(试行) 2022.
    """
    against, facts = _refusal(unit, staff_id, subject, on)
    if facts is None:
        raise NotFound
    if against:
        return against
    if not facts.member.may_be_online:
        return PracticeRefusal.NO_HOME_CONSENT
    return None if Capability.VISIT_ONLINE in capabilities(facts.papers, on) else PracticeRefusal.NOT_ONLINE


def _refusal(unit: Unit, staff_id: uuid.UUID, subject: str, on: date) -> tuple[PracticeRefusal | None, _Facts | None]:
    facts = _facts(unit, staff_id, on)
    return _against(unit, facts, subject, on), facts


def _against(unit: Unit, facts: _Facts | None, subject: str, on: date) -> PracticeRefusal | None:
    if facts is None or facts.member.state != StaffState.ACTIVE or Role.DOCTOR not in facts.member.roles:
        return PracticeRefusal.NO_DOCTOR
    against = _refusal_of_member(facts.member, subject, on) or _refusal_of_site(facts, subject, on)
    return against or _refusal_of_whole(unit, facts, subject, on)


def _refusal_of_member(member: _Member, subject: str, on: date) -> PracticeRefusal | None:
    if member.registration_until is None or member.registration_until < on:
        return PracticeRefusal.REGISTRATION_ENDED
    return None if subject in member.subjects else PracticeRefusal.SUBJECT_NOT_REGISTERED


def _refusal_of_site(facts: _Facts, subject: str, on: date) -> PracticeRefusal | None:
    if facts.standing is None or facts.standing.state != TenantState.ACTIVE:
        return PracticeRefusal.TENANT_SUSPENDED
    return _refusal_of_papers(facts.papers, subject, on)


def _refusal_of_whole(unit: Unit, facts: _Facts, subject: str, on: date) -> PracticeRefusal | None:
    """A team treats as long as its clinic may: 医疗机构管理条例, its license is the institution's."""
    if facts.standing is None or not is_part(facts.standing):
        return None
    clinic = whole_of(unit, facts.standing)
    if clinic is None or is_suspended(clinic):
        return PracticeRefusal.TENANT_SUSPENDED
    return _refusal_of_papers(papers_published(clinic), subject, on)


def _refusal_of_papers(papers: Sequence[Paper], subject: str, on: date) -> PracticeRefusal | None:
    if Capability.SEE_IN_PERSON not in capabilities(papers, on) or subject not in subjects(papers, on):
        return PracticeRefusal.LICENSE_ENDED
    return None


def name_of(unit: Unit, staff_id: uuid.UUID) -> str:
    """The name under which that member of the staff is shown; empty where there is none."""
    member = _SHOWN.first(unit, of_staff=staff_id)
    return member.name if member else ""


def same_person(unit: Unit, one: uuid.UUID, other: uuid.UUID) -> bool:
    """Whether two affiliations with the unit's tenant are one person's, who may have left and joined again between."""
    found = unit.all(unit.select(Staff).where(Staff.id.in_((one, other))))
    return one == other or len({member.person_id for member in found}) < len(found)


def person_behind(unit: Unit, staff_id: uuid.UUID) -> uuid.UUID | None:
    """Who an affiliation with the unit's tenant is; None where there is no such."""
    member = unit.get(Staff, staff_id)
    return member.person_id if member else None


def somebody_as(unit: Unit, role: Role, besides: uuid.UUID) -> bool:
    """Whether an active member of the unit's tenant has `role`, another one than `besides`."""
    active = (Staff.state == StaffState.ACTIVE, Staff.roles.contains([role]), Staff.id != besides)
    return unit.first(unit.select(Staff).where(*active).limit(1)) is not None


def _facts(unit: Unit, staff_id: uuid.UUID, on: date) -> _Facts | None:
    rows = unit.execute(_FACTS, {"owner": unit.scope.require_tenant(), "of_id": staff_id, "of_day": on}).all()
    if not rows:
        return None
    member, standing = rows[0][:_MEMBER_ENDS], rows[0][_MEMBER_ENDS:_STANDING_ENDS]
    papers = [of_columns(*row[_STANDING_ENDS:]) for row in rows if row[_STANDING_ENDS] is not None]
    return _Facts(_Member(*member), Standing(*standing) if standing[0] else None, papers)
