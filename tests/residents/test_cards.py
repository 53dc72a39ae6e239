"""Cards: bound to one resident, found in one look-up, taken off again."""

from typing import Any

import pytest

from app.core.ids import PublicId
from app.core.scope import Scope
from app.residents.api import CardKind, find_by_card
from app.residents.repository import CARD_TRIES
from app.residents.rules.cards import MOST_CARDS
from tests.residents.conftest import Clock
from tests.residents.world import World, new_bank_card, new_number
from tests.tenants.world import at_once


def bank(number: str = "") -> dict[str, Any]:
    return {"kind": "bank_card", "number": number or new_bank_card()}


def found(number: str) -> object:
    return find_by_card(CardKind.BANK_CARD, number)


def test_any_card_finds_the_one_resident(world: World) -> None:
    resident, hospital = world.resident(), world.team("hospital")
    social, bank_card, health = f"A{new_bank_card()[-8:]}", new_bank_card(), new_number()
    made = [
        resident.do("POST", "/me/cards", wish)
        for wish in (
            {"kind": "social_security_card", "number": social.lower()}, bank(bank_card),
            {"kind": "health_card", "number": health},
            {"kind": "hospital_card", "number": "00012345", "issuer": hospital.id},
        )
    ]  # fmt: skip
    assert {card["state"] for card in made} == {"bound"}
    assert made[1]["number"] == "*" * 12 + bank_card[-4:]
    assert find_by_card(CardKind.SOCIAL_SECURITY_CARD, f" {social} ") == resident.id
    assert find_by_card(CardKind.BANK_CARD, bank_card) == find_by_card(CardKind.HEALTH_CARD, health) == resident.id
    assert find_by_card(CardKind.HOSPITAL_CARD, "00012345", hospital.scope.tenant) == resident.id
    listed = resident.do("GET", "/me/cards")["data"]
    assert listed == made


def test_a_card_leads_nowhere_else(world: World) -> None:
    resident, number = world.resident(), new_bank_card()
    resident.do("POST", "/me/cards", bank(number))
    assert find_by_card(CardKind.HEALTH_CARD, number) is None
    assert find_by_card(CardKind.HOSPITAL_CARD, number, 7) is None
    assert find_by_card(CardKind.BANK_CARD, number[:-1] + "x") is None
    assert found(new_bank_card()) is None


def test_a_card_bound_elsewhere_is_refused_and_nothing_disclosed(world: World, clock: Clock) -> None:
    first, second, wish = world.resident("张三"), world.resident("李四"), bank()
    first.do("POST", "/me/cards", wish)
    clock.forward(minutes=30)
    answer = second.ask("POST", "/me/cards", wish)
    assert (answer.status_code, answer.json and answer.json["code"]) == (409, "card_refused")
    assert "张三" not in answer.text and wish["number"] not in answer.text
    assert found(wish["number"]) == first.id
    assert second.do("GET", "/me/cards")["data"] == []
    assert [entry[0::2] for entry in world.entries(second.id, "resident.card_refused")] == [
        ("resident.card_refused", {"kind": "bank_card"})
    ]


@pytest.mark.parametrize("many", [2, 8])
def test_of_many_who_bind_one_card_at_once_one_has_it(world: World, many: int) -> None:
    wish, people = bank(), [world.resident() for _ in range(many)]
    answers = at_once(*(lambda p=p: p.ask("POST", "/me/cards", wish) for p in people))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * (many - 1)
    (holder,) = [p.id for p, answer in zip(people, answers, strict=True) if answer.status_code == 201]
    assert found(wish["number"]) == holder


def test_one_who_binds_at_once_twice_has_one_card(world: World) -> None:
    resident, wish = world.resident(), bank()
    answers = at_once(*[lambda: resident.do("POST", "/me/cards", wish)["id"]] * 6)
    assert len(set(answers)) == 1
    assert len(resident.do("GET", "/me/cards")["data"]) == 1


def test_binding_is_repeated_with_the_same_key(world: World) -> None:
    resident, wish = world.resident(), bank()
    first = resident.ask("POST", "/me/cards", wish, Idempotency_Key="a-key")
    again = resident.ask("POST", "/me/cards", wish, Idempotency_Key="a-key")
    assert (first.json, again.headers["Idempotency-Replayed"]) == (again.json, "true")
    assert len(world.entries(resident.id, "card.bound")) == 1


def test_unbinding_and_binding_elsewhere(world: World, clock: Clock) -> None:
    first, second, wish = world.resident(), world.resident(), bank()
    card = first.do("POST", "/me/cards", wish)
    ended = first.do("POST", f"/me/cards/{card['id']}/unbinding")
    assert (ended["state"], ended["version"]) == ("unbound", 2)
    assert first.do("POST", f"/me/cards/{card['id']}/unbinding") == ended
    assert found(wish["number"]) is None
    assert second.refused(409, "POST", "/me/cards", wish) == "card_refused"
    clock.forward(minutes=3)
    assert second.do("POST", "/me/cards", wish)["state"] == "bound"
    assert found(wish["number"]) == second.id
    assert first.refused(409, "POST", "/me/cards", wish) == "card_refused"
    assert [entry[0] for entry in world.entries(first.id, "card.bound", "card.unbound")] == [
        "card.bound",
        "card.unbound",
    ]


def test_a_replayed_binding_after_an_unbinding_holds_nothing(world: World, clock: Clock) -> None:
    first, second, wish = world.resident(), world.resident(), bank()
    card = first.do("POST", "/me/cards", wish, Idempotency_Key="once")
    first.do("POST", f"/me/cards/{card['id']}/unbinding")
    assert first.do("POST", "/me/cards", wish, Idempotency_Key="once") == card
    assert found(wish["number"]) is None
    clock.forward(minutes=3)
    assert second.do("POST", "/me/cards", wish)["state"] == "bound"


def test_the_same_resident_binds_again_at_once(world: World) -> None:
    resident, wish = world.resident(), bank()
    former = resident.do("POST", "/me/cards", wish)
    resident.do("POST", f"/me/cards/{former['id']}/unbinding")
    again = resident.do("POST", "/me/cards", wish)
    assert (again["state"], again["id"] != former["id"]) == ("bound", True)
    assert found(wish["number"]) == resident.id


def test_only_verified_residents_have_cards(world: World) -> None:
    person, wish = world.person(), bank()
    assert person.refused(403, "POST", "/me/cards", wish) == "resident_unverified"
    person.do("POST", "/me/resident/verification", PASSPORT)
    assert person.refused(403, "POST", "/me/cards", wish) == "resident_unverified"
    assert found(wish["number"]) is None


PASSPORT = {
    "name": "Anna", "document_kind": "passport", "number": "E12345678", "birth_date": "1990-05-01", "sex": "female",
}  # fmt: skip


def test_twenty_cards_and_twenty_tries(world: World) -> None:
    assert MOST_CARDS == CARD_TRIES == 20
    resident = world.resident()
    wishes = [bank() for _ in range(20)]
    for wish in wishes:
        resident.do("POST", "/me/cards", wish)
    assert resident.refused(429, "POST", "/me/cards", bank()) == "too_many_tries"
    resident.do("POST", "/me/cards", wishes[3])


def test_more_cards_than_allowed(world: World, clock: Clock) -> None:
    resident = world.resident()
    for _ in range(20):
        resident.do("POST", "/me/cards", bank())
    clock.forward(days=1)
    again = world.again(resident)
    wish = bank()
    assert again.refused(409, "POST", "/me/cards", wish) == "too_many_cards"
    assert found(wish["number"]) is None


@pytest.mark.parametrize(
    "wish",
    [
        {"kind": "bank_card", "number": "6222021234567893"}, {"kind": "hospital_card", "number": "00012345"},
        {"kind": "library_card", "number": "123456"}, {"kind": "bank_card"},
        {"kind": "hospital_card", "number": "00012345", "issuer": "ten_00"},
    ],
)  # fmt: skip
def test_bad_cards(world: World, wish: dict[str, Any]) -> None:
    assert world.resident().refused(422, "POST", "/me/cards", wish) == "invalid_input"


def test_strangers_unbind_nothing(world: World) -> None:
    owner, stranger = world.resident(), world.resident()
    card = owner.do("POST", "/me/cards", bank())
    forged = str(PublicId("crd", Scope.for_person(stranger.id), PublicId.parse(card["id"], "crd").id))
    for id in (card["id"], forged, "crd_0", card["id"].replace("crd", "res")):
        assert stranger.refused(404, "POST", f"/me/cards/{id}/unbinding") == "not_found"
    assert stranger.do("GET", "/me/cards")["data"] == []
    assert owner.do("GET", "/me/cards")["data"] == [card]
