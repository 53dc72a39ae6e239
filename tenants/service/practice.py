"""Whether a doctor may practise here: asked at the moment of acting, of the papers as they are then."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import and_, select

from app.core.unit import Unit
from app.identity.api import Role
from tenants.models import License, Profile, Staff
from tenants.papers import of_row
from tenants.rules import Capability, Paper, capabilities, subjects
from tenants.service.profiles import is_part, is_suspended, papers_published, whole_of
from tenants.states import LicenseState, StaffState, TenantState


class PracticeRefusal(StrEnum):
    """Why a doctor may not practise."""

    NO_DOCTOR = "doctor_not_active"
    REGISTRATION_ENDED = "doctor_registration_ended"
    SUBJECT_NOT_REGISTERED = "doctor_subject_not_registered"
    LICENSE_ENDED = "site_license_ended"
    NOT_ONLINE = "site_not_licensed_online"
    TENANT_SUSPENDED = "tenant_suspended"


@dataclass(frozen=True)
class _Facts:
    member: Staff
    profile: Profile | None
    papers: Sequence[License]


def doctor_may_practise(unit: Unit, staff_id: uuid.UUID, subject: str, on: date) -> PracticeRefusal | None:
    """Why that member of the unit's tenant may not see residents in `subject` on the local date `on`; None if they may.

    One statement, and for a team one more about its clinic; works with a resident bound.
    Sources: 医师执业注册管理办法 (place, subject, term), 医疗机构管理条例 (a site treats in
    the subjects of its valid license).
    """
    return _refusal(unit, staff_id, subject, on)[0]


def doctor_may_visit_online(unit: Unit, staff_id: uuid.UUID, subject: str, on: date) -> PracticeRefusal | None:
    """The same for visits online, for which the site needs the papers of an Internet hospital besides.

    Source: 互联网医院管理办法(试行) 2018.
    """
    against, facts = _refusal(unit, staff_id, subject, on)
    if against or facts is None:
        return against
    papers = [of_row(row) for row in facts.papers]
    return None if Capability.VISIT_ONLINE in capabilities(papers, on) else PracticeRefusal.NOT_ONLINE


def _refusal(unit: Unit, staff_id: uuid.UUID, subject: str, on: date) -> tuple[PracticeRefusal | None, _Facts | None]:
    facts = _facts(unit, staff_id)
    if facts is None or facts.member.state != StaffState.ACTIVE or Role.DOCTOR not in facts.member.roles:
        return PracticeRefusal.NO_DOCTOR, facts
    against = _refusal_of_member(facts.member, subject, on) or _refusal_of_site(facts, subject, on)
    return against or _refusal_of_whole(unit, facts, subject, on), facts


def _refusal_of_member(member: Staff, subject: str, on: date) -> PracticeRefusal | None:
    if member.registration_until is None or member.registration_until < on:
        return PracticeRefusal.REGISTRATION_ENDED
    return None if subject in member.subjects else PracticeRefusal.SUBJECT_NOT_REGISTERED


def _refusal_of_site(facts: _Facts, subject: str, on: date) -> PracticeRefusal | None:
    if facts.profile is None or facts.profile.state != TenantState.ACTIVE:
        return PracticeRefusal.TENANT_SUSPENDED
    return _refusal_of_papers([of_row(row) for row in facts.papers], subject, on)


def _refusal_of_whole(unit: Unit, facts: _Facts, subject: str, on: date) -> PracticeRefusal | None:
    """A team treats as long as its clinic may: 医疗机构管理条例, its license is the institution's."""
    if facts.profile is None or not is_part(facts.profile):
        return None
    clinic = whole_of(unit, facts.profile)
    if clinic is None or is_suspended(clinic):
        return PracticeRefusal.TENANT_SUSPENDED
    return _refusal_of_papers(papers_published(clinic), subject, on)


def _refusal_of_papers(papers: Sequence[Paper], subject: str, on: date) -> PracticeRefusal | None:
    if Capability.SEE_IN_PERSON not in capabilities(papers, on) or subject not in subjects(papers, on):
        return PracticeRefusal.LICENSE_ENDED
    return None


def name_of(unit: Unit, staff_id: uuid.UUID) -> str:
    """The name under which that member of the staff is shown; empty where there is none."""
    member = unit.get(Staff, staff_id)
    return member.name if member else ""


def _facts(unit: Unit, staff_id: uuid.UUID) -> _Facts | None:
    tenant = unit.scope.require_tenant()
    query: Any = (
        select(Staff, Profile, License)
        .select_from(Staff)
        .outerjoin(Profile, Profile.tenant_id == tenant)
        .outerjoin(License, and_(License.tenant_id == tenant, License.state == LicenseState.VALID))
        .where(Staff.tenant_id == tenant, Staff.id == staff_id)
    )
    rows = unit.session.execute(query).all()
    if not rows:
        return None
    return _Facts(rows[0][0], rows[0][1], [row[2] for row in rows if row[2] is not None])
