"""Who is refused for what they are leaves an entry in their own scope, and a loop leaves one."""

import json
from datetime import timedelta
from typing import Any

from app.core.refusals import FORGETTING, REFUSED, PersonRefusalMark, RefusalMark
from app.core.scope import Scope
from app.core.unit import unit
from tests.tenants.conftest import Clock
from tests.tenants.test_administration import entries
from tests.tenants.world import Tenant, World, at_once, doctor, member

STAFF = "/api/v1/staff"


def refusals(world: World, tenant: Tenant) -> list[tuple[str, str, str]]:
    """Actor, door and code of each, as the tenant's journal has them."""
    world.settle(tenant.scope)
    found = entries(tenant.scope, REFUSED)
    return [(one["actor"], one["facts"]["door"], one["facts"]["code"]) for one in found]


def test_a_refused_permission_is_an_entry_once_in_a_quarter_of_an_hour(
    world: World, clinic: Tenant, clock: Clock
) -> None:
    person, joined = world.join(clinic, member(roles=["registrar"]))
    acting = world.act(person, joined)
    at_once(*[lambda: acting.refused(403, "GET", "/staff")] * 6)
    acting.refused(403, "POST", "/staff", member())
    actor = f"staff:{joined}"
    seen = [(actor, f"GET {STAFF}", "forbidden"), (actor, f"POST {STAFF}", "forbidden")]
    assert refusals(world, clinic) == seen
    assert entries(clinic.scope, REFUSED)[0]["roles"] == ["registrar"]
    clock.ahead = timedelta(minutes=15)
    acting.refused(403, "GET", "/staff")
    assert refusals(world, clinic) == [*seen, seen[0]]


def test_a_refused_act_is_an_entry_with_its_code(world: World, clinic: Tenant) -> None:
    own = f"/staff/{clinic.administrator_id}"
    clinic.administrator.refused(403, "PUT", own, doctor(), If_Match='"1"')
    actor = f"staff:{clinic.administrator_id}"
    assert refusals(world, clinic) == [(actor, f"PUT {STAFF}/<staff_id>", "own_clinical_role")]


def test_a_person_reads_what_they_were_refused(world: World, clinic: Tenant) -> None:
    person = world.person()
    for _ in range(3):
        person.refused(403, "GET", "/staff")
    world.seal(Scope.for_person(person.id))
    told = [one for one in world.all(person, "/me/journal") if one["type"] == REFUSED]
    assert len(told) == 1


def test_neither_another_s_id_nor_a_step_up_is_a_refusal(
    world: World, clinic: Tenant, pharmacy: Tenant, clock: Clock
) -> None:
    clinic.administrator.refused(404, "POST", f"/staff/{pharmacy.administrator_id}/ending")
    clock.ahead = timedelta(minutes=16)
    clinic.administrator.refused(403, "POST", f"/staff/{clinic.administrator_id}/ending")
    assert refusals(world, clinic) == []


def test_marks_are_forgotten_and_hold_nothing_but_the_door(world: World, clinic: Tenant, clock: Clock) -> None:
    person, joined = world.join(clinic, member(roles=["registrar"]))
    acting, own = world.act(person, joined), Scope.for_person(person.id)
    acting.refused(403, "POST", f"/staff/{clinic.administrator_id}/ending")
    person.refused(403, "GET", "/staff")
    assert _marks(clinic.scope, RefusalMark) == [f"POST {STAFF}/<staff_id>/ending"]
    assert _marks(own, PersonRefusalMark) == [f"GET {STAFF}"]
    clock.ahead = timedelta(hours=2)
    assert [FORGETTING.task(scope) for scope in (clinic.scope, own)] == [1, 1]
    assert json.dumps(_marks(clinic.scope, RefusalMark)) == "[]"


def _marks(scope: Scope, model: Any) -> list[str]:
    with unit(scope) as reading:
        return [one.door for one in reading.all(reading.select(model))]
