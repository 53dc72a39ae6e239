"""A person reads what was done about them, in the order of their chain."""

from app.core.scope import Scope
from tests.residents.world import World


def test_the_sealed_entries_in_order_page_by_page(world: World) -> None:
    resident = world.resident()
    assert resident.do("GET", "/me/journal") == {"data": [], "next_cursor": None}
    world.settle(Scope.for_person(resident.id))
    whole = resident.do("GET", "/me/journal")["data"]
    assert [entry["type"] for entry in whole] == [
        "person.registered", "sign_in.made", "resident.verification_tried", "resident.verified",
    ]  # fmt: skip
    assert [entry["seq"] for entry in whole] == [1, 2, 3, 4]
    assert all(set(entry) == {"seq", "type", "at", "actor", "subject"} for entry in whole)
    assert {entry["actor"] for entry in whole} == {whole[0]["actor"]}
    assert whole[0]["actor"].startswith("person:per_")
    paged, page = list[object](), resident.do("GET", "/me/journal?limit=1")
    paged += page["data"]
    while page["next_cursor"]:
        page = resident.do("GET", f"/me/journal?limit=1&cursor={page['next_cursor']}")
        paged += page["data"]
    assert paged == whole


def test_nobody_reads_anothers(world: World) -> None:
    one, other = world.resident(), world.resident()
    for person in (one, other):
        world.settle(Scope.for_person(person.id))
    mine, theirs = (person.do("GET", "/me/journal?limit=1") for person in (one, other))
    assert {e["subject"] for e in mine["data"]}.isdisjoint({e["subject"] for e in theirs["data"]})
    assert other.refused(400, "GET", f"/me/journal?cursor={mine['next_cursor']}") == "malformed_cursor"
    assert world.team().doctor.refused(403, "GET", "/me/journal") == "forbidden"


def test_what_a_team_did_stands_there(world: World) -> None:
    team, resident = world.team(), world.resident()
    wish = {"team": team.id, "package": "basic", "term_years": 1}
    contract = resident.do("POST", "/family-contracts", wish)
    team.doctor.do("POST", f"/family-contracts/{contract['id']}/acceptance")
    world.settle(team.scope, Scope.for_person(resident.id))
    last = resident.do("GET", "/me/journal?limit=100")["data"][-1]
    assert (last["type"], last["subject"], last["actor"]) == (
        "family_contract.updated", contract["id"], f"relay:{team.scope}",
    )  # fmt: skip
