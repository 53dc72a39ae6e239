"""From a number to a verified resident, cut off between any two steps, repeated, and raced."""

import uuid
from datetime import date

import pytest

from app.core.calendar import local_date
from app.core.errors import Refused
from app.core.scope import Scope
from app.core.unit import SYSTEM, database
from app.residents.connectors.registry import AskRegistry, Verdict
from app.residents.models import Card, IdentityNumber
from app.residents.reservations import GRACE, reserve, reserver
from app.residents.rules.documents import Claim, DocumentKind, Stated, read_claim
from app.residents.service.reading import read_resident
from app.residents.service.verification import ask_registry, begin, confirm, reserve_number, verify
from tests.residents.conftest import Clock
from tests.residents.world import World, new_number
from tests.tenants.world import at_once

STEPS = ["begun", "asked", "reserved"]


def stated(number: str) -> Stated:
    return Stated("张三", DocumentKind.RESIDENT_IDENTITY_CARD, number)


def claim_of(number: str) -> Claim:
    return read_claim(stated(number), local_date(database().clock.now()))


def cut_off(person: uuid.UUID, number: str, ask: AskRegistry, after: str) -> None:
    """Verify up to a step, as if the process had then been killed."""
    scope, claim = Scope.for_person(person), claim_of(number)
    begin(scope, claim, SYSTEM)
    if after == "begun":
        return
    assert ask_registry(scope, claim, ask, SYSTEM) is Verdict.MATCH
    if after == "asked":
        return
    assert reserve_number(person, claim)


def state(person: uuid.UUID) -> str:
    return read_resident(Scope.for_person(person)).state


def new_key() -> str:
    return uuid.uuid4().hex * 2


@pytest.mark.parametrize("after", STEPS)
def test_whoever_was_cut_off_goes_on(world: World, ask: AskRegistry, after: str) -> None:
    person, number = world.person().id, new_number()
    cut_off(person, number, ask, after)
    assert state(person) == "unverified"
    assert not isinstance(verify(person, stated(number), ask, SYSTEM), Refused)
    assert state(person) == "verified"
    assert len(world.entries(person, "resident.verified")) == 1


@pytest.mark.parametrize("after", STEPS)
def test_whoever_was_cut_off_keeps_nobody_out_for_long(
    world: World, ask: AskRegistry, clock: Clock, after: str
) -> None:
    first, second, number = world.person().id, world.person().id, new_number()
    cut_off(first, number, ask, after)
    early = verify(second, stated(number), ask, SYSTEM)
    assert isinstance(early, Refused) is (after == "reserved")
    clock.forward(seconds=GRACE.total_seconds() + 1)
    assert not isinstance(verify(second, stated(number), ask, SYSTEM), Refused)
    late = verify(first, stated(number), ask, SYSTEM)
    assert isinstance(late, Refused) and late.problem.code == "identity_conflict"
    assert (state(first), state(second)) == ("unverified", "verified")


def test_a_verified_number_is_never_taken_over(world: World, ask: AskRegistry, clock: Clock) -> None:
    first, second, number = world.person().id, world.person().id, new_number()
    verify(first, stated(number), ask, SYSTEM)
    clock.forward(days=400)
    refused = verify(second, stated(number), ask, SYSTEM)
    assert isinstance(refused, Refused) and refused.problem.code == "identity_conflict"


def test_every_step_may_be_repeated(world: World) -> None:
    person, number = world.person().id, new_number()
    scope, claim = Scope.for_person(person), claim_of(number)
    for _ in range(3):
        begin(scope, claim, SYSTEM)
        assert reserve_number(person, claim)
    shown = [confirm(scope, claim, SYSTEM) for _ in range(3)]
    assert shown[0] == shown[1] == shown[2]
    assert len(world.entries(person, "resident.verified")) == 1


def test_confirming_needs_the_very_number(world: World) -> None:
    person, number = world.person().id, new_number()
    scope = Scope.for_person(person)
    begin(scope, claim_of(number), SYSTEM)
    confirm(scope, claim_of(number), SYSTEM)
    other = Claim("李四", DocumentKind.RESIDENT_IDENTITY_CARD, new_number(), date(1990, 1, 1), claim_of(number).sex)
    with pytest.raises(Exception, match="verified already"):
        confirm(scope, other, SYSTEM)


@pytest.mark.parametrize("model", [IdentityNumber, Card])
def test_a_reservation_has_one_reserver(world: World, model: type[IdentityNumber | Card]) -> None:
    key, people = new_key(), [uuid.uuid4() for _ in range(10)]
    won = at_once(*(lambda p=p: reserve(model, key, p, lambda reading: False) for p in people))
    assert won.count(True) == 1
    assert reserver(model, key) == people[won.index(True)]
    assert reserver(model, new_key()) is None


def test_a_reservation_that_nothing_followed_is_taken_over_by_one(world: World, clock: Clock) -> None:
    key, first, people = new_key(), uuid.uuid4(), [uuid.uuid4() for _ in range(10)]
    assert reserve(Card, key, first, lambda reading: False)
    clock.forward(seconds=GRACE.total_seconds() + 1)
    assert not reserve(Card, key, people[0], lambda reading: True)
    won = at_once(*(lambda p=p: reserve(Card, key, p, lambda reading: False) for p in people))
    assert won.count(True) == 1
    assert reserver(Card, key) == people[won.index(True)]


def test_reserving_again_starts_the_grace_anew(world: World, clock: Clock) -> None:
    key, first, second = new_key(), uuid.uuid4(), uuid.uuid4()
    assert reserve(Card, key, first, lambda reading: False)
    clock.forward(seconds=GRACE.total_seconds() - 5)
    assert reserve(Card, key, first, lambda reading: False)
    clock.forward(seconds=10)
    assert not reserve(Card, key, second, lambda reading: False)
    assert reserver(Card, key) == first
