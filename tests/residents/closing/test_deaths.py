"""Deaths: recorded by two, what ends with them, who reads the record then, and how a mistake is undone."""

from datetime import timedelta
from typing import Any

import pytest

from app.core.errors import WrongState
from app.core.ids import PublicId
from app.core.scope import Scope
from app.core.unit import SYSTEM, Unit, run, unit
from app.residents.closing.models import DeathRecord
from app.residents.closing.service.deaths import follow
from app.residents.closing.service.erasing import COOLING, LEASE, TERMS, begin, erase_due
from app.residents.family.models import Representation
from app.residents.family.rules import Evidence
from app.residents.family.service.children import become_guardian, minor, person_of
from app.residents.family.timers import keep_time
from app.residents.names import DEATH_ID
from tenants.api import PLATFORM
from tests.days import today
from tests.residents.conftest import Clock
from tests.residents.family.scenes import acting, born, named, public, registered, scope_of
from tests.residents.family.test_claiming import by_phone, new_phone, show_papers
from tests.residents.world import World, new_number
from tests.scheduling.scenes import Hospital, booked
from tests.tenants.world import Actor, at_once


@pytest.fixture
def operators(world: World) -> tuple[Actor, Actor]:
    one, other = (world.member(PLATFORM, "platform_operator") for _ in range(2))
    return one, other


def certificate(number: str, **more: Any) -> dict[str, Any]:
    return {"name": "张三", "number": number, "certificate": "D-1", "died_on": today().isoformat(), **more}


def recorded(operators: tuple[Actor, Actor], number: str) -> str:
    """A death, proposed and confirmed."""
    death: str = operators[0].do("POST", "/deaths", certificate(number))["id"]
    assert operators[1].do("POST", f"/deaths/{death}/confirmation")["state"] == "confirmed"
    return death


def test_two_operators_record_it_and_every_sign_in_ends(world: World, operators: tuple[Actor, Actor]) -> None:
    number, phone = new_number(), new_phone()
    person, proxy = by_phone(world, phone), world.resident()
    person.do("POST", "/me/resident/verification", {"name": "张三", "number": number})
    for_person = acting(world, proxy, named(world, person, proxy))
    one, other = operators
    death = one.do("POST", "/deaths", certificate(number))
    assert (death["state"], death["certificate"]) == ("proposed", "D-1")
    assert person.do("GET", "/me")["id"] == public(person.id), "nothing follows from what one says"
    assert one.refused(403, "POST", f"/deaths/{death['id']}/confirmation") == "own_proposal"
    assert one.refused(409, "POST", "/deaths", certificate(number)) == "death_recorded"
    assert other.do("POST", f"/deaths/{death['id']}/confirmation")["state"] == "confirmed"
    for token in (person, for_person):
        assert token.refused(401, "GET", "/me") == "unauthenticated"
    with pytest.raises(Exception, match="nobody signs in"):
        by_phone(world, phone)
    assert other.refused(409, "POST", f"/deaths/{death['id']}/withdrawal") == "death_state"
    assert next(row["id"] for row in one.do("GET", "/deaths")["data"]) == death["id"]


def test_places_to_come_are_called_off(world: World, operators: tuple[Actor, Actor]) -> None:
    number, hospital = new_number(), Hospital()
    person = world.resident(number=number)
    appointment = booked(hospital.slot(fee_lines=[]), person.id)
    assert appointment.state == "confirmed"
    recorded(operators, number)
    assert hospital.one(appointment).state == "canceled"


def test_no_team_is_a_dead_persons_family_doctor(world: World, operators: tuple[Actor, Actor]) -> None:
    number, teams = new_number(), [world.team(), world.team()]
    person = world.resident(number=number)
    for team in teams:
        made = person.do("POST", "/family-contracts", {"team": team.id, "package": "basic", "term_years": 1})
        if team is teams[0]:
            team.doctor.do("POST", f"/family-contracts/{made['id']}/acceptance")
    world.settle(*(team.scope for team in teams))
    recorded(operators, number)
    for team in teams:
        (one,) = team.doctor.do("GET", "/family-contracts")["data"]
        assert (one["state"], one["reason"]) == ("ended", "resident_died")


def test_an_heir_reads_the_record_and_changes_nothing(
    world: World, operators: tuple[Actor, Actor], clock: Clock
) -> None:
    number = new_number()
    person, heir = world.resident("钱老先生", number), world.resident("钱小姐")
    person.do("POST", "/me/allergies", {"group": "J01CA", "name": "青霉素"})
    paper = {
        "kind": "succession", "name": "钱老先生", "number": number, "paper": "notarial_will", "paper_number": "N-1"
    }  # fmt: skip
    handed_in = heir.do("POST", "/me/civil-papers", paper)["id"]
    accept = f"/civil-papers/{handed_in}/acceptance"
    assert operators[0].refused(409, "POST", accept) == "death_not_recorded"
    recorded(operators, number)
    assert operators[0].do("POST", accept)["state"] == "accepted"
    (title,) = heir.do("GET", "/me/represented")["data"]
    assert (title["kind"], title["reach"], title["name"]) == ("successor", "read", "钱老先生")
    for_dead = acting(world, heir, title)
    assert len(for_dead.do("GET", "/me/allergies")["data"]) == 1
    assert for_dead.do("GET", "/me/access-log")["data"][0]["name"] == "钱小姐"
    assert for_dead.refused(403, "POST", "/me/allergies", {"group": "J01CA", "name": "x"}) == "forbidden"
    assert for_dead.refused(403, "POST", "/appointments", {}) == "forbidden"
    clock.forward(days=367)
    assert keep_time(Scope.for_person(person.id)) == 1
    again = world.again(heir)
    assert again.refused(409, "POST", f"/me/represented/{title['id']}/tokens") == "representation_state"


def test_who_died_becomes_nobodys_guardian_and_nobodys_proxy(world: World, operators: tuple[Actor, Actor]) -> None:
    """Asked before the death, accepted after it; and where the death comes between the two halves of an acceptance."""
    number, childs, living = new_number(), new_number(born(4)), world.resident()
    person = world.resident(number=number)
    paper = person.do(
        "POST", "/me/civil-papers",
        {"kind": "guardianship", "name": "张小宝", "number": childs, "paper": "court_ruling", "paper_number": "C-1"},
    )["id"]  # fmt: skip
    recorded(operators, number)
    assert operators[0].refused(409, "POST", f"/civil-papers/{paper}/acceptance") == "account_closed"
    until = (today() + timedelta(days=30)).isoformat()
    wish = {"person": public(person.id), "reach": "read", "until": until}
    assert living.refused(404, "POST", "/me/representatives", wish) == "not_found"
    claim = minor("张小宝", childs)
    child = person_of(claim)
    assert child
    with pytest.raises(WrongState, match="closed"):
        become_guardian(person.id, "张三", child, claim, Evidence.PAPER, SYSTEM)
    with unit(Scope.for_person(child)) as reading:
        (ended,) = reading.all(reading.select(Representation))
    assert (ended.state, ended.end_reason) == ("ended", "actor_died")


def test_a_mistake_is_undone(world: World, operators: tuple[Actor, Actor]) -> None:
    number, phone = new_number(), new_phone()
    person = by_phone(world, phone)
    person.do("POST", "/me/resident/verification", {"name": "张三", "number": number})
    death = recorded(operators, number)
    assert operators[0].do("POST", f"/deaths/{death}/undoing")["state"] == "undone"
    again = by_phone(world, phone)
    assert (again.id, again.do("GET", "/me/resident")["state"]) == (person.id, "verified")
    types = [type for type, *_ in world.entries(person.id, "person.closed", "person.opened_again")]
    assert types == ["person.closed", "person.opened_again"]
    assert operators[0].do("POST", "/deaths", certificate(number))["state"] == "proposed"


def test_a_death_ends_the_wish_to_be_erased(world: World, operators: tuple[Actor, Actor], clock: Clock) -> None:
    number, phone = new_number(), new_phone()
    person = by_phone(world, phone)
    person.do("POST", "/me/resident/verification", {"name": "张三", "number": number})
    person.do("POST", "/me/erasure", {"terms": TERMS})
    death = recorded(operators, number)
    facts = [facts for _, _, facts in world.entries(person.id, "erasure.withdrawn")]
    assert facts == [{"closed": "deceased"}]
    clock.forward(days=8)
    assert erase_due(Scope.for_person(person.id)) == 0
    clock.ahead = timedelta(0)
    assert operators[0].do("POST", f"/deaths/{death}/undoing")["state"] == "undone"
    assert by_phone(world, phone).id == person.id, "neither phone nor number was freed"


def test_a_death_waits_for_an_erasure_that_has_begun(
    world: World, operators: tuple[Actor, Actor], clock: Clock
) -> None:
    number = new_number()
    person = world.resident(number=number)
    person.do("POST", "/me/erasure", {"terms": TERMS})
    one, other = operators
    death = one.do("POST", "/deaths", certificate(number))["id"]
    assert run(Scope.for_person(person.id), begin)
    assert other.refused(409, "POST", f"/deaths/{death}/confirmation") == "erasure_running"
    clock.forward(seconds=COOLING.total_seconds() + 1)
    assert erase_due(Scope.for_person(person.id)) == 1
    clock.ahead = timedelta(0)
    assert other.do("POST", f"/deaths/{death}/confirmation")["state"] == "confirmed"
    assert [type for type, *_ in world.entries(person.id, "person.closed", "person.erased")] == ["person.erased"]


def test_what_follows_from_a_death_waits_for_an_erasure_that_began_meanwhile(
    world: World, operators: tuple[Actor, Actor], clock: Clock
) -> None:
    number = new_number()
    person = world.resident(number=number)
    scope = Scope.for_person(person.id)
    person.do("POST", "/me/erasure", {"terms": TERMS})
    death = PublicId.parse(operators[0].do("POST", "/deaths", certificate(number))["id"], DEATH_ID)

    def confirmed(opened: Unit) -> None:
        row = opened.get(DeathRecord, death.id, lock=True)
        assert row
        row.state, row.confirmed_by, row.due_at = "confirmed", "staff:another", opened.now

    def is_due(opened: Unit) -> bool:
        row = opened.get(DeathRecord, death.id)
        return row is not None and row.due_at is not None

    assert run(scope, begin)
    run(PLATFORM, confirmed)
    follow(PLATFORM)
    assert run(PLATFORM, is_due) and world.entries(person.id, "person.closed") == []
    clock.forward(seconds=(COOLING + LEASE).total_seconds())
    assert erase_due(scope) == 1
    follow(PLATFORM)
    assert not run(PLATFORM, is_due) and world.entries(person.id, "person.closed") == []


def test_a_dead_guardian_is_none(world: World, operators: tuple[Actor, Actor]) -> None:
    number, child_number = new_number(), new_number(born(15))
    dead, living = world.resident(number=number), world.resident()
    child = registered(dead, child_number)
    for_child = acting(world, dead, child)
    registered(living, child_number)
    assert living.do("GET", "/me/erasure")["blockers"] == []
    recorded(operators, number)
    assert for_child.refused(401, "GET", "/me") == "unauthenticated"
    assert [one["code"] for one in living.do("GET", "/me/erasure")["blockers"]] == ["sole_guardian"]
    (_, _, facts) = world.entries(scope_of(child["person"]).require_person(), "representation.ended")[0]
    assert (facts["actor"], facts["reason"]) == (public(dead.id), "actor_died")


def test_no_word_of_a_dead_guardian_is_waited_for(world: World, operators: tuple[Actor, Actor]) -> None:
    number, child_number, phone = new_number(), new_number(born(15)), new_phone()
    child = registered(world.resident(number=number), child_number, "张大宝")
    recorded(operators, number)
    youth, body = by_phone(world, phone), {"name": "张大宝", "number": child_number}
    assert youth.refused(409, "POST", "/me/account-claim", body) == "identity_conflict"
    show_papers(world, youth, child, body)
    assert youth.do("POST", "/me/account-claim", body) == {"person": child["person"]}


def test_what_cannot_be_recorded(world: World, operators: tuple[Actor, Actor]) -> None:
    number = new_number()
    world.resident(number=number)
    tomorrow = (today() + timedelta(days=2)).isoformat()
    assert operators[0].refused(422, "POST", "/deaths", certificate(number, died_on=tomorrow)) == "died_on"
    assert operators[0].refused(404, "POST", "/deaths", certificate(new_number())) == "not_found"
    proposed = operators[0].do("POST", "/deaths", certificate(number))["id"]
    assert operators[0].do("POST", f"/deaths/{proposed}/withdrawal")["state"] == "withdrawn"
    assert operators[1].refused(409, "POST", f"/deaths/{proposed}/confirmation") == "death_state"


def test_of_two_proposals_at_once_one_stands(world: World, operators: tuple[Actor, Actor]) -> None:
    number = new_number()
    world.resident(number=number)
    answers = at_once(*(lambda by=by: by.ask("POST", "/deaths", certificate(number)) for by in operators))
    assert sorted(one.status_code for one in answers) == [201, 409]


def test_nobody_begins_to_act_for_the_dead(world: World, operators: tuple[Actor, Actor]) -> None:
    number = new_number(born(5))
    guardian = world.resident()
    scope = scope_of(registered(guardian, number)["person"])
    recorded(operators, number)
    world.settle(scope)
    (child,) = guardian.do("GET", "/me/represented")["data"]
    assert child["state"] == "ended"
    body = {"name": "张小宝", "number": number}
    assert guardian.refused(409, "POST", "/me/children", body) == "identity_conflict"
