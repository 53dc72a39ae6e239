"""From a number to a person: first sign-ins that race, and that are cut off between any two steps."""

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.core.errors import NotFound, Refused
from app.core.scope import Scope
from app.core.unit import database, unit
from app.identity.api import PERMISSIONS, Role, authenticate
from app.identity.models import Login
from app.identity.service.codes import make_challenge
from app.identity.service.sign_in import SignedIn, confirm_login, enter, read_me, reserve_login
from app.identity.service.sign_in_ways import Asked, Proofs, sign_in
from tests.identity.conftest import Clock
from tests.identity.phone import Phone
from tests.platform import Platform, new_tenant


def signed_in(phone: Phone) -> SignedIn:
    made = make_challenge(phone.number)
    result = sign_in(Asked(phone.number, Proofs(made.code)), "request")
    assert not isinstance(result, Refused)
    return result


def login_of(phone: Phone) -> Login:
    key = database().blind.digest("phone", phone.number)
    with unit(Scope.for_key("logins", key)) as reading:
        return reading.session.scalars(reading.select(Login)).one()


def entries(platform: Platform, person: uuid.UUID) -> list[tuple[str, int, str]]:
    """What the person's journal was given: type, version of the subject, actor."""
    query = "SELECT type, subject_version, actor FROM person_journal_pending WHERE person_id = %s ORDER BY id"
    with platform.connection() as connection:
        return list(connection.execute(query, [person]).fetchall())


def registrations(platform: Platform, person: uuid.UUID) -> int:
    return [kind for kind, _, _ in entries(platform, person)].count("person.registered")


def test_a_first_sign_in_registers_and_the_second_finds(platform: Platform, clock: Clock, phone: Phone) -> None:
    first = signed_in(phone)
    clock.forward(minutes=2)
    second = signed_in(phone)
    assert (first.is_new, second.is_new, second.person) == (True, False, first.person)
    assert first.access_token != second.access_token
    actor = f"person:{first.person}"
    assert entries(platform, first.person.id) == [
        ("person.registered", 1, actor), ("sign_in.made", 1, actor), ("sign_in.made", 1, actor),
    ]  # fmt: skip
    assert login_of(phone).state == "held"


def test_cut_off_after_the_reservation(platform: Platform, phone: Phone) -> None:
    reservation = reserve_login(phone.number)
    assert login_of(phone).state == "reserved"
    result = signed_in(phone)
    assert (result.person.id, result.is_new) == (reservation.person_id, True)
    assert login_of(phone).state == "held"
    assert registrations(platform, result.person.id) == 1


def test_cut_off_after_the_registration(platform: Platform, phone: Phone) -> None:
    reservation = reserve_login(phone.number)
    enter(reservation.person_id, phone.number, "en", "request")
    assert login_of(phone).state == "reserved"
    result = signed_in(phone)
    assert (result.person.id, result.is_new) == (reservation.person_id, False)
    assert login_of(phone).state == "held"
    assert registrations(platform, result.person.id) == 1
    assert read_me(result.person.scope).locale == "en"


def test_every_step_may_be_repeated(platform: Platform, phone: Phone) -> None:
    ids = {reserve_login(phone.number).person_id for _ in range(3)}
    assert len(ids) == 1
    person = ids.pop()
    assert [enter(person, phone.number, "en", "r").is_new for _ in range(3)] == [True, False, False]
    for _ in range(3):
        confirm_login(phone.number, person)
    assert reserve_login(phone.number).is_held
    assert registrations(platform, person) == 1


def test_only_the_reserver_gets_the_login(phone: Phone) -> None:
    reserve_login(phone.number)
    confirm_login(phone.number, uuid.uuid4())
    assert login_of(phone).state == "reserved"


def test_first_sign_ins_at_once_make_one_person(platform: Platform, phone: Phone) -> None:
    gate = threading.Barrier(10)

    def enter_once() -> SignedIn:
        gate.wait()
        reservation = reserve_login(phone.number)
        result = enter(reservation.person_id, phone.number, "en", "request")
        confirm_login(phone.number, reservation.person_id)
        return result

    with ThreadPoolExecutor(10) as pool:
        results = [future.result() for future in [pool.submit(enter_once) for _ in range(10)]]
    assert len({result.person for result in results}) == 1
    assert sorted(result.is_new for result in results) == [False] * 9 + [True]
    assert registrations(platform, results[0].person.id) == 1


def test_the_number_is_stored_encrypted(platform: Platform, phone: Phone) -> None:
    person = signed_in(phone).person
    with platform.connection() as connection:
        query = (
            "SELECT phone, (SELECT count(*) FROM person_journal_heads h WHERE h.person_id = p.person_id) FROM persons p"
        )
        stored, heads = connection.execute(f"{query} WHERE person_id = %s", [person.id]).fetchone() or (b"", 0)
    assert phone.number.encode() not in stored
    assert heads == 1
    assert read_me(person.scope).phone == phone.number


def test_a_persons_token_opens_that_person_alone(phone: Phone) -> None:
    result = signed_in(phone)
    principal = authenticate(result.access_token)
    assert principal.scope == result.person.scope
    assert principal.actor == f"person:{result.person}"
    assert principal.permissions == PERMISSIONS[Role.RESIDENT]
    assert "me.read" in principal.permissions


@pytest.mark.parametrize("scope", [Scope.for_person(uuid.uuid4()), None])
def test_nobody_is_read_where_nobody_is(platform: Platform, scope: Scope | None) -> None:
    with pytest.raises(NotFound):
        read_me(scope or new_tenant())
