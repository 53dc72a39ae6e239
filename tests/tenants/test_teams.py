"""A family-doctor team works as long as its clinic does."""

from datetime import timedelta

import pytest

from app.core.ids import PublicId
from app.core.unit import unit
from tenants.api import STAFF_ID, PracticeRefusal, doctor_may_practise
from tests.days import today
from tests.tenants.test_suspension import acts, order
from tests.tenants.world import Tenant, World, doctor


@pytest.fixture
def team(world: World, clinic: Tenant) -> Tenant:
    """A team of the clinic."""
    return world.open("family_doctor_team", parent=clinic.id)


@pytest.fixture
def member_id(world: World, team: Tenant) -> str:
    """A doctor of the team."""
    return world.join(team, doctor())[1]


def refusal(team: Tenant, member_id: str, subject: str = "03", days: int = 0) -> PracticeRefusal | None:
    with unit(team.scope) as reading:
        known = PublicId.parse(member_id, STAFF_ID).id
        return doctor_may_practise(reading, known, subject, today() + timedelta(days=days))


def revoke(world: World, tenant: Tenant) -> None:
    license = world.all(tenant.administrator, "/licenses")[0]["id"]
    world.decide(f"/licenses/{license}/revocation", {"reason": "x"})
    world.settle(tenant.scope)


def test_a_team_stops_and_goes_on_with_its_clinic(world: World, clinic: Tenant, team: Tenant, member_id: str) -> None:
    assert (acts(team), refusal(team, member_id)) == (True, None)
    order(world, clinic, "suspension")
    assert (acts(team), refusal(team, member_id)) == (False, PracticeRefusal.TENANT_SUSPENDED)
    assert team.administrator.refused(401, "GET", "/tenants/current") == "unauthenticated"
    token = f"/me/affiliations/{team.administrator_id}/tokens"
    assert team.person.refused(403, "POST", token) == "tenant_suspended"
    order(world, clinic, "reinstatement")
    assert (acts(team), refusal(team, member_id)) == (True, None)
    assert team.administrator.do("GET", "/tenants/current")["state"] == "active"


def test_a_team_treats_nobody_without_its_clinic_s_license(
    world: World, clinic: Tenant, team: Tenant, member_id: str
) -> None:
    revoke(world, clinic)
    assert refusal(team, member_id) is PracticeRefusal.LICENSE_ENDED
    assert acts(team), "its people may still hand in papers"


def test_a_team_s_right_ends_with_the_last_day_of_its_clinic_s_license(
    world: World, clinic: Tenant, team: Tenant, member_id: str
) -> None:
    assert refusal(team, member_id, days=400) is None
    assert refusal(team, member_id, days=401) is PracticeRefusal.LICENSE_ENDED


def test_another_clinic_s_end_is_nothing_to_it(world: World, team: Tenant, member_id: str) -> None:
    other = world.open("clinic")
    revoke(world, other)
    order(world, other, "suspension")
    assert (acts(team), refusal(team, member_id)) == (True, None)


def test_a_clinic_goes_on_when_its_team_is_suspended(world: World, clinic: Tenant, team: Tenant) -> None:
    order(world, team, "suspension")
    assert (acts(team), acts(clinic)) == (False, True)
