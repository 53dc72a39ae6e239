"""Allergies: stated and removed by the resident, sealed, read by those who treat them with a mark in the journal."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from app.core.errors import NotFound, Problem
from app.core.ids import PublicId, new_id
from app.core.scope import Scope
from app.core.unit import Caller, run, unit
from app.residents.api import allergies, look_for_care
from app.residents.rules.allergies import MOST_ALLERGIES
from app.residents.service import allergies as service
from tests.platform import Platform
from tests.residents.world import World
from tests.scheduling.scenes import new_resident
from tests.visits.scenes import verified_resident

BY = Caller("person:test")
NAME = "青霉素皮试阳性"


def test_stated_once_and_removed(world: World) -> None:
    person = world.resident()
    first = person.do("POST", "/me/allergies", {"group": "J01C", "name": NAME})
    assert (first["state"], first["version"], first["name"]) == ("stated", 1, NAME)
    assert person.do("POST", "/me/allergies", {"group": "J01C", "name": "x"})["id"] == first["id"]
    second = person.do("POST", "/me/allergies", {"group": "N02BA01", "name": "阿司匹林"})
    removed = person.do("POST", f"/me/allergies/{first['id']}/removal")
    assert (removed["state"], removed["version"]) == ("removed", 2)
    assert person.do("POST", f"/me/allergies/{first['id']}/removal")["version"] == 2
    states = [(one["id"], one["state"]) for one in person.do("GET", "/me/allergies")["data"]]
    assert states == [(first["id"], "removed"), (second["id"], "stated")]
    assert person.do("POST", "/me/allergies", {"group": "J01C", "name": NAME})["id"] != first["id"]
    entries = world.entries(person.id, "allergy.stated", "allergy.removed")
    assert [(type, version, facts) for type, version, facts in entries] == [
        ("allergy.stated", 1, {}), ("allergy.stated", 1, {}), ("allergy.removed", 2, {}), ("allergy.stated", 1, {}),
    ]  # fmt: skip


@pytest.mark.parametrize("group", ["", "j01c", "J1", "J01CA4", "J01CA04X", "J01C\n", "青霉素"])
def test_what_is_no_code_of_the_classification(world: World, group: str) -> None:
    world.resident().refused(422, "POST", "/me/allergies", {"group": group, "name": "x"})


def test_others_reach_nothing(world: World) -> None:
    person = world.resident()
    stated = person.do("POST", "/me/allergies", {"group": "J01C", "name": NAME})
    world.resident().refused(404, "POST", f"/me/allergies/{stated['id']}/removal")
    world.team().doctor.refused(403, "GET", "/me/allergies")
    world.person().refused(403, "POST", "/me/allergies", {"group": "J01C", "name": "x"})
    with pytest.raises(NotFound):
        service.remove(PublicId("alg", Scope.for_person(person.id), new_id()), BY)


def test_what_is_stated_stands_nowhere_in_the_clear(platform: Platform) -> None:
    person = verified_resident()
    service.state(person, "J01CA04", NAME, BY)
    with platform.connection() as connection:
        rows = connection.execute("SELECT content FROM allergies WHERE person_id = %s", [person]).fetchall()
        told = connection.execute("SELECT facts FROM person_journal_pending WHERE person_id = %s", [person]).fetchall()
    assert len(rows) == 1
    assert NAME.encode() not in rows[0][0]
    assert b"J01CA04" not in rows[0][0]
    assert "J01CA04" not in str(told)
    with unit(Scope.for_person(person)) as reading:
        assert allergies(reading) == {"J01CA04"}


def test_there_is_a_limit_which_holds_at_the_same_moment(platform: Platform) -> None:
    person, start = verified_resident(), Barrier(4)
    groups = [f"A{number:02}" for number in range(MOST_ALLERGIES - 1)]
    for group in groups:
        service.state(person, group, "x", BY)

    def one(number: int) -> str:
        start.wait(20)
        try:
            service.state(person, f"B0{number}", "x", BY)
        except Problem as problem:
            return problem.code
        return "done"

    with ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(one, range(4))) == ["done"] + ["too_many_allergies"] * 3
    assert service.state(person, groups[0], "x", BY).group == groups[0]


def test_a_look_for_care_is_one_entry_in_a_quarter_of_an_hour(platform: Platform) -> None:
    person, about = Scope.for_person(new_resident()), PublicId("vis", Scope.for_tenant(7), new_id())
    looks = [run(person, lambda opened: look_for_care(opened, "prescription", about), BY) for _ in range(2)]
    others = run(person, lambda opened: look_for_care(opened, "prescription", about), Caller("staff:other"))
    assert looks in ([True, False], [True, True]), "a quarter of the clock may begin between two looks"
    assert others
