"""Family-doctor contracts: asked for, decided, told to the person, run out."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.core.calendar import local_date
from app.core.ids import PublicId, new_id
from app.core.scope import Scope
from app.core.unit import unit
from app.residents.api import active_contract
from app.residents.names import EVENTS
from app.residents.slice import SLICE
from tests.residents.conftest import Clock
from tests.residents.world import Team, World
from tests.tenants.world import Actor, at_once


def wish(team: Team, **more: Any) -> dict[str, Any]:
    return {"team": team.id, "package": "basic", "term_years": 1, **more}


def asked(resident: Actor, team: Team, **more: Any) -> dict[str, Any]:
    return dict(resident.do("POST", "/family-contracts", wish(team, **more)))


def accepted(resident: Actor, team: Team, **more: Any) -> dict[str, Any]:
    contract = asked(resident, team, **more)
    return dict(team.doctor.do("POST", f"/family-contracts/{contract['id']}/acceptance"))


def holds(team: Team, resident: Actor, days: int = 0) -> bool:
    on = local_date(datetime.now(UTC)) + timedelta(days=days)
    with unit(team.scope) as reading:
        return active_contract(reading, resident.id, on) is not None


def mine(resident: Actor) -> list[dict[str, Any]]:
    return list(resident.do("GET", "/me/family-contracts")["data"])


def events(world: World, team: Team) -> list[str]:
    world.settle(team.scope)
    with world.platform.connection() as connection:
        rows = connection.execute("SELECT type FROM journal WHERE tenant_id = %s ORDER BY seq", [team.scope.tenant])
        return [kind for (kind,) in rows.fetchall() if kind.startswith("family_contract.")]


def test_a_contract_from_request_to_its_last_day(world: World) -> None:
    team, resident = world.team(), world.resident("张三")
    contract = asked(resident, team, package="personal", term_years=2)
    assert (contract["state"], contract["starts_on"], contract["team_name"]) == ("requested", None, "春风家医团队")
    assert mine(resident) == [contract]
    assert not holds(team, resident)
    (seen,) = team.doctor.do("GET", "/family-contracts?state=requested")["data"]
    assert (seen["name"], seen["id"], seen["package"]) == ("张三", contract["id"], "personal")
    assert PublicId.parse(seen["person"], "per").id == resident.id
    active = team.doctor.do("POST", f"/family-contracts/{contract['id']}/acceptance")
    today = local_date(datetime.now(UTC))
    assert (active["state"], active["starts_on"], active["version"]) == ("active", today.isoformat(), 2)
    ends = datetime.fromisoformat(active["ends_on"]).date()
    assert [holds(team, resident, days) for days in (-1, 0, (ends - today).days, (ends - today).days + 1)] == [
        False, True, True, False,
    ]  # fmt: skip
    world.settle(team.scope)
    assert [(one["state"], one["ends_on"], one["version"]) for one in mine(resident)] == [
        ("active", active["ends_on"], 2)
    ]
    assert events(world, team) == ["family_contract.requested", "family_contract.activated"]
    assert [entry[1:] for entry in world.entries(resident.id, "family_contract.updated")] == [
        (1, {"state": "requested"}), (2, {"state": "active"}),
    ]  # fmt: skip


def test_what_the_api_tells_of_a_contract(world: World) -> None:
    team, resident, stranger = world.team(), world.resident(), world.resident()
    active = accepted(resident, team, package="personal")
    today = local_date(datetime.now(UTC))
    with unit(team.scope) as reading:
        contract = active_contract(reading, resident.id, today)
        assert active_contract(reading, stranger.id, today) is None
    assert contract is not None
    assert (str(contract.id), contract.package.value, contract.starts_on) == (active["id"], "personal", today)
    with unit(Scope.for_tenant(team.scope.require_tenant(), as_resident=resident.id)) as reading:
        assert active_contract(reading, resident.id, today) == contract


def test_a_team_declines_with_a_reason(world: World) -> None:
    team, resident = world.team(), world.resident()
    contract = asked(resident, team)
    path = f"/family-contracts/{contract['id']}"
    declined = team.doctor.do("POST", f"{path}/declining", {"reason": "team_full"})
    assert (declined["state"], declined["reason"]) == ("declined", "team_full")
    world.settle(team.scope)
    assert [(one["state"], one["reason"]) for one in mine(resident)] == [("declined", "team_full")]
    assert team.doctor.refused(409, "POST", f"{path}/acceptance") == "contract_state"
    assert asked(resident, team)["state"] == "requested"
    assert events(world, team)[:2] == ["family_contract.requested", "family_contract.declined"]


def test_a_team_ends_and_a_resident_leaves(world: World) -> None:
    team, first, second = world.team(), world.resident(), world.resident()
    one, other = accepted(first, team), accepted(second, team)
    ended = team.doctor.do("POST", f"/family-contracts/{one['id']}/ending", {"reason": "resident_moved"})
    assert (ended["state"], ended["reason"]) == ("ended", "resident_moved")
    left = second.do("POST", f"/me/family-contracts/{other['id']}/ending")
    assert (left["state"], left["reason"]) == ("ended", "resident_leaves")
    assert mine(second)[0] == left
    assert not holds(team, first) and not holds(team, second)
    assert events(world, team).count("family_contract.ended") == 2
    assert second.refused(409, "POST", f"/me/family-contracts/{other['id']}/ending") == "contract_state"


def test_a_request_is_taken_back(world: World) -> None:
    team, resident = world.team(), world.resident()
    contract = asked(resident, team)
    assert team.doctor.refused(409, "POST", f"/family-contracts/{contract['id']}/ending", {"reason": "other"})
    assert resident.do("POST", f"/me/family-contracts/{contract['id']}/ending")["state"] == "ended"
    assert team.doctor.refused(409, "POST", f"/family-contracts/{contract['id']}/acceptance") == "contract_state"


def test_an_expired_contract_makes_room(world: World, clock: Clock) -> None:
    team, resident = world.team(), world.resident()
    former = accepted(resident, team)
    assert resident.refused(409, "POST", "/family-contracts", wish(team)) == "contract_open"
    world.settle(team.scope)
    clock.forward(days=366)
    resident, doctor = world.again(resident), world.member(team.scope, "doctor")
    assert mine(resident)[0]["state"] == "expired"
    assert doctor.do("GET", "/family-contracts")["data"][0]["state"] == "expired"
    assert (
        doctor.refused(409, "POST", f"/family-contracts/{former['id']}/ending", {"reason": "other"}) == "contract_state"
    )
    renewed = asked(resident, team)
    assert renewed["id"] != former["id"]
    states = {one["id"]: one["state"] for one in doctor.do("GET", "/family-contracts")["data"]}
    assert states == {former["id"]: "expired", renewed["id"]: "requested"}


def test_requests_at_once_make_one_contract(world: World) -> None:
    team, resident = world.team(), world.resident()
    answers = at_once(*[lambda: resident.ask("POST", "/family-contracts", wish(team)).status_code] * 8)
    assert sorted(answers) == [201] + [409] * 7
    assert len(team.doctor.do("GET", "/family-contracts")["data"]) == 1


def test_deciding_at_once_decides_once(world: World) -> None:
    team, resident = world.team(), world.resident()
    path = f"/family-contracts/{asked(resident, team)['id']}"
    accept, refuse = (
        lambda: team.doctor.ask("POST", f"{path}/acceptance").status_code,
        lambda: team.doctor.ask("POST", f"{path}/declining", {"reason": "other"}).status_code,
    )
    assert sorted(at_once(*[accept, refuse] * 4)) == [200] + [409] * 7
    assert len(events(world, team)) == 2


def test_an_old_relay_changes_nothing(world: World) -> None:
    """The person reads their own act at once; the relay that tells of an older version comes later."""
    team, resident = world.team(), world.resident()
    contract = accepted(resident, team)
    resident.do("POST", f"/me/family-contracts/{contract['id']}/ending")
    world.settle(team.scope)
    assert [(one["state"], one["version"]) for one in mine(resident)] == [("ended", 3)]
    assert [entry[1] for entry in world.entries(resident.id, "family_contract.updated")] == [1, 3]


def test_only_verified_residents_ask(world: World) -> None:
    assert world.person().refused(403, "POST", "/family-contracts", wish(world.team())) == "resident_unverified"


@pytest.mark.parametrize("kind", ["hospital", "clinic", "pharmacy", "platform"])
def test_only_teams_are_asked(world: World, kind: str) -> None:
    tenant = world.team(kind)
    assert world.resident().rules("POST", "/family-contracts", wish(tenant)) == {("/team", "not_a_team")}


def test_a_suspended_team_is_not_asked(world: World) -> None:
    team = world.team(state="suspended")
    assert world.resident().refused(409, "POST", "/family-contracts", wish(team)) == "team_suspended"


def test_a_team_that_is_none(world: World) -> None:
    resident, team = world.resident(), world.team()
    nowhere = str(PublicId("ten", Scope.for_tenant(2**50 + 1), new_id()))
    another = str(PublicId("ten", team.scope, new_id()))
    person = str(PublicId("ten", Scope.for_person(resident.id), new_id()))
    for id in (nowhere, another, person):
        body = {"team": id, "package": "basic", "term_years": 1}
        assert resident.refused(404, "POST", "/family-contracts", body) == "not_found"


@pytest.mark.parametrize(
    "more", [{"term_years": 0}, {"term_years": 4}, {"package": "gold"}, {"term_years": "1"}, {"x": 1}]
)
def test_bad_requests(world: World, more: dict[str, Any]) -> None:
    assert world.resident().refused(422, "POST", "/family-contracts", wish(world.team(), **more)) == "invalid_input"


def test_who_may_do_what(world: World) -> None:
    team, resident = world.team(), world.resident()
    path = f"/family-contracts/{asked(resident, team)['id']}"
    nurse = world.member(team.scope, "nurse")
    assert len(nurse.do("GET", "/family-contracts")["data"]) == 1
    assert nurse.refused(403, "POST", f"{path}/acceptance") == "forbidden"
    assert resident.refused(403, "POST", f"{path}/acceptance") == "forbidden"
    assert world.member(team.scope, "finance_clerk").refused(403, "GET", "/family-contracts") == "forbidden"
    assert team.doctor.refused(403, "POST", "/family-contracts", wish(team)) == "forbidden"


def test_strangers_find_nothing(world: World) -> None:
    team, other, resident, stranger = world.team(), world.team(), world.resident(), world.resident()
    contract = asked(resident, team)
    known = PublicId.parse(contract["id"], "fdc")
    forged = str(PublicId("fdc", other.scope, known.id))
    for id in (contract["id"], forged, "fdc_0"):
        assert other.doctor.refused(404, "POST", f"/family-contracts/{id}/acceptance") == "not_found"
        assert (
            other.doctor.refused(404, "POST", f"/family-contracts/{id}/declining", {"reason": "other"}) == "not_found"
        )
        assert other.doctor.refused(404, "POST", f"/family-contracts/{id}/ending", {"reason": "other"}) == "not_found"
        assert stranger.refused(404, "POST", f"/me/family-contracts/{id}/ending") == "not_found"
    in_person = str(PublicId("fdc", Scope.for_person(stranger.id), known.id))
    assert stranger.refused(404, "POST", f"/me/family-contracts/{in_person}/ending") == "not_found"
    assert other.doctor.do("GET", "/family-contracts")["data"] == mine(stranger) == []
    assert mine(resident) == [contract]


def test_repeated_with_the_same_key(world: World) -> None:
    team, resident = world.team(), world.resident()
    answers = [resident.ask("POST", "/family-contracts", wish(team), Idempotency_Key="k") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json == answers[1].json
    assert events(world, team) == ["family_contract.requested"]


def test_every_public_event_is_documented() -> None:
    of_contracts = {event for event in EVENTS if event.startswith("family_contract.")}
    assert {f"family_contract.{what}" for what in ("requested", "activated", "declined", "ended")} == of_contracts
    assert SLICE.events == EVENTS
