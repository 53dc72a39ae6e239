"""A young person takes over the account that their guardians opened."""

import secrets
import uuid
from typing import Any

from app.core.scope import Scope
from app.core.unit import run, unit
from app.identity.models import Login
from app.identity.service.sign_in import confirm_login, enter, login_key, reserve_login
from tenants.api import PLATFORM
from tenants.service.opening import establish_platform
from tests.residents.conftest import Clock
from tests.residents.family.scenes import acting, born, public, registered, scope_of, turned
from tests.residents.world import World, new_number
from tests.tenants.world import Actor, at_once


def by_phone(world: World, phone: str) -> Actor:
    """Whoever has that phone, signed in with it."""
    known = reserve_login(phone)
    signed_in = enter(known.person_id, phone, "zh-CN", "")
    confirm_login(phone, known.person_id)
    return Actor(world.app, signed_in.access_token, known.person_id)


def new_phone() -> str:
    return f"+8613{secrets.randbelow(10**9):09}"


def word(guardian: Actor, child: dict[str, Any]) -> str:
    """What the guardian gives to the child."""
    made: str = guardian.do("POST", f"/me/represented/{child['id']}/claim-words")["word"]
    return made


def holder(phone: str) -> uuid.UUID:
    with unit(Scope.for_key(Login.__tablename__, login_key(phone))) as reading:
        return reading.session.scalars(reading.select(Login)).one().person_id


def test_at_fourteen_the_phone_leads_to_the_account(world: World) -> None:
    number, phone, guardian = new_number(born(15)), new_phone(), world.resident()
    child = registered(guardian, number, "张大宝")
    acting(world, guardian, child).do("POST", "/me/allergies", {"group": "J01CA", "name": "青霉素"})
    youth = by_phone(world, phone)
    body = {"name": "张大宝", "number": number}
    for wrong in ({}, {"word": "x"}):
        assert youth.refused(409, "POST", "/me/account-claim", {**body, **wrong}) == "identity_conflict"
    claimed = youth.do("POST", "/me/account-claim", {**body, "word": word(guardian, child)})
    assert claimed == {"person": child["person"]}
    assert youth.refused(401, "GET", "/me") == "unauthenticated"
    youth = by_phone(world, phone)
    me = youth.do("GET", "/me")
    assert (me["id"], me["phone"]) == (child["person"], phone)
    assert len(youth.do("GET", "/me/allergies")["data"]) == 1
    assert acting(world, guardian, child).do("GET", "/me")["id"] == child["person"], "guardians act beside them"


def show_papers(world: World, claimant: Actor, child: dict[str, Any], identity: dict[str, str]) -> None:
    """Two operators read on somebody's papers who they are, and the account that they ask for compares it."""
    run(PLATFORM, lambda opened: establish_platform(opened, "Platform"))
    one, other = (world.member(PLATFORM, "platform_operator") for _ in range(2))
    asked = public(claimant.id)
    world.settle(Scope.for_person(claimant.id))
    waiting = one.do("GET", "/account-cases?limit=100")["data"]
    (case,) = [row["id"] for row in waiting if row["person"] == asked and row["holder"] == child["person"]]
    one.do("POST", f"/account-cases/{case}/hand-over", identity)
    other.do("POST", f"/account-cases/{case}/hand-over/confirmation", identity)
    world.settle(PLATFORM, scope_of(child["person"]))


def test_of_age_name_and_number_alone_do_not_do(world: World, clock: Clock) -> None:
    """Both are known to many: who asks shows their papers, and nobody else gets the account by that."""
    day, phone, guardian = born(17), new_phone(), world.resident()
    child = registered(guardian, number := new_number(day))
    given, body = word(guardian, child), {"name": "张小宝", "number": number}
    clock.ahead = turned(day, 18)
    youth, stranger = by_phone(world, phone), by_phone(world, new_phone())
    for one in (youth, stranger):
        assert one.refused(409, "POST", "/me/account-claim", {**body, "word": given}) == "identity_conflict"
    show_papers(world, youth, child, {**body, "name": "李四"})
    assert youth.refused(409, "POST", "/me/account-claim", body) == "identity_conflict"
    show_papers(world, youth, child, body)
    assert stranger.refused(409, "POST", "/me/account-claim", body) == "identity_conflict"
    assert youth.do("POST", "/me/account-claim", body)["person"] == child["person"]
    path = f"/me/represented/{child['id']}/claim-words"
    assert given and world.again(guardian).refused(409, "POST", path) == "representation_state"


def test_papers_that_an_operator_saw_stand_in_for_a_guardians_word(world: World) -> None:
    number, guardian = new_number(born(15)), world.resident()
    child, youth = registered(guardian, number), by_phone(world, new_phone())
    body = {"name": "张小宝", "number": number}
    assert youth.refused(409, "POST", "/me/resident/verification", body) == "identity_conflict"
    show_papers(world, youth, child, body)
    assert youth.do("POST", "/me/account-claim", body)["person"] == child["person"]


def test_a_word_is_good_once_and_for_an_hour(world: World, clock: Clock) -> None:
    number, guardian = new_number(born(15)), world.resident()
    child = registered(guardian, number)
    given = word(guardian, child)
    clock.forward(minutes=61)
    youth = by_phone(world, new_phone())
    body = {"name": "张小宝", "number": number, "word": given}
    assert youth.refused(409, "POST", "/me/account-claim", body) == "identity_conflict"


def test_too_young_unknown_or_another(world: World) -> None:
    guardian, person = world.resident(), world.person()
    young, number = new_number(born(13)), new_number(born(19))
    registered(guardian, young)
    body = {"name": "张小宝", "number": young}
    assert person.refused(403, "POST", "/me/account-claim", body) == "guardian_needed"
    assert person.refused(409, "POST", "/me/account-claim", {**body, "number": number}) == "identity_conflict"
    world.resident("李四", number)
    assert person.refused(409, "POST", "/me/account-claim", {**body, "number": number}) == "identity_conflict"
    name = {"name": "张不符", "number": number}
    assert person.refused(403, "POST", "/me/account-claim", name) == "identity_not_confirmed"
    assert person.do("GET", "/me")["id"] == public(person.id)


def test_of_two_phones_at_once_one_gets_it(world: World) -> None:
    number, phones = new_number(born(16)), [new_phone(), new_phone()]
    guardian = world.resident()
    child = registered(guardian, number)
    people = [by_phone(world, phone) for phone in phones]
    body = {"name": "张小宝", "number": number, "word": word(guardian, child)}
    answers = at_once(*(lambda one=one: one.ask("POST", "/me/account-claim", body) for one in people))
    assert sorted(one.status_code for one in answers) == [200, 409]
    assert [public(holder(phone)) for phone in phones].count(child["person"]) == 1
