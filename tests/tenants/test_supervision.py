"""The regulator reads which tenants there are, on which papers and in what state, and counts; nothing of anybody."""

import pytest

from tenants.api import invite_regulator
from tests.tenants.world import Actor, Tenant, World, doctor


@pytest.fixture
def regulator(world: World) -> Actor:
    person, token = world.person(), invite_regulator("监管").token
    joined = person.do("POST", "/staff-invitations/acceptance", {"token": token})
    assert joined["roles"] == ["regulator"]
    return world.act(person, joined["id"])


def test_suspended_tenants_are_read_with_their_papers(world: World, regulator: Actor, pharmacy: Tenant) -> None:
    world.decide(f"/tenants/{pharmacy.id}/suspension", {"reason": "飞行检查"})
    world.settle(pharmacy.scope)
    assert pharmacy.id not in [one["id"] for one in world.all(world.stranger(), "/directory/tenants?kind=pharmacy")]
    stopped = world.all(regulator, "/supervision/tenants?kind=pharmacy&state=suspended")
    known = next(one for one in stopped if one["id"] == pharmacy.id)
    assert {one["kind"] for one in known["licenses"]} == {"drug_supply_license", "online_sale_report"}
    assert pharmacy.id not in [one["id"] for one in world.all(regulator, "/supervision/tenants?state=active")]


def test_counts_are_those_of_the_directory(world: World, regulator: Actor, clinic: Tenant) -> None:
    def counted() -> tuple[int, int]:
        found = regulator.do("GET", "/supervision/counts")["data"]
        one = next(row for row in found if (row["kind"], row["state"]) == ("clinic", "active"))
        return one["tenants"], one["doctors"]

    world.settle(clinic.scope)
    before = counted()
    world.join(clinic, doctor())
    world.settle(clinic.scope)
    assert counted() == (before[0], before[1] + 1)


def test_the_regulator_decides_nothing_and_reads_nobody(world: World, regulator: Actor, pharmacy: Tenant) -> None:
    for method, path in (
        ("GET", "/staff"), ("GET", "/events"), ("GET", "/organization-applications"), ("GET", "/proposals"),
        ("GET", "/drug-counts"), ("POST", f"/tenants/{pharmacy.id}/suspension"),
    ):  # fmt: skip
        assert regulator.refused(403, method, path, {}) == "forbidden"
    for other in (pharmacy.administrator, world.operator, world.person()):
        assert other.refused(403, "GET", "/supervision/tenants") == "forbidden"
