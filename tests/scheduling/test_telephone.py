"""A phone agent finds and books for a resident on the line, known by the number that they sign in with."""

import secrets
from collections.abc import Iterator
from datetime import timedelta

import pytest

from app.core.errors import NotFound, WrongState
from app.core.ids import PublicId
from app.core.scope import Scope
from app.core.unit import Caller
from app.identity.api import Role, holder_of
from app.identity.service.sign_in import confirm_login, enter, reserve_login
from app.scheduling.ids import appointment_public_id, slot_public_id
from app.scheduling.rules.moves import State
from app.scheduling.service import cancellation, telephone
from tests.platform import Platform
from tests.scheduling.scenes import Hospital, died

HOLD = timedelta(minutes=10)


@pytest.fixture
def hospital(platform: Platform) -> Iterator[Hospital]:
    yield Hospital()


def caller(hospital: Hospital) -> Caller:
    return Caller(f"staff:{hospital.member(Role.PHONE_AGENT)}", "", (Role.PHONE_AGENT,))


def somebody() -> tuple[str, Scope]:
    """The number of somebody who signs in with it, and their scope."""
    phone = f"+8613{secrets.randbelow(10**9):09}"
    person = reserve_login(phone).person_id
    assert holder_of(phone) is None
    enter(person, phone, "zh-CN", "")
    confirm_login(phone, person)
    assert holder_of(phone) == person
    return phone, Scope.for_person(person)


def free_slot(hospital: Hospital) -> PublicId:
    slot = hospital.slot(fee_lines=[])
    return slot_public_id(hospital.scope.require_tenant(), slot.id)


def test_a_place_is_booked_found_and_given_up(platform: Platform, hospital: Hospital) -> None:
    agent, (phone, person) = caller(hospital), somebody()
    assert telephone.appointments_of(hospital.scope, phone, agent) == []
    booked = telephone.book(hospital.scope, phone, free_slot(hospital), HOLD, agent)
    assert (booked.resident_id, booked.state) == (person.person, State.CONFIRMED)
    for _ in range(2):
        found = telephone.appointments_of(hospital.scope, phone, agent)
        assert [one.id for one in found] == [booked.id]
    with platform.connection() as admin:
        query = "SELECT type, actor, roles FROM journal_pending WHERE tenant_id = %s AND actor = %s ORDER BY id"
        entries = admin.execute(query, [hospital.scope.tenant, agent.actor]).fetchall()
    by = (agent.actor, ["phone_agent"])
    assert entries == [("appointment.confirmed", *by), ("record.read", *by)]
    cancellation.cancel(hospital.scope, appointment_public_id(booked), agent)
    assert telephone.appointments_of(hospital.scope, phone, agent) == []


def test_a_number_that_nobody_signs_in_with_is_nobody(hospital: Hospital) -> None:
    agent, phone = caller(hospital), "+8613000000000"
    assert telephone.appointments_of(hospital.scope, phone, agent) == []
    with pytest.raises(NotFound):
        telephone.book(hospital.scope, phone, free_slot(hospital), HOLD, agent)


def test_who_died_is_nobody_on_the_line(hospital: Hospital) -> None:
    agent, (phone, person) = caller(hospital), somebody()
    telephone.book(hospital.scope, phone, free_slot(hospital), HOLD, agent)
    died(person)
    assert telephone.appointments_of(hospital.scope, phone, agent) == []
    with pytest.raises(NotFound):
        telephone.book(hospital.scope, phone, free_slot(hospital), HOLD, agent)


def test_another_hospitals_slots_and_appointments_are_not_there(hospital: Hospital) -> None:
    other, (phone, _) = Hospital(), somebody()
    with pytest.raises(NotFound):
        telephone.book(hospital.scope, phone, free_slot(other), HOLD, caller(hospital))
    telephone.book(other.scope, phone, free_slot(other), HOLD, caller(other))
    assert telephone.appointments_of(hospital.scope, phone, caller(hospital)) == []


def test_the_rules_of_booking_hold_by_telephone_too(hospital: Hospital) -> None:
    agent, (phone, _), slot = caller(hospital), somebody(), free_slot(hospital)
    telephone.book(hospital.scope, phone, slot, HOLD, agent)
    with pytest.raises(WrongState) as twice:
        telephone.book(hospital.scope, phone, slot, HOLD, agent)
    assert twice.value.code == "already_booked"
