"""A tenant stops and goes on, as the operator orders."""

from app.core.carry import carry
from app.core.ids import PublicId, new_id
from app.core.scope import Scope
from app.core.unit import unit
from tenants.api import may_act
from tenants.names import PLATFORM, SUSPEND, TENANT_ID
from tenants.service.profiles import profile_of
from tests.tenants.world import Tenant, World, recorded


def order(world: World, tenant: Tenant, how: str, reason: str = "飞行检查") -> None:
    world.decide(f"/tenants/{tenant.id}/{how}", {"reason": reason})
    world.settle(tenant.scope)


def acts(tenant: Tenant) -> bool:
    with unit(tenant.scope) as reading:
        return may_act(reading)


def test_the_people_of_a_suspended_tenant_are_out_and_come_back(world: World, pharmacy: Tenant) -> None:
    order(world, pharmacy, "suspension")
    assert not acts(pharmacy)
    assert pharmacy.administrator.refused(401, "GET", "/tenants/current") == "unauthenticated"
    token = f"/me/affiliations/{pharmacy.administrator_id}/tokens"
    refused = pharmacy.person.ask("POST", token)
    assert refused.json
    assert (refused.status_code, refused.json["code"]) == (403, "tenant_suspended")
    assert "飞行检查" in refused.json["detail"]
    order(world, pharmacy, "reinstatement")
    assert acts(pharmacy)
    assert pharmacy.administrator.do("GET", "/tenants/current")["state"] == "active"


def test_the_systems_of_a_suspended_tenant_are_out_and_come_back(world: World, pharmacy: Tenant) -> None:
    client = world.client(pharmacy, "events.read")
    order(world, pharmacy, "suspension")
    assert client.refused(401, "GET", "/events") == "unauthenticated"
    order(world, pharmacy, "reinstatement")
    assert client.do("GET", "/events")["data"]


def test_a_suspended_tenant_leaves_the_directory(world: World, pharmacy: Tenant) -> None:
    def listed() -> bool:
        found = world.all(world.operator, f"/directory/tenants?name={pharmacy.name}")
        return pharmacy.id in [one["id"] for one in found]

    assert listed()
    order(world, pharmacy, "suspension")
    assert not listed()
    order(world, pharmacy, "reinstatement")
    assert listed()


def test_orders_that_are_repeated_change_nothing(world: World, pharmacy: Tenant) -> None:
    order(world, pharmacy, "reinstatement")
    order(world, pharmacy, "suspension")
    order(world, pharmacy, "suspension", "again")
    relay = world.relay(PLATFORM, SUSPEND, pharmacy.scope)
    world.send_again(PLATFORM, relay)
    assert carry(PLATFORM, world.heard.handlers)
    assert recorded(pharmacy.scope).count("tenant.suspended") == 1
    assert "tenant.reinstated" not in recorded(pharmacy.scope)
    with unit(pharmacy.scope) as reading:
        profile = profile_of(reading)
        assert (profile.version, profile.suspension_reason) == (2, "飞行检查")


def test_orders_are_obeyed_in_their_order(world: World, pharmacy: Tenant) -> None:
    for how in ("suspension", "reinstatement", "suspension", "reinstatement"):
        world.decide(f"/tenants/{pharmacy.id}/{how}", {"reason": "x"})
    world.settle(pharmacy.scope)
    told = [type for type in recorded(pharmacy.scope) if type.startswith("tenant.")]
    assert told == ["tenant.opened", *["tenant.suspended", "tenant.reinstated"] * 2]
    assert acts(pharmacy)


def test_only_tenants_that_were_opened_can_be_suspended(world: World, pharmacy: Tenant) -> None:
    waiting = world.apply(world.person(), "insurer")["id"]
    application = PublicId.parse(waiting, "orgapp").id
    made_up = [
        PublicId(TENANT_ID, Scope.for_tenant(2**52), new_id()),
        PublicId(TENANT_ID, pharmacy.scope, new_id()),
        PublicId(TENANT_ID, PLATFORM, application),
        PublicId(TENANT_ID, Scope.for_person(new_id()), application),  # the application has no tenant yet either
    ]
    for id in [*map(str, made_up), "ten_0", waiting]:
        for how in ("suspension", "reinstatement"):
            assert world.operator.refused(404, "POST", f"/tenants/{id}/{how}", {"reason": "x"}) == "not_found"


def test_a_reason_is_given(world: World, pharmacy: Tenant) -> None:
    assert world.operator.refused(422, "POST", f"/tenants/{pharmacy.id}/suspension", {"reason": " "})
    assert world.operator.refused(422, "POST", f"/tenants/{pharmacy.id}/suspension", {})
    assert acts(pharmacy)
