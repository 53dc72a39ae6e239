"""A person's real name is verified over HTTP: by the registry, five times a day, once and for one account."""

from typing import Any

import pytest

from deploy.processes import free_port
from tests.residents.conftest import Clock, asking
from tests.residents.world import RegistryProgram, World, new_number
from tests.tenants.world import Actor, at_once

PATH = "/me/resident/verification"


def body(name: str = "张三", number: str = "", **more: Any) -> dict[str, Any]:
    return {"name": name, "number": number or new_number(), **more}


def code(person: Actor, status: int, wish: dict[str, Any]) -> str:
    return person.refused(status, "POST", PATH, wish)


def test_a_match_verifies(world: World) -> None:
    person, number = world.person(), new_number(male=True)
    assert person.do("GET", "/me/resident")["state"] == "unverified"
    answer = person.do("POST", PATH, body("欧阳·\U00020bb7", number))
    assert answer == {
        "state": "verified", "document_kind": "resident_identity_card", "name": "欧阳·\U00020bb7",
        "number": "*" * 14 + number[-4:], "birth_date": f"{number[6:10]}-{number[10:12]}-{number[12:14]}",
        "sex": "male", "verification_method": "registry", "verified_at": answer["verified_at"], "version": 2,
    }  # fmt: skip
    assert person.do("GET", "/me/resident") == answer
    assert world.entries(person.id, "resident.verification_tried", "resident.verified") == [
        ("resident.verification_tried", 1, {"document": "resident_identity_card", "tries": 1}),
        ("resident.verified", 2, {"document": "resident_identity_card", "method": "registry"}),
    ]


def test_full_width_digits_are_the_same_number(world: World) -> None:
    person, number = world.person(), new_number()
    wide = "".join(chr(ord(character) + 0xFEE0) for character in number.lower())
    assert person.do("POST", PATH, body(number=wide))["state"] == "verified"
    assert code(world.person(), 409, body(number=number)) == "identity_conflict"


@pytest.mark.parametrize("name", ["张不符", "张查无"])
def test_what_the_registry_does_not_confirm_is_refused_alike(world: World, name: str) -> None:
    person = world.person()
    answer = person.ask("POST", PATH, body(name))
    assert (answer.status_code, answer.json and answer.json["code"]) == (403, "identity_not_confirmed")
    assert answer.json and answer.json["detail"] == "check the name and the number as they stand on the card"
    resident = person.do("GET", "/me/resident")
    assert (resident["state"], resident["name"], resident["number"]) == ("unverified", None, None)
    verdict = {"张不符": "mismatch", "张查无": "not_found"}[name]
    assert world.entries(person.id, "resident.not_confirmed") == [("resident.not_confirmed", 2, {"verdict": verdict})]


def test_a_name_that_does_not_belong_reserves_nothing(world: World) -> None:
    number = new_number()
    code(world.person(), 403, body("张不符", number))
    assert world.resident(number=number).do("GET", "/me/resident")["state"] == "verified"


def test_a_number_belongs_to_one_account(world: World) -> None:
    number = new_number()
    world.resident(number=number)
    second = world.person()
    answer = second.ask("POST", PATH, body(number=number))
    assert (answer.status_code, answer.json and answer.json["code"]) == (409, "identity_conflict")
    assert number not in answer.text and number[-4:] not in answer.text
    assert second.do("GET", "/me/resident")["state"] == "unverified"
    assert world.entries(second.id, "resident.identity_conflict") == [("resident.identity_conflict", 2, {})]


@pytest.mark.parametrize("many", [2, 8])
def test_of_many_who_verify_one_number_at_once_one_is_verified(world: World, many: int) -> None:
    number, people = new_number(), [world.person() for _ in range(many)]
    answers = at_once(*(lambda p=p: p.ask("POST", PATH, body(number=number)) for p in people))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * (many - 1)
    states = [person.do("GET", "/me/resident")["state"] for person in people]
    assert states.count("verified") == 1


def test_one_person_at_once_with_two_numbers_gets_one(world: World, clock: Clock) -> None:
    person, numbers = world.person(), [new_number(), new_number()]
    answers = at_once(*(lambda n=n: person.ask("POST", PATH, body(number=n)) for n in numbers))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    (lost,) = [number for number, answer in zip(numbers, answers, strict=True) if answer.status_code == 409]
    clock.forward(minutes=3)
    assert world.resident(number=lost).do("GET", "/me/resident")["state"] == "verified"


def test_asking_again_answers_again_and_costs_nothing(world: World, registry: RegistryProgram) -> None:
    number = new_number()
    person = world.resident(number=number)
    asked = registry.asked
    first = person.do("GET", "/me/resident")
    assert [person.do("POST", PATH, body(number=number)) for _ in range(7)] == [first] * 7
    assert registry.asked == asked
    assert code(person, 409, body()) == "resident_verified"
    assert code(person, 409, body("Anna", "E12345678", **PASSPORT)) == "resident_verified"


def test_five_tries_a_day(world: World, clock: Clock, registry: RegistryProgram) -> None:
    person = world.person()
    assert [code(person, 403, body("张不符")) for _ in range(5)] == ["identity_not_confirmed"] * 5
    asked = registry.asked
    answer = person.ask("POST", PATH, body())
    assert (answer.status_code, answer.json and answer.json["code"]) == (429, "too_many_tries")
    assert 0 < int(answer.headers["Retry-After"]) <= 24 * 3600 + 1
    assert registry.asked == asked
    clock.forward(seconds=int(answer.headers["Retry-After"]))
    again = world.again(person)
    assert again.do("POST", PATH, body())["state"] == "verified"


def test_many_tries_at_once_are_five(world: World, registry: RegistryProgram) -> None:
    person, asked = world.person(), registry.asked
    answers = at_once(*[lambda: person.ask("POST", PATH, body("张不符")).status_code] * 12)
    assert sorted(answers) == [403] * 5 + [429] * 7
    assert registry.asked == asked + 5


def test_what_is_no_number_costs_no_try(world: World, registry: RegistryProgram) -> None:
    person, asked = world.person(), registry.asked
    wrong = new_number()[:-1] + "A"
    for _ in range(6):
        assert person.rules("POST", PATH, body(number=wrong)) == {("/number", "number_form")}
    assert registry.asked == asked
    assert person.do("POST", PATH, body())["state"] == "verified"


PASSPORT = {"document_kind": "passport", "birth_date": "1990-05-01", "sex": "female"}


def test_another_document_is_kept_as_stated(world: World, registry: RegistryProgram) -> None:
    person, asked = world.person(), registry.asked
    stated = person.do("POST", PATH, body("Anna Li", "e1234 5678", **PASSPORT))
    assert (stated["state"], stated["name"], stated["number"]) == ("unverified", "Anna Li", "******678")
    assert (stated["birth_date"], stated["sex"], stated["verified_at"]) == ("1990-05-01", "female", None)
    assert registry.asked == asked
    assert person.do("POST", PATH, body("李安娜"))["state"] == "verified"


@pytest.mark.parametrize(
    "wish",
    [
        {}, {"name": "张三"}, {"name": "", "number": "1"}, {"name": "张三", "number": 110105194912310021},
        {"name": "张三", "number": "1" * 61}, {"name": "张三", "number": "1", "document_kind": "library_card"},
        {"name": "张三", "number": "1", "state": "verified"},
    ],
)  # fmt: skip
def test_bad_bodies(world: World, wish: dict[str, Any]) -> None:
    assert code(world.person(), 422, wish) == "invalid_input"


@pytest.mark.parametrize("fault", [{"http_500": 9}, {"drop": 9}, {"lie": 9}])
def test_a_registry_that_fails_verifies_nobody_and_costs_no_try(
    world: World, registry: RegistryProgram, fault: dict[str, int]
) -> None:
    person, wish = world.person(), body()
    registry.faults(**fault)
    for _ in range(4):
        answer = person.ask("POST", PATH, wish)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
        assert answer.json and answer.json["code"] == "registry_unavailable"
    registry.faults()
    assert person.do("GET", "/me/resident")["state"] == "unverified"
    for _ in range(4):
        code(person, 403, body("张不符"))
    assert person.do("POST", PATH, wish)["state"] == "verified"


def test_a_registry_that_is_down(world: World) -> None:
    person = world.person()
    with asking(world, f"http://127.0.0.1:{free_port()}"):
        assert code(person, 503, body()) == "registry_unavailable"
    with asking(world, ""):
        assert code(person, 503, body()) == "registry_unavailable"
    assert person.do("POST", PATH, body())["state"] == "verified"


def test_a_registry_that_does_not_know_us(world: World, registry: RegistryProgram) -> None:
    with asking(world, registry.url, "another"):
        assert code(world.person(), 503, body()) == "registry_unavailable"


def test_strangers_are_not_residents(world: World) -> None:
    assert Actor(world.app, "none").refused(401, "GET", "/me/resident") == "unauthenticated"
    assert code(Actor(world.app, "none"), 401, body()) == "unauthenticated"
    staff = world.team().doctor
    assert code(staff, 403, body()) == "forbidden"
    assert staff.refused(403, "GET", "/me/resident") == "forbidden"
