"""What identity forgets: codes that nothing counts any longer, addresses, logins that nobody ever held."""

from concurrent.futures import ThreadPoolExecutor
from itertools import count
from threading import Event
from typing import cast

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege
from sqlalchemy import Table

from app.core.discovery import due
from app.core.ids import new_id
from app.core.scope import Scope
from app.core.unit import database, unit
from app.identity.models import CodeAddress, Login, PhoneChallenge
from app.identity.rules import ADDRESS_BURST, ADDRESS_KEPT, ADDRESS_PAUSE, CHALLENGE_KEPT, DAY, RESERVATION_KEPT
from app.identity.service.addresses import spend
from app.identity.service.codes import make_challenge, redeem
from app.identity.service.sign_in import confirm_login, enter, reserve_login
from app.identity.timers import FORGETTING, let_go
from tests.identity.conftest import Clock
from tests.platform import Platform

KEYED = (PhoneChallenge, CodeAddress, Login)
NAMES = {"phone_challenges": "phone_challenge", "code_addresses": "code_address", "logins": "phone"}
_numbers = count(1)


@pytest.fixture
def phone() -> str:
    """A number that nobody has used."""
    return f"+8613{new_id().int % 10**9:09}"


def scope_of(table: str, value: str) -> Scope:
    return Scope.for_key(table, database().blind.digest(NAMES[table], value))


def found(platform: Platform, clock: Clock, scope: Scope) -> bool:
    """Whether discovery finds the key of `scope`; passed over, it never does."""
    name = str(scope.key).partition(":")[0]
    table = cast(Table, next(model.__table__ for model in KEYED if model.__tablename__ == name))
    others = {Scope.for_key(other.__tablename__, "0" * 64) for other in KEYED}
    assert scope not in due(platform.discovery, {table: {scope} | others}, clock.now())[table]
    return scope in due(platform.discovery, {table: others}, clock.now())[table]


def is_there(scope: Scope) -> bool:
    name = str(scope.key).partition(":")[0]
    model = next(model for model in KEYED if model.__tablename__ == name)
    with unit(scope) as reading:
        return reading.first(reading.select(model)) is not None


def test_a_number_is_forgotten_when_nothing_counts_its_codes(platform: Platform, clock: Clock, phone: str) -> None:
    scope = scope_of("phone_challenges", phone)
    clock.forward(seconds=-(CHALLENGE_KEPT - DAY).total_seconds())
    made = make_challenge(phone)
    clock.forward(seconds=DAY.total_seconds())
    assert FORGETTING.task(scope) == 0 and is_there(scope)
    assert not found(platform, clock, scope)
    clock.forward(hours=2)
    assert found(platform, clock, scope)
    assert FORGETTING.task(scope) == 1
    assert not is_there(scope)
    assert not redeem(phone, made.code)
    assert make_challenge(phone).resend_in == 60


def test_a_number_is_asked_for_while_it_is_forgotten(platform: Platform, clock: Clock, phone: str) -> None:
    """Whoever comes first, the code that is made is there and counted."""
    scope, stop = scope_of("phone_challenges", phone), Event()

    def forgetting() -> int:
        gone = 0
        while not stop.is_set():
            gone += FORGETTING.task(scope)
        return gone + FORGETTING.task(scope)

    with ThreadPoolExecutor(1) as beside:
        forgetter = beside.submit(forgetting)
        for _ in range(40):
            made = make_challenge(phone)
            assert is_there(scope)
            assert redeem(phone, made.code)
            clock.forward(hours=26)
        stop.set()
        assert 0 < forgetter.result() <= 40


def test_an_address_is_forgotten_when_all_was_given_back(platform: Platform, clock: Clock) -> None:
    address = f"203.0.{next(_numbers) + 100}.{new_id().int % 250}"
    scope = scope_of("code_addresses", address)
    assert ADDRESS_KEPT > (ADDRESS_BURST + 1) * ADDRESS_PAUSE
    spend(address)
    assert FORGETTING.task(scope) == 0
    clock.forward(minutes=30)
    spend(address)
    clock.forward(minutes=45)
    assert FORGETTING.task(scope) == 0, "the last code counts"
    clock.forward(minutes=16)
    assert found(platform, clock, scope)
    assert FORGETTING.task(scope) == 1
    assert not is_there(scope)


def test_a_reserved_login_that_nothing_followed_is_let_go(platform: Platform, clock: Clock, phone: str) -> None:
    scope = scope_of("logins", phone)
    first = reserve_login(phone)
    assert let_go(scope) == 0 and is_there(scope)
    clock.forward(seconds=RESERVATION_KEPT.total_seconds() + 1)
    assert found(platform, clock, scope)
    assert let_go(scope) == 1
    assert not is_there(scope)
    assert reserve_login(phone).person_id != first.person_id


def test_a_login_whose_person_was_registered_is_held(platform: Platform, clock: Clock, phone: str) -> None:
    """The sign-in was cut off before its last step: the person keeps their account."""
    scope = scope_of("logins", phone)
    person = reserve_login(phone).person_id
    enter(person, phone, "zh-CN", "")
    clock.forward(seconds=RESERVATION_KEPT.total_seconds() + 1)
    assert let_go(scope) == 1
    assert let_go(scope) == 0 and not found(platform, clock, scope)
    assert reserve_login(phone).person_id == person
    assert reserve_login(phone).is_held


def test_a_login_that_is_held_is_never_let_go(platform: Platform, clock: Clock, phone: str) -> None:
    scope = scope_of("logins", phone)
    person = reserve_login(phone).person_id
    enter(person, phone, "zh-CN", "")
    confirm_login(phone, person)
    clock.forward(days=400)
    assert not found(platform, clock, scope)
    assert let_go(scope) == 0
    assert reserve_login(phone).person_id == person
    assert not found(platform, clock, scope)


def test_a_reservation_that_is_asked_for_again_is_put_off(platform: Platform, clock: Clock, phone: str) -> None:
    scope = scope_of("logins", phone)
    person = reserve_login(phone).person_id
    clock.forward(hours=20)
    assert reserve_login(phone).person_id == person
    clock.forward(hours=20)
    assert let_go(scope) == 0
    assert reserve_login(phone).person_id == person


@pytest.mark.parametrize(
    ("table", "column"),
    [("phone_challenges", "code_hash"), ("phone_challenges", "sends"), ("code_addresses", "free_at"),
     ("logins", "person_id")],
)  # fmt: skip
def test_discovery_sees_keys_and_times_alone(platform: Platform, table: str, column: str) -> None:
    with psycopg.connect(platform.addresses["discovery"]) as discovery:
        discovery.execute(f"SELECT key, due_at FROM {table}".encode())  # noqa: S608  # names of our own
        with pytest.raises(InsufficientPrivilege):
            discovery.execute(f"SELECT {column} FROM {table}".encode())  # noqa: S608  # as above
