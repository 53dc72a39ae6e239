"""What others may know of a tenant, and whether a pharmacy may sell today."""

from datetime import timedelta

from app.core.ids import PublicId, new_id
from app.core.scope import Scope
from app.core.unit import unit
from tenants.api import Kind, may_sell_online, published
from tenants.names import TENANT_ID
from tests.days import today
from tests.tenants.world import Tenant, World, paper

LATER = timedelta(days=30)


def sells(tenant: Tenant, days: timedelta = timedelta(0), *, resident: bool = False) -> bool:
    """What the tenant itself says of the day that is so far ahead."""
    scope = Scope.for_tenant(tenant.scope.require_tenant(), as_resident=new_id()) if resident else tenant.scope
    with unit(scope) as reading:
        return may_sell_online(reading, today() + days)


def test_published_facts_by_number_from_every_scope(world: World) -> None:
    clinic = world.open("clinic")
    dispensary = world.open("pharmacy", name="院内药房", parent=clinic.id)
    numbers = [clinic.scope.require_tenant(), dispensary.scope.require_tenant(), 3]
    for scope in (clinic.scope, Scope.for_tenant(numbers[0], as_resident=new_id()), Scope.for_person(new_id())):
        with unit(scope) as reading:
            found = published(reading, numbers, today())
        assert set(found) == set(numbers[:2])
        one = found[numbers[1]]
        assert one.id == PublicId.parse(dispensary.id, TENANT_ID)
        assert (one.name, one.kind, one.parent, one.sells) == ("院内药房", Kind.PHARMACY, numbers[0], True)
        assert (found[numbers[0]].parent, found[numbers[0]].sells) == (None, False)


def test_a_pharmacy_sells_with_both_papers_as_long_as_they_hold(world: World) -> None:
    documents = [paper("drug_supply_license"), paper("online_sale_report", today() + LATER)]
    shop = world.open("pharmacy", documents=documents)
    assert sells(shop) and sells(shop, resident=True) and sells(shop, LATER)
    assert not sells(shop, LATER + timedelta(days=1))
    number = shop.scope.require_tenant()
    with unit(shop.scope) as reading:
        after = published(reading, [number], today() + LATER + timedelta(days=1))
    assert not after[number].sells
    assert not sells(world.open("clinic"))


def test_a_suspended_pharmacy_does_not_sell(world: World) -> None:
    shop = world.open("pharmacy")
    world.decide(f"/tenants/{shop.id}/suspension", {"reason": "x"})
    world.settle(shop.scope)
    number = shop.scope.require_tenant()
    with unit(shop.scope) as reading:
        assert not published(reading, [number], today())[number].sells
    assert not sells(shop)
