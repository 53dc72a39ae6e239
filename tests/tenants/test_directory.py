"""The directory: published facts of active tenants, found by kind, name and subject."""

from datetime import timedelta
from typing import Any

from app.core.ids import new_id
from app.core.relays import Incoming
from app.core.scope import Scope
from app.core.unit import run
from tenants.names import PLATFORM, PUBLISH
from tenants.service.publishing import take_publication
from tests.days import today
from tests.tenants.conftest import Clock
from tests.tenants.world import Actor, Tenant, World, paper


def anybody(world: World) -> Actor:
    return world.stranger()


def names(world: World, query: str) -> list[str]:
    return [one["name"] for one in world.all(anybody(world), f"/directory/tenants?{query}")]


def publication(tenant: Tenant, name: str, version: int, **more: Any) -> Incoming:
    facts = {
        "profile": str(new_id()), "name": name, "kind": "pharmacy", "parent": None, "state": "active",
        "licenses": [], "version": version, **more,
    }  # fmt: skip
    return Incoming(new_id(), tenant.scope, tenant.id, PUBLISH, facts)


def test_everybody_reads_what_is_published_and_no_more(world: World) -> None:
    clinic = world.open("clinic", name=f"东湖{new_id().hex}")
    found = world.all(anybody(world), f"/directory/tenants?name={clinic.name}")
    assert [set(one) for one in found] == [{"id", "name", "kind", "state", "licenses", "capabilities"}]
    assert found[0]["id"] == clinic.id
    assert found[0]["capabilities"] == ["prescribe", "see_in_person"]
    assert {*found[0]["licenses"][0]} == {"id", "kind", "number", "issuer", "subjects", "valid_until"}


def test_filters_are_all_applied(world: World) -> None:
    mark = new_id().hex
    world.open("clinic", name=f"{mark} 甲", documents=[paper("clinic_filing", subjects=["50"])])
    world.open("clinic", name=f"{mark} 乙", documents=[paper("clinic_filing", subjects=["51", "03"])])
    world.open("insurer", name=f"{mark} 丙")
    assert names(world, f"name={mark}") == [f"{mark} {one}" for one in "甲乙丙"]
    assert names(world, f"name={mark}&kind=insurer") == [f"{mark} 丙"]
    assert names(world, f"name={mark}&subject=50") == [f"{mark} 甲"]
    assert names(world, f"name={mark}&subject=03&kind=clinic") == [f"{mark} 乙"]
    assert names(world, f"name={mark}&subject=5") == []
    assert names(world, f"name={mark}&subject=03&kind=insurer") == []
    assert anybody(world).refused(422, "GET", "/directory/tenants?kind=platform") == "invalid_input"


def test_wildcards_in_a_name_are_letters(world: World) -> None:
    mark = new_id().hex
    for name in (f"{mark}%", f"{mark}_", f"{mark}/", f"{mark}x"):
        world.open("insurer", name=name)
    assert names(world, f"name={mark}%25") == [f"{mark}%"]
    assert names(world, f"name={mark}_") == [f"{mark}_"]
    assert names(world, f"name={mark}/") == [f"{mark}/"]
    assert len(names(world, f"name={mark}")) == 4
    assert names(world, "name=%25%25") == []


def test_a_subject_is_found_while_its_license_holds(world: World, clock: Clock) -> None:
    mark, ending = new_id().hex, paper("clinic_filing", today(), subjects=["52"])
    world.open("clinic", name=mark, documents=[ending])
    assert names(world, f"name={mark}&subject=52") == [mark]
    clock.ahead = timedelta(days=1)
    assert names(world, f"name={mark}&subject=52") == []
    assert names(world, f"name={mark}") == [mark]


def test_a_subject_on_a_paper_that_gives_none_is_not_found(world: World) -> None:
    mark = new_id().hex
    named = [
        paper("medical_institution_license", subjects=["03"]), paper("internet_hospital_license", subjects=["53"]),
        paper("mlps_level_3", subjects=["53"]),
    ]  # fmt: skip
    world.open("hospital", name=mark, documents=named)
    assert names(world, f"name={mark}&subject=53") == []
    assert names(world, f"name={mark}&subject=03") == [mark]


def test_pages_stay_as_they_are_while_tenants_join(world: World) -> None:
    mark = new_id().hex
    known = [world.open("insurer", name=f"{mark}{number}").id for number in range(3)]
    one = anybody(world).do("GET", f"/directory/tenants?name={mark}&limit=2")
    assert [row["id"] for row in one["data"]] == known[:2]
    known.append(world.open("insurer", name=f"{mark}new").id)
    two = anybody(world).do("GET", f"/directory/tenants?name={mark}&limit=2&cursor={one['next_cursor']}")
    assert [row["id"] for row in two["data"]] == known[2:]
    assert two["next_cursor"] is None


def test_an_older_relay_never_overwrites_a_newer_one(world: World, pharmacy: Tenant) -> None:
    mark = new_id().hex
    told = [publication(pharmacy, f"{mark}{version}", version) for version in (9, 8, 9)]
    assert run(PLATFORM, lambda opened: take_publication(opened, told[0])) == {}
    assert run(PLATFORM, lambda opened: take_publication(opened, told[1])) == {"refused": "newer_known"}
    assert run(PLATFORM, lambda opened: take_publication(opened, told[2])) == {"refused": "newer_known"}
    world.settle()
    assert names(world, f"name={mark}") == [f"{mark}9"]


def test_what_is_told_for_another_tenant_is_kept_as_the_givers(world: World, pharmacy: Tenant) -> None:
    mark, giver = new_id().hex, Scope.for_tenant(2**51 + new_id().int % 2**40)
    told = publication(pharmacy, mark, 5)
    run(
        PLATFORM, lambda opened: take_publication(opened, Incoming(told.id, giver, told.subject, PUBLISH, told.payload))
    )
    assert len(names(world, f"name={pharmacy.name}")) == 1
    assert names(world, f"name={mark}") == [mark]
