"""Consents in a person's place: a guardian's under 14, until then, while they are the guardian; nobody else's."""

import pytest

from app.core.calendar import local_date
from app.core.unit import SYSTEM, database
from app.residents.family.service.papers import end_guardianship
from app.residents.rules.ages import CONSENTS, birthday
from tests.records.scenes import House, house
from tests.records.test_consents import body
from tests.residents.family.scenes import acting, born, named, public, registered
from tests.residents.world import World, new_number


@pytest.fixture(scope="module")
def south(made: World) -> House:
    return house(name="南院")


def test_a_guardian_consents_for_a_child_and_it_is_kept_who_did(world: World, south: House) -> None:
    guardian = world.resident()
    for_child = acting(world, guardian, registered(guardian))
    given = for_child.do("POST", "/me/consents", body(south))
    assert (given["given_by"], given["state"]) == (public(guardian.id), "granted")
    assert for_child.do("POST", f"/me/consents/{given['id']}/revocation")["state"] == "revoked"
    assert guardian.do("POST", "/me/consents", body(south))["given_by"] is None


def test_from_fourteen_on_they_consent_themselves(world: World, south: House) -> None:
    guardian = world.resident()
    for_youth = acting(world, guardian, registered(guardian, new_number(born(CONSENTS))))
    assert for_youth.refused(403, "POST", "/me/consents", body(south)) == "consent_own"


def test_no_proxy_consents_but_they_take_back(world: World, south: House) -> None:
    person, proxy = world.resident(), world.resident()
    given = person.do("POST", "/me/consents", body(south))
    for_person = acting(world, proxy, named(world, person, proxy))
    assert for_person.refused(403, "POST", "/me/consents", body(south)) == "consent_own"
    assert for_person.do("POST", f"/me/consents/{given['id']}/revocation")["state"] == "revoked"


def test_what_a_guardian_consents_to_ends_before_the_birthday(world: World, south: House) -> None:
    guardian, day = world.resident(), born(CONSENTS - 1)
    for_child = acting(world, guardian, registered(guardian, new_number(day)))
    left = (birthday(day, CONSENTS) - local_date(database().clock.now())).days
    beyond = body(south, days=left)
    assert for_child.rules("POST", "/me/consents", beyond) == {("/ends_on", "consent_term")}
    assert for_child.do("POST", "/me/consents", body(south, days=left - 1))["state"] == "granted"


def test_it_ends_with_the_guardianship_and_another_guardians_stays(world: World, south: House) -> None:
    number, child_number = new_number(), new_number(born(6))
    one, other = world.resident(number=number), world.resident()
    for_child, beside = (acting(world, actor, registered(actor, child_number)) for actor in (one, other))
    for_child.do("POST", "/me/consents", body(south, category="visits"))
    beside.do("POST", "/me/consents", body(south, category="allergies"))
    end_guardianship(child_number, number, SYSTEM)
    states = {row["given_by"]: row["state"] for row in beside.do("GET", "/me/consents")["data"]}
    assert states == {public(one.id): "revoked", public(other.id): "granted"}
