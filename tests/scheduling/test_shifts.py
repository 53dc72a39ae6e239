"""Opening, stopping and handing over shifts, and that every holder follows."""

from datetime import timedelta

import pytest

from app.core.due import BATCH
from app.core.errors import InvalidInput, NotFound, PreconditionFailed, WrongState
from app.core.ids import PublicId, new_id
from app.core.scope import Scope
from app.core.unit import unit
from app.identity.api import Role
from app.payments.rules.payments import PaymentState
from app.scheduling.ids import shift_public_id, slot_public_id
from app.scheduling.models import Appointment, PersonAppointment
from app.scheduling.rules.shifts import HalfDay, SlotTimes
from app.scheduling.service.shifts import Opened, replace_doctor, stop_shift
from app.scheduling.timers import follow_shifts
from tests.core.journal.scenes import chain
from tests.platform import Platform
from tests.scheduling.scenes import (
    BY,
    Hospital,
    at,
    begin_payment,
    booked,
    canceled,
    pay,
    payment_ends,
    refund_arrives,
    residents_of,
    settle,
    tomorrow,
)


def first_slot(hospital: Hospital, opened: Opened) -> PublicId:
    return slot_public_id(hospital.number, opened.slots[0].id)


def follow(platform: Platform, hospital: Hospital) -> None:
    while follow_shifts(hospital.scope):
        pass
    settle(platform, hospital.scope, *residents_of(hospital.appointments()))


def standings(hospital: Hospital) -> list[tuple[str, str | None]]:
    hospital.balanced()
    return [(one.state, one.reason) for one in hospital.appointments()]


def kept_by(appointment: Appointment) -> PersonAppointment:
    with unit(Scope.for_person(appointment.resident_id)) as reading:
        (kept,) = reading.all(reading.select(PersonAppointment))
    return kept


def rules_of(error: pytest.ExceptionInfo[InvalidInput]) -> list[tuple[str, str]]:
    return [(fault.pointer, fault.rule) for fault in error.value.faults]


def test_a_shift_has_its_slots(platform: Platform, hospital: Hospital) -> None:
    day = tomorrow()
    times = [SlotTimes(at(day, hour), at(day, hour + 1), hour) for hour in (8, 9, 10)]
    opened = hospital.shift(slots=times)
    assert [(s.day, s.capacity, s.taken, s.shift_version) for s in opened.slots] == [(day, n, 0, 1) for n in (8, 9, 10)]
    assert (opened.shift.fee, opened.shift.doctor_name) == (5000, "陈医生")
    settle(platform, hospital.scope)
    assert '"type":"shift.opened"' in chain(platform, hospital.scope)[-1][4]


def test_a_doctor_has_one_shift_per_half_day(hospital: Hospital) -> None:
    doctor = hospital.doctor()
    morning = hospital.shift(doctor)
    with pytest.raises(WrongState) as refused:
        hospital.shift(doctor)
    assert refused.value.code == "shift_exists"
    with pytest.raises(InvalidInput) as elsewhen:
        hospital.shift(doctor, half_day=HalfDay.AFTERNOON)
    assert rules_of(elsewhen) == [("/slots/0/starts_at", "slot_outside_half_day")]
    two = at(tomorrow(), 14)
    hospital.shift(doctor, half_day=HalfDay.AFTERNOON, slots=[SlotTimes(two, two + timedelta(hours=1), 20)])
    stop_shift(shift_public_id(morning.shift), BY)
    hospital.shift(doctor)


@pytest.mark.parametrize(
    ("who", "rule"),
    [
        ("nurse", "doctor_not_active"),
        ("stranger", "doctor_not_active"),
        ("of another hospital", "unknown"),
        ("of another subject", "doctor_subject_not_registered"),
        ("ended", "doctor_registration_ended"),
    ],
)
def test_only_who_may_practise_gets_a_shift(hospital: Hospital, who: str, rule: str) -> None:
    doctor = {
        "nurse": lambda: hospital.member(Role.NURSE),
        "stranger": lambda: PublicId("sta", hospital.scope, new_id()),
        "of another hospital": lambda: Hospital().doctor(),
        "of another subject": lambda: hospital.doctor(subjects=["04"]),
        "ended": lambda: hospital.doctor(until=tomorrow() - timedelta(days=1)),
    }[who]()
    with pytest.raises(InvalidInput) as refused:
        hospital.shift(doctor)
    assert rules_of(refused) == [("/doctor", rule)]


def test_a_subject_that_the_site_does_not_hold_has_no_shift(hospital: Hospital) -> None:
    with pytest.raises(InvalidInput) as refused:
        hospital.shift(hospital.doctor(subjects=["07"]), subject="07")
    assert rules_of(refused) == [("/doctor", "site_license_ended")]


def test_stopping_tells_and_refunds_every_holder(platform: Platform, hospital: Hospital) -> None:
    opened = hospital.shift()
    slot = first_slot(hospital, opened)
    held, paying, paid, gone = (booked(slot) for _ in range(4))
    payment = begin_payment(hospital, paying)
    pay(hospital, paid)
    canceled(hospital, gone)
    settle(platform, hospital.scope)
    stopped = stop_shift(shift_public_id(opened.shift), BY)
    assert (stopped.state, stopped.version) == ("stopped", 2)
    follow(platform, hospital)
    assert standings(hospital) == [
        ("released", "stopped"), ("releasing", "stopped"), ("canceled_refunding", "stopped"), ("released", "canceled"),
    ]  # fmt: skip
    assert [kept_by(one).state for one in (held, paying, paid)] == ["released", "releasing", "canceled_refunding"]
    payment_ends(hospital, payment, PaymentState.SUCCEEDED)
    settle(platform, hospital.scope)
    for one in (paying, paid):
        refund_arrives(hospital, one)
    follow(platform, hospital)
    assert standings(hospital)[1:3] == [("canceled", "stopped")] * 2
    assert hospital.slots()[0].taken == 0
    assert hospital.shift_now(opened.shift).due_at is None
    with pytest.raises(WrongState):
        stop_shift(shift_public_id(opened.shift), BY)


def test_more_holders_than_one_look_takes(platform: Platform, hospital: Hospital) -> None:
    opened = hospital.shift(places=BATCH + 10, fee_lines=[])
    for _ in range(BATCH + 5):
        booked(first_slot(hospital, opened))
    stop_shift(shift_public_id(opened.shift), BY)
    assert follow_shifts(hospital.scope) == BATCH
    assert hospital.shift_now(opened.shift).due_at is not None
    assert follow_shifts(hospital.scope) == 5 + 1
    assert set(standings(hospital)) == {("canceled", "stopped")}
    assert hospital.shift_now(opened.shift).due_at is None


def test_a_replaced_doctor_is_told_to_every_holder(platform: Platform, hospital: Hospital) -> None:
    opened = hospital.shift()
    slot = first_slot(hospital, opened)
    held, gone = booked(slot), booked(slot)
    canceled(hospital, gone)
    settle(platform, hospital.scope)
    substitute = hospital.doctor()
    shift = replace_doctor(shift_public_id(opened.shift), substitute, 1, BY)
    assert (shift.doctor_id, shift.version) == (substitute.id, 2)
    follow(platform, hospital)
    assert hospital.one(held).doctor_id == kept_by(held).doctor_id == substitute.id
    assert hospital.one(gone).doctor_id == opened.shift.doctor_id
    assert standings(hospital)[0] == ("held", None)
    assert hospital.shift_now(opened.shift).due_at is None
    assert booked(slot).doctor_id == substitute.id
    hospital.balanced()


def test_a_substitute_must_be_right(hospital: Hospital) -> None:
    opened = hospital.shift()
    known = shift_public_id(opened.shift)
    with pytest.raises(InvalidInput):
        replace_doctor(known, hospital.doctor(subjects=["04"]), 1, BY)
    busy = hospital.doctor()
    hospital.shift(busy)
    with pytest.raises(WrongState) as refused:
        replace_doctor(known, busy, 1, BY)
    assert refused.value.code == "shift_exists"
    with pytest.raises(PreconditionFailed):
        replace_doctor(known, hospital.doctor(), 2, BY)
    stop_shift(known, BY)
    with pytest.raises(WrongState) as stopped:
        replace_doctor(known, hospital.doctor(), 2, BY)
    assert stopped.value.code == "shift_stopped"
    assert hospital.shift_now(opened.shift).doctor_id == opened.shift.doctor_id


def test_a_shift_that_is_not_there_is_not_stopped(hospital: Hospital) -> None:
    with pytest.raises(NotFound):
        stop_shift(PublicId("shi", hospital.scope, new_id()), BY)
