"""Guardians: who becomes one, what they do for a child, and how it ends."""

from app.core.refusals import REFUSED
from app.core.scope import Scope
from app.identity.api import PERMISSIONS, Role
from app.residents.family.rules import TRIES
from app.residents.family.timers import keep_time
from app.residents.rules.ages import birthday
from tests.residents.conftest import Clock
from tests.residents.family.scenes import acting, born, public, registered, scope_of, turned
from tests.residents.world import World, new_number
from tests.tenants.world import Actor, at_once


def test_a_guardian_registers_a_child_and_acts_for_it(world: World) -> None:
    guardian, day = world.resident(), born(6)
    child = registered(guardian, new_number(day), "李小宝")
    assert (child["kind"], child["state"], child["name"]) == ("guardian", "active", "李小宝")
    assert child["until"] == birthday(day, 18).isoformat()
    for_child = acting(world, guardian, child)
    me = for_child.do("GET", "/me")
    assert (me["id"], me["phone"]) == (child["person"], None)
    shown = for_child.do("GET", "/me/resident")
    assert (shown["state"], shown["name"], shown["birth_date"]) == ("verified", "李小宝", day.isoformat())
    allergy = for_child.do("POST", "/me/allergies", {"group": "J01CA", "name": "青霉素"})
    assert guardian.do("GET", "/me/allergies")["data"] == []
    assert for_child.do("GET", "/me/allergies")["data"] == [allergy]


def test_what_a_guardian_does_says_who_and_for_whom(world: World) -> None:
    guardian = world.resident("王妈妈")
    child = registered(guardian)
    for_child = acting(world, guardian, child)
    for_child.do("POST", "/me/allergies", {"group": "J01CA", "name": "青霉素"})
    world.settle(scope_of(child["person"]))
    entries = for_child.do("GET", "/me/journal?limit=100")["data"]
    stated = next(one for one in entries if one["type"] == "allergy.stated")
    assert stated["actor"] == f"person:{public(guardian.id)}"
    with world.platform.connection() as connection:
        query = b"SELECT text FROM person_journal WHERE person_id = %s AND type = 'allergy.stated'"
        (text,) = connection.execute(query, [for_child.id]).fetchone() or ("",)
    assert f'"on_behalf_of":"person:{child["person"]}"' in text
    (access,) = for_child.do("GET", "/me/access-log")["data"]
    assert (access["who"], access["role"], access["name"]) == ("representative", "guardian", "王妈妈")
    assert "您的监护人王妈妈" in access["sentence"]


def test_credentials_and_who_else_acts_are_not_the_guardians(world: World) -> None:
    guardian = world.resident()
    for_child = acting(world, guardian, registered(guardian))
    for method, path in (
        ("POST", "/me/authenticators"), ("POST", "/me/children"), ("GET", "/me/representatives"),
        ("POST", "/me/exports/nothing"), ("POST", "/me/account-claim"),
    ):  # fmt: skip
        assert for_child.ask(method, path, {}).status_code in (403, 405, 404), path
    assert PERMISSIONS[Role.GUARDIAN] < PERMISSIONS[Role.RESIDENT]
    assert {"me.write", "family.write", "family.read", "erasures.write"}.isdisjoint(PERMISSIONS[Role.GUARDIAN])


def test_what_a_guardian_is_refused_stands_with_each_child(world: World) -> None:
    guardian = world.resident()
    for child in (registered(guardian), registered(guardian)):
        for_child = acting(world, guardian, child)
        assert for_child.refused(403, "GET", "/me/sign-ins") == "forbidden"
        world.settle(scope_of(child["person"]))
        entries = for_child.do("GET", "/me/journal?limit=100")["data"]
        assert [one["type"] for one in entries].count(REFUSED) == 1


def test_the_registry_is_asked_for_child_and_relation(world: World) -> None:
    guardian = world.resident()
    for name in ("张小无亲", "张小不符", "张小查无"):
        body = {"name": name, "number": new_number(born(3))}
        assert guardian.refused(403, "POST", "/me/children", body) == "identity_not_confirmed"
    assert guardian.do("GET", "/me/represented")["data"] == []
    grown = {"name": "张大宝", "number": new_number(born(18))}
    assert guardian.refused(422, "POST", "/me/children", grown) == "of_age"
    child = {"name": "张小宝", "number": new_number(born(3))}
    assert world.person().refused(403, "POST", "/me/children", child) == "resident_unverified"
    assert world.resident(number=new_number(born(17))).refused(403, "POST", "/me/children", child) == "not_of_age"


def test_tries_are_counted(world: World) -> None:
    guardian = world.resident()
    for _ in range(TRIES):
        guardian.refused(403, "POST", "/me/children", {"name": "张无亲", "number": new_number(born(3))})
    child = {"name": "张小宝", "number": new_number(born(3))}
    assert guardian.refused(429, "POST", "/me/children", child) == "too_many_tries"


def test_two_guardians_at_once_find_one_person_and_a_third_none(world: World) -> None:
    number, parents = new_number(born(2)), [world.resident(), world.resident()]
    one, other = at_once(*(lambda parent=parent: registered(parent, number) for parent in parents))
    assert one["person"] == other["person"] and one["id"] != other["id"]
    again = registered(parents[0], number)
    assert again["id"] == one["id"]
    third = {"name": "张小宝", "number": number}
    assert world.resident().refused(409, "POST", "/me/children", third) == "too_many_representatives"


def test_an_account_with_a_phone_is_nobodys_child_by_its_reservation(world: World) -> None:
    """A youth of 15 has verified themself: their guardian finds that very account, and both may act."""
    number = new_number(born(15))
    youth, guardian = world.resident("张小宝", number), world.resident()
    child = registered(guardian, number)
    assert child["person"] == public(youth.id)
    assert acting(world, guardian, child).do("GET", "/me/resident")["name"] == "张小宝"
    assert youth.do("GET", "/me/resident")["state"] == "verified"


def test_under_fourteen_nobody_verifies_themself(world: World) -> None:
    body = {"name": "张小宝", "number": new_number(born(13))}
    assert world.person().refused(403, "POST", "/me/resident/verification", body) == "guardian_needed"


def test_signing_out_ends_what_came_of_it(world: World) -> None:
    guardian = world.resident()
    child = registered(guardian)
    for_child, other = acting(world, guardian, child), acting(world, guardian, child)
    for_child.do("DELETE", "/sign-ins/current")
    assert for_child.refused(401, "GET", "/me") == "unauthenticated"
    assert other.do("GET", "/me")["id"] == child["person"]
    guardian.do("DELETE", "/sign-ins/current")
    assert other.refused(401, "GET", "/me") == "unauthenticated"


def test_a_token_for_somebody_is_exchanged_for_nothing(world: World) -> None:
    guardian = world.resident()
    child = registered(guardian)
    path = f"/me/represented/{child['id']}/tokens"
    assert acting(world, guardian, child).refused(403, "POST", path) == "forbidden"
    assert world.resident().refused(404, "POST", path) == "not_found"


def test_guardianship_ends_on_the_birthday_by_itself(world: World, clock: Clock) -> None:
    """Checked at use before the timer has come, and ended by it: in the night after which nobody is a minor."""
    guardian, day = world.resident(), born(17)
    child = registered(guardian, new_number(day))
    clock.ahead = turned(day, 18)
    guardian = world.again(guardian)
    path = f"/me/represented/{child['id']}/tokens"
    assert guardian.refused(409, "POST", path) == "representation_state"
    scope = scope_of(child["person"])
    assert keep_time(scope) == 1 and keep_time(scope) == 0
    world.settle(scope)
    (kept,) = guardian.do("GET", "/me/represented")["data"]
    assert (kept["state"], kept["end_reason"], kept["name"]) == ("ended", "of_age", "张小宝")


def test_a_token_of_the_last_hour_ends_at_midnight(world: World, clock: Clock) -> None:
    guardian, day = world.resident(), born(17)
    child = registered(guardian, new_number(day))
    clock.ahead = turned(day, 18)
    clock.forward(hours=-1, minutes=-30)
    guardian = world.again(guardian)
    answer = guardian.do("POST", f"/me/represented/{child['id']}/tokens")
    assert 0 < answer["expires_in"] <= 1800
    for_child = Actor(world.app, answer["access_token"], guardian.id)
    for_child.do("GET", "/me")
    clock.forward(minutes=31)
    assert for_child.refused(401, "GET", "/me") == "unauthenticated"


def test_what_ended_is_forgotten_after_three_years(world: World, clock: Clock) -> None:
    guardian, day = world.resident(), born(17)
    scope = scope_of(registered(guardian, new_number(day))["person"])
    clock.ahead = turned(day, 18)
    keep_time(scope)
    clock.forward(days=3 * 366 + 1)
    assert keep_time(scope) == 1
    assert keep_time(Scope.for_person(guardian.id)) == 0
