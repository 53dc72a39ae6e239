"""Many at the same moment: no place is sold twice, none is lost."""

import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier

import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolExhausted

from app.core.errors import Problem
from app.core.idempotency import Answered, KeyedEffect, Replayed
from app.core.ids import PublicId
from app.core.unit import sqlstate
from app.payments.rules.payments import PaymentState
from app.scheduling.ids import shift_public_id, slot_public_id
from app.scheduling.service.booking import book
from app.scheduling.service.shifts import replace_doctor, stop_shift
from app.scheduling.timers import end_holds, follow_shifts
from tests.core.journal.scenes import eventually, rows
from tests.platform import Platform
from tests.scheduling.clock import Clock
from tests.scheduling.scenes import (
    BY,
    HOLD,
    Hospital,
    begin_payment,
    booked,
    canceled,
    canceled_by_staff,
    new_resident,
    pay,
    payment_ends,
    residents_of,
    settle,
)

Act = Callable[[], object]
ROUNDS = 8


def at_once(acts: Sequence[Act]) -> Counter[str]:
    """What became of `acts`, all begun at the same moment: `done`, or the code of the refusal."""
    start = Barrier(len(acts))

    def one(act: Act) -> str:
        start.wait(20)
        return answered(act)

    with ThreadPoolExecutor(len(acts)) as threads:
        return Counter(threads.map(one, acts))


def answered(act: Act) -> str:
    """`done` or a code; asked again, as a caller does, while the platform says that it is too busy."""
    while True:
        try:
            act()
        except Problem as problem:
            return problem.code
        except PoolExhausted:
            continue
        except OperationalError as error:
            if sqlstate(error) != "55P03":
                raise
        else:
            return "done"


def booking(slot: PublicId, person: uuid.UUID) -> Act:
    return partial(booked, slot, person)


def follow(platform: Platform, hospital: Hospital) -> None:
    while follow_shifts(hospital.scope):
        pass
    settle(platform, hospital.scope, *residents_of(hospital.appointments()))


def test_two_hundred_for_twenty_places(platform: Platform, hospital: Hospital) -> None:
    slot = hospital.slot(places=20)
    people = [new_resident() for _ in range(200)]
    assert at_once([booking(slot, person) for person in people]) == {"done": 20, "slot_full": 180}
    hospital.balanced()
    assert hospital.slots()[0].taken == 20


def test_the_last_place_at_once(platform: Platform, hospital: Hospital) -> None:
    for _ in range(ROUNDS):
        slot = hospital.slot(places=1)
        assert at_once([booking(slot, new_resident()) for _ in range(4)]) == {"done": 1, "slot_full": 3}
    hospital.balanced()


def test_one_person_in_two_slots_at_once(platform: Platform, hospital: Hospital) -> None:
    for _ in range(ROUNDS):
        person = new_resident()
        slots = [hospital.slot(), hospital.slot()]
        found = at_once([booking(slot, person) for slot in slots])
        assert found == {"done": 1, "already_booked": 1}
    hospital.balanced()


def test_one_person_at_the_last_place_twice_at_once(platform: Platform, hospital: Hospital) -> None:
    """Both saw the place and wait for it: who comes second hears of their own booking, not that others were quicker."""
    slot, person = hospital.slot(places=1), new_resident()
    second = (
        "SELECT 1 FROM pg_stat_activity first, pg_stat_activity second"
        " WHERE %s = ANY (pg_blocking_pids(first.pid)) AND first.pid = ANY (pg_blocking_pids(second.pid))"
    )
    with platform.connection() as locking, ThreadPoolExecutor(2) as threads:
        locking.execute("SELECT FROM slots WHERE id = %s FOR UPDATE", (slot.id,))
        waiting = [threads.submit(answered, booking(slot, person)) for _ in range(2)]
        eventually(lambda: bool(rows(platform, second, locking.info.backend_pid)))
        locking.commit()
        assert sorted(one.result(10) for one in waiting) == ["already_booked", "done"]
    assert [answered(booking(slot, one)) for one in (person, new_resident())] == ["already_booked", "slot_full"]
    hospital.balanced()


def test_a_double_tap_is_one_place(platform: Platform, hospital: Hospital) -> None:
    for round in range(ROUNDS):
        person, slot = new_resident(), hospital.slot()
        seen: list[bytes] = []

        def tap(person: uuid.UUID = person, slot: PublicId = slot, seen: list[bytes] = seen, name: int = round) -> None:
            effect = KeyedEffect(
                f"person:{person}", str(name), "POST", lambda result: Answered(201, {}, str(result.id).encode())
            )
            try:
                seen.append(str(book(person, slot, HOLD, BY, effect).id).encode())
            except Replayed as replayed:
                seen.append(replayed.answer.body)

        assert at_once([tap, tap]) == {"done": 2}
        assert len(set(seen)) == 1
    assert len(hospital.appointments()) == ROUNDS
    hospital.balanced()


def test_payment_and_expiry_at_the_same_moment(platform: Platform, clock: Clock, hospital: Hospital) -> None:
    for _ in range(ROUNDS):
        appointment = booked(hospital.slot())
        payment = begin_payment(hospital, appointment)
        clock.forward(minutes=11)
        at_once([
            partial(payment_ends, hospital, payment, PaymentState.SUCCEEDED),
            partial(end_holds, hospital.scope),
            partial(end_holds, hospital.scope),
        ])  # fmt: skip
        settle(platform, hospital.scope)
        assert hospital.one(appointment).state == "confirmed"
        hospital.balanced()


def test_canceling_twice_and_stopping_at_once(platform: Platform, hospital: Hospital) -> None:
    for _ in range(ROUNDS):
        opened = hospital.shift()
        appointment = booked(slot_public_id(hospital.number, opened.slots[0].id))
        pay(hospital, appointment)
        settle(platform, hospital.scope)
        acts: list[Act] = [
            partial(canceled, hospital, appointment),
            partial(canceled_by_staff, hospital, appointment),
            partial(stop_shift, shift_public_id(opened.shift), BY),
            partial(follow_shifts, hospital.scope),
        ]
        found = at_once(acts)
        assert found["done"] + found["appointment_ended"] == 4
        follow(platform, hospital)
        assert hospital.one(appointment).state == "canceled_refunding"
        hospital.balanced()
    assert all(slot.taken == 0 for slot in hospital.slots())


def test_a_shift_is_stopped_during_bookings(platform: Platform, hospital: Hospital) -> None:
    opened = hospital.shift(places=40)
    slot = slot_public_id(hospital.number, opened.slots[0].id)
    acts: list[Act] = [booking(slot, new_resident()) for _ in range(40)]
    acts.insert(20, lambda: stop_shift(shift_public_id(opened.shift), BY))
    found = at_once(acts)
    assert found["done"] + found["shift_stopped"] == 41
    follow(platform, hospital)
    assert {(one.state, one.reason) for one in hospital.appointments()} <= {("released", "stopped")}
    assert len(hospital.appointments()) == found["done"] - 1
    assert hospital.slots()[0].taken == 0
    hospital.balanced()


@pytest.mark.parametrize(("state", "code"), [("stopped", "shift_stopped"), ("open", "shift_changed")])
def test_a_shift_changes_between_the_look_and_the_taking(
    platform: Platform, hospital: Hospital, state: str, code: str
) -> None:
    """The booking saw the shift as it was, waits for the slot, and finds that it looked at something else."""
    opened = hospital.shift()
    slot = slot_public_id(hospital.number, opened.slots[0].id)
    with platform.connection() as changing, ThreadPoolExecutor(1) as thread:
        changing.execute("UPDATE shifts SET version = 2, state = %s WHERE id = %s", (state, opened.shift.id))
        changing.execute("UPDATE slots SET shift_version = 2 WHERE id = %s", (opened.slots[0].id,))
        waiting = thread.submit(answered, booking(slot, new_resident()))
        look = "SELECT 1 FROM pg_stat_activity WHERE %s = ANY (pg_blocking_pids(pid))"
        eventually(lambda: bool(rows(platform, look, changing.info.backend_pid)))
        changing.commit()
        assert waiting.result(10) == code
    hospital.balanced()


def test_a_doctor_is_replaced_during_bookings(platform: Platform, hospital: Hospital) -> None:
    opened = hospital.shift(places=40)
    slot = slot_public_id(hospital.number, opened.slots[0].id)
    substitute = hospital.doctor()
    acts: list[Act] = [booking(slot, new_resident()) for _ in range(30)]
    acts.insert(15, lambda: replace_doctor(shift_public_id(opened.shift), substitute, 1, BY))
    found = at_once(acts)
    assert found["done"] + found["shift_changed"] == 31
    follow(platform, hospital)
    assert {one.doctor_id for one in hospital.appointments()} <= {substitute.id}
    hospital.balanced()
