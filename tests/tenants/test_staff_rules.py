"""Which roles a tenant of each kind gives, and what a registration must hold."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.identity.api import Role
from tenants.rules import APPLICANTS, Kind
from tenants.staff_rules import CLINICAL, ROLES_OF, Registration, acting, faults

DAY = date(2026, 3, 1)
REGISTERED = Registration("D-1", DAY, ("03",))
NOBODY = Registration(None, None, ())
ROLES = st.sets(st.sampled_from(Role), min_size=1)


def rules(kind: Kind, roles: set[Role], registration: Registration = REGISTERED) -> set[str]:
    return {fault.rule for fault in faults(kind, roles, registration, {"03", "04"}, DAY)}


def test_a_role_is_given_where_its_kind_has_it() -> None:
    found = {(kind, role) for kind in Kind for role in Role if "role_not_of_kind" not in rules(kind, {role})}
    assert found == {(kind, role) for kind in Kind for role in ROLES_OF[kind]}


def test_every_organization_can_have_an_administrator_and_none_an_operator() -> None:
    for kind in APPLICANTS:
        assert Role.TENANT_ADMINISTRATOR in ROLES_OF[kind]
        assert not {Role.PLATFORM_OPERATOR, Role.REGULATOR, Role.RESIDENT, Role.GUARDIAN} & ROLES_OF[kind]


def test_only_sites_that_treat_have_doctors() -> None:
    assert {kind for kind in Kind if Role.DOCTOR in ROLES_OF[kind]} == {
        Kind.HOSPITAL, Kind.CLINIC, Kind.FAMILY_DOCTOR_TEAM,
    }  # fmt: skip


@pytest.mark.parametrize("role", sorted(CLINICAL))
def test_clinicians_are_registered(role: Role) -> None:
    assert rules(Kind.HOSPITAL, {role}) == set()
    subject = {"subjects_missing"} if role is Role.DOCTOR else set()
    assert rules(Kind.HOSPITAL, {role}, NOBODY) == {"registration_missing"} | subject
    ended = Registration("D-1", DAY - timedelta(days=1), ("03",))
    assert rules(Kind.HOSPITAL, {role}, ended) == {"registration_expired"}


def test_others_need_no_registration() -> None:
    others = ROLES_OF[Kind.HOSPITAL] - CLINICAL
    assert {role: rules(Kind.HOSPITAL, {role}, NOBODY) for role in others} == {role: set() for role in others}


def test_a_doctor_practises_in_subjects_of_the_site() -> None:
    assert rules(Kind.CLINIC, {Role.DOCTOR}, Registration("1", DAY, ("03", "99"))) == {"subject_not_of_site"}
    assert rules(Kind.CLINIC, {Role.DOCTOR}, Registration("1", DAY, ())) == {"subjects_missing"}


@given(st.sampled_from(Kind), ROLES, ROLES)
def test_what_is_wrong_with_some_roles_is_wrong_with_more(kind: Kind, some: set[Role], more: set[Role]) -> None:
    assert rules(kind, some, NOBODY) <= rules(kind, some | more, NOBODY)


@given(ROLES, st.integers(-3, 3))
def test_a_clinical_role_rests_after_the_last_day(roles: set[Role], days: int) -> None:
    left = acting(roles, DAY, DAY + timedelta(days=days))
    assert left == (roles - CLINICAL if days > 0 else roles)
    assert acting(roles, None, DAY) == roles - CLINICAL
