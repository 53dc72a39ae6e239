"""What is forgotten of residents: reservations that nothing followed, cards that were taken off, marks of looks."""

from typing import Any, cast

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege
from sqlalchemy import Table

from app.core.discovery import due, owners
from app.core.ids import PublicId, new_id
from app.core.looks import MARK_KEPT
from app.core.scope import Scope
from app.core.unit import Caller, database, run, unit
from app.residents.allergy_models import CareLook
from app.residents.api import CardKind, find_by_card, look_for_care
from app.residents.models import Card, IdentityNumber
from app.residents.reservations import KEPT, let_go, look_again, reserve
from app.residents.rules.cards import parse_card
from app.residents.timers import TIMERS, let_cards_go, let_numbers_go
from tests.platform import Platform
from tests.residents.conftest import Clock
from tests.residents.world import World, new_bank_card, new_number
from tests.tenants.world import at_once

CARE_LOOKS = TIMERS[0]


def card_scope(number: str) -> Scope:
    card = parse_card(CardKind.BANK_CARD, number, None)
    return Scope.for_key("cards", database().blind.digest("card", card.value))


def number_scope(number: str) -> Scope:
    return Scope.for_key("identity_numbers", database().blind.digest("identity_number", number))


def is_there(model: type[Any], scope: Scope) -> bool:
    with unit(scope) as reading:
        return reading.first(reading.select(model)) is not None


def is_found(platform: Platform, clock: Clock, model: type[Any], scope: Scope) -> bool:
    """Whether a look for work finds `scope`, whatever other tests left to be found before it."""
    table = cast(Table, model.__table__)
    others = owners(platform.discovery, table) - {scope}
    return scope in due(platform.discovery, {table: others}, clock.now())[table]


def later(clock: Clock) -> None:
    clock.forward(seconds=KEPT.total_seconds() + 1)


def test_a_number_that_was_reserved_for_nothing_is_let_go(platform: Platform, world: World, clock: Clock) -> None:
    key = new_id().hex * 2
    scope = Scope.for_key("identity_numbers", key)
    assert reserve(IdentityNumber, key, world.person().id, lambda reading: False)
    assert let_numbers_go(scope) == 0 and not is_found(platform, clock, IdentityNumber, scope)
    later(clock)
    assert is_found(platform, clock, IdentityNumber, scope)
    assert let_numbers_go(scope) == 1
    assert not is_there(IdentityNumber, scope)


def test_a_number_by_which_somebody_is_verified_stays(platform: Platform, world: World, clock: Clock) -> None:
    number = new_number()
    world.resident(number=number)
    scope = number_scope(number)
    later(clock)
    assert let_numbers_go(scope) == 1, "it was due to be looked at"
    assert is_there(IdentityNumber, scope)
    clock.forward(days=400)
    assert not is_found(platform, clock, IdentityNumber, scope)
    assert let_numbers_go(scope) == 0


def test_a_card_is_let_go_a_day_after_it_was_taken_off(platform: Platform, world: World, clock: Clock) -> None:
    resident, number = world.resident(), new_bank_card()
    card = resident.do("POST", "/me/cards", {"kind": "bank_card", "number": number})
    scope = card_scope(number)
    later(clock)
    assert let_cards_go(scope) == 1 and is_there(Card, scope)
    assert find_by_card(CardKind.BANK_CARD, number) == resident.id
    resident = world.again(resident)
    resident.do("POST", f"/me/cards/{card['id']}/unbinding")
    assert let_cards_go(scope) == 0
    later(clock)
    assert is_found(platform, clock, Card, scope)
    assert let_cards_go(scope) == 1
    assert not is_there(Card, scope)
    other = world.resident("李四")
    other.do("POST", "/me/cards", {"kind": "bank_card", "number": number})
    assert find_by_card(CardKind.BANK_CARD, number) == other.id


def test_what_is_asked_for_while_it_is_let_go_is_reserved(world: World, clock: Clock) -> None:
    """The timer asked the reserver, and before it deletes somebody reserves anew: theirs stays."""
    key, first = new_id().hex * 2, new_id()
    scope = Scope.for_key("cards", key)
    assert reserve(Card, key, first, lambda reading: False)
    later(clock)

    def meanwhile(reading: object, digest: str) -> bool:
        assert digest == key
        clock.forward(seconds=1)
        return not reserve(Card, key, first, lambda inner: False)

    assert at_once(lambda: let_go(Card, scope, meanwhile)) == [1]
    assert is_there(Card, scope)
    assert let_cards_go(scope) == 0


def test_what_is_given_back_while_it_is_looked_at_is_looked_at_again(
    platform: Platform, world: World, clock: Clock
) -> None:
    key = new_id().hex * 2
    scope = Scope.for_key("cards", key)
    assert reserve(Card, key, new_id(), lambda reading: False)
    later(clock)

    def given_back(reading: object, digest: str) -> bool:
        clock.forward(seconds=1)
        at_once(lambda: look_again(Card, key))
        return True

    assert let_go(Card, scope, given_back) == 1
    later(clock)
    assert is_found(platform, clock, Card, scope)


def test_whoever_reserves_and_whoever_lets_go_at_once(world: World, clock: Clock) -> None:
    key, people = new_id().hex * 2, [new_id() for _ in range(4)]
    scope = Scope.for_key("cards", key)
    for _ in range(10):
        acts = [lambda p=p: reserve(Card, key, p, lambda reading: False) for p in people]
        won = at_once(*acts, *[lambda: let_cards_go(scope)] * 2)[: len(people)]
        assert won.count(True) == 1
        assert is_there(Card, scope)
        later(clock)


def test_a_persons_marks_of_looks_are_forgotten(platform: Platform, world: World, clock: Clock) -> None:
    scope, by = Scope.for_person(world.person().id), Caller("staff:test")

    def look() -> bool:
        return run(
            scope, lambda opened: look_for_care(opened, "care", PublicId("note", scope, scope.require_person())), by
        )

    assert look()
    assert CARE_LOOKS.task(scope) == 0
    clock.forward(seconds=MARK_KEPT.total_seconds())
    assert is_found(platform, clock, CareLook, scope)
    assert CARE_LOOKS.task(scope) == 1
    with unit(scope) as reading:
        assert reading.all(reading.select(CareLook)) == []
    assert look()


@pytest.mark.parametrize("table", ["identity_numbers", "cards"])
def test_discovery_does_not_see_whose_it_is(platform: Platform, table: str) -> None:
    with psycopg.connect(platform.addresses["discovery"]) as discovery, pytest.raises(InsufficientPrivilege):
        discovery.execute(f"SELECT person_id FROM {table}".encode())  # noqa: S608  # names of our own
