"""Taking a place: what is refused, what is kept, and how many statements it takes."""

from datetime import timedelta

import pytest
from sqlalchemy import event

from app.core.errors import InvalidInput, NotFound, WrongState
from app.core.guard import OPENING
from app.core.idempotency import Answered, KeyedEffect, Replayed
from app.core.ids import PublicId, new_id
from app.core.scope import Scope
from app.core.unit import Unit, run, unit
from app.payments.models import Bill
from app.scheduling.ids import appointment_public_id, shift_public_id, slot_public_id
from app.scheduling.models import PersonAppointment
from app.scheduling.rules.shifts import HalfDay, SlotTimes
from app.scheduling.service import telling
from app.scheduling.service.booking import book
from app.scheduling.service.shifts import stop_shift
from tenants.models import Profile, Staff
from tenants.states import StaffState, TenantState
from tests.core.journal.scenes import chain, own
from tests.platform import Platform
from tests.scheduling.clock import Clock
from tests.scheduling.scenes import (
    BY,
    HOLD,
    Hospital,
    at,
    booked,
    canceled,
    new_resident,
    residents_of,
    settle,
    tomorrow,
)


def refusal(slot: PublicId, person: object = None) -> str:
    with pytest.raises(WrongState) as refused:
        booked(slot, person if isinstance(person, type(new_id())) else None)
    return refused.value.code


def keyed(name: str = "one", principal: str = "person:test") -> KeyedEffect:
    return KeyedEffect(principal, name, "POST /appointments", lambda result: Answered(201, {}, str(result.id).encode()))


def test_a_place_is_held_and_its_bill_is_open(platform: Platform, hospital: Hospital) -> None:
    person = new_resident()
    appointment = booked(hospital.slot(), person)
    assert (appointment.state, appointment.fee, appointment.number) == ("held", 5000, None)
    assert appointment.held_until == appointment.due_at == appointment.created_at + HOLD
    with unit(Scope.for_tenant(hospital.number, as_resident=person)) as reading:
        bill = reading.get(Bill, appointment.bill_id or new_id())
    assert bill and (bill.total, bill.state) == (5000, "open")
    assert bill.purpose == str(appointment_public_id(appointment))
    hospital.balanced()
    settle(platform, hospital.scope)
    assert '"type":"appointment.held"' in "".join(row[4] for row in chain(platform, hospital.scope))


def test_what_costs_nothing_is_confirmed_at_once_with_numbers_in_turn(hospital: Hospital) -> None:
    slot = hospital.slot(fee_lines=[])
    found = [booked(slot) for _ in range(3)]
    assert [(one.state, one.number, one.bill_id, one.due_at) for one in found] == [
        ("confirmed", number, None, None) for number in (1, 2, 3)
    ]
    hospital.balanced()


def test_the_person_reads_it_at_once_and_the_relay_changes_nothing(platform: Platform, hospital: Hospital) -> None:
    person = new_resident()
    appointment = booked(hospital.slot(), person)

    def mine() -> list[tuple[object, ...]]:
        with unit(Scope.for_person(person)) as reading:
            rows = reading.all(reading.select(PersonAppointment))
        return [(row.id, row.tenant, row.state, row.doctor_name, row.source_version) for row in rows]

    expected = [(appointment.id, hospital.number, "held", "陈医生", 1)]
    assert mine() == expected
    settle(platform, hospital.scope, Scope.for_person(person))
    assert mine() == expected
    assert [row[3] for row in chain(platform, Scope.for_person(person))] == [1]


def test_old_news_changes_nothing(hospital: Hospital) -> None:
    appointment = booked(hospital.slot(fee_lines=[]))
    opened = hospital.shift()
    canceled(hospital, appointment)
    old = telling.shown(appointment, opened.shift)
    telling.show_at_once(appointment.resident_id, hospital.number, old, BY)
    with unit(Scope.for_person(appointment.resident_id)) as reading:
        (kept,) = reading.all(reading.select(PersonAppointment))
    assert (kept.state, kept.source_version) == ("canceled", 2)


def test_the_last_place_is_sold_once(hospital: Hospital) -> None:
    slot = hospital.slot(places=1)
    booked(slot)
    assert refusal(slot) == "slot_full"
    hospital.balanced()


def test_one_place_per_person_subject_and_day(hospital: Hospital) -> None:
    person = new_resident()
    booked(hospital.slot(), person)
    assert refusal(hospital.slot(), person) == "already_booked"
    booked(hospital.slot(day=tomorrow() + timedelta(days=1)), person)
    other = hospital.doctor(subjects=["04"])
    booked(hospital.slot(doctor=other, subject="04"), person)
    booked(Hospital().slot(), person)
    hospital.balanced()


def test_a_slot_that_began_is_not_sold(clock: Clock, hospital: Hospital) -> None:
    slot = hospital.slot()
    clock.set(at(tomorrow(), 9) + timedelta(seconds=1))
    assert refusal(slot) == "slot_past"


def test_a_stopped_shift_is_not_sold(hospital: Hospital) -> None:
    opened = hospital.shift()
    stop_shift(shift_public_id(opened.shift), BY)
    assert refusal(slot_public_id(hospital.number, opened.slots[0].id)) == "shift_stopped"
    hospital.balanced()


def test_the_same_key_twice_is_one_place(hospital: Hospital) -> None:
    person, slot = new_resident(), hospital.slot()
    first = book(person, slot, HOLD, BY, keyed())
    with pytest.raises(Replayed) as again:
        book(person, slot, HOLD, BY, keyed())
    assert again.value.answer.body == str(first.id).encode()
    assert len(hospital.appointments()) == 1
    hospital.balanced()


def test_a_booking_is_few_statements(platform: Platform, hospital: Hospital) -> None:
    person, slot = new_resident(), hospital.slot()
    counted: list[str] = []

    def count(_c: object, _cursor: object, statement: str, _p: object, context: object, _many: bool) -> None:
        if not getattr(context, "execution_options", {}).get(OPENING):
            counted.append(" ".join(statement.split())[:60])

    event.listen(platform.app, "before_cursor_execute", count)
    try:
        book(person, slot, HOLD, BY, keyed())
    finally:
        event.remove(platform.app, "before_cursor_execute", count)
    shown = counted.index(next(one for one in counted if "person_appointments" in one))
    assert shown <= 9, counted  # one of them holds the account, so that nothing is written into an erased one
    assert len(counted) == shown + 1, counted


@pytest.mark.parametrize("place", ["person", "unknown tenant", "another slot"])
def test_strangers_ids_are_not_found(hospital: Hospital, place: str) -> None:
    person = new_resident()
    slot = {
        "person": PublicId("slt", Scope.for_person(person), new_id()),
        "unknown tenant": PublicId("slt", Scope.for_tenant(2**52), new_id()),
        "another slot": PublicId("slt", hospital.scope, new_id()),
    }[place]
    with pytest.raises(NotFound):
        booked(slot, person)


def change_staff(hospital: Hospital, doctor: PublicId, **values: object) -> None:
    def work(opened: Unit) -> None:
        member = opened.get(Staff, doctor.id)
        assert member
        for name, value in values.items():
            setattr(member, name, value)

    run(hospital.scope, work)


def test_a_doctor_who_left_is_not_booked(hospital: Hospital) -> None:
    doctor = hospital.doctor()
    slot = hospital.slot(doctor=doctor)
    change_staff(hospital, doctor, state=StaffState.ENDED)
    assert refusal(slot) == "doctor_not_active"
    change_staff(hospital, doctor, state=StaffState.ACTIVE, roles=["nurse"])
    assert refusal(slot) == "doctor_not_active"
    change_staff(hospital, doctor, roles=["doctor"], subjects=["04"])
    assert refusal(slot) == "doctor_subject_not_registered"
    change_staff(hospital, doctor, subjects=["03"])
    booked(slot)


def test_a_suspended_hospital_sells_nothing(hospital: Hospital) -> None:
    slot = hospital.slot()

    def suspend(opened: Unit) -> None:
        for profile in opened.all(opened.select(Profile)):
            profile.state = TenantState.SUSPENDED

    run(hospital.scope, suspend)
    assert refusal(slot) == "tenant_suspended"


def test_a_registration_ends_with_its_last_local_day(hospital: Hospital) -> None:
    """A registration that ends on the shift's date is good for it, one that ended the day before is not."""
    doctor = hospital.doctor()
    slot = hospital.slot(doctor=doctor)
    change_staff(hospital, doctor, registration_until=tomorrow() - timedelta(days=1))
    assert refusal(slot) == "doctor_registration_ended"
    change_staff(hospital, doctor, registration_until=tomorrow())
    booked(slot)


def test_days_are_counted_in_shanghai(hospital: Hospital) -> None:
    """A quarter past midnight lies in the UTC date of the day before; the registration counts by the local one."""
    day = tomorrow() + timedelta(days=1)
    early = [SlotTimes(at(day, 0), at(day, 1), 5)]
    assert early[0].starts_at.date() == day - timedelta(days=1)
    with pytest.raises(InvalidInput) as refused:
        hospital.shift(hospital.doctor(until=day - timedelta(days=1)), day=day, slots=early)
    assert [fault.rule for fault in refused.value.faults] == ["doctor_registration_ended"]
    booked(hospital.slot(doctor=hospital.doctor(until=day), day=day, slots=early))


def test_a_registration_is_good_until_the_last_minute_of_its_day(clock: Clock, hospital: Hospital) -> None:
    day = tomorrow()
    late = [SlotTimes(at(day, 23), at(day, 23) + timedelta(hours=2), 5)]
    slot = hospital.slot(doctor=hospital.doctor(until=day), half_day=HalfDay.EVENING, slots=late)
    clock.set(at(day, 23) - timedelta(seconds=30))
    booked(slot)


def test_a_license_stops_booking_when_it_ends(hospital: Hospital) -> None:
    slot = hospital.slot()
    hospital.end_license(tomorrow() - timedelta(days=1))
    assert refusal(slot) == "site_license_ended"
    hospital.end_license(tomorrow())
    booked(slot)


def test_booking_leaves_nothing_behind_when_it_is_refused(platform: Platform, hospital: Hospital) -> None:
    person, slot = new_resident(), hospital.slot()
    booked(slot, person)
    settle(platform, hospital.scope, *residents_of(hospital.appointments()))
    before = len(chain(platform, hospital.scope))
    assert refusal(hospital.slot(), person) == "already_booked"
    settle(platform, hospital.scope)
    assert len(chain(platform, hospital.scope)) == before + 1  # the second shift was opened
    assert len(own(platform, hospital.scope, "id", "bills")) == 1
    hospital.balanced()
