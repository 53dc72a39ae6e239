"""Opening, stopping and handing over shifts."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import update

from app.core.calendar import local_date
from app.core.clashes import refusing
from app.core.errors import Fault, InvalidInput, NotFound
from app.core.ids import PublicId, new_id
from app.core.journal.record import record
from app.core.scope import Scope
from app.core.unit import Caller, Effect, Unit, run
from app.core.versions import expect_version
from app.payments.api import BillLine
from app.scheduling.errors import shift_exists, shift_stopped
from app.scheduling.ids import shift_public_id
from app.scheduling.models import ONE_SHIFT, Shift, Slot
from app.scheduling.rules.shifts import HalfDay, ShiftClass, ShiftState, SlotTimes, faults
from tenants.api import PRACTICE_WORDS, doctor_may_practise, name_of


@dataclass(frozen=True)
class Wish:
    """A shift as a registrar wants it; `doctor` is a member of the staff."""

    doctor: PublicId
    day: date
    half_day: HalfDay
    site: str
    kind: ShiftClass
    subject: str
    fee_lines: Sequence[BillLine]
    slots: Sequence[SlotTimes]


@dataclass(frozen=True)
class Opened:
    """A fresh shift and its slots."""

    shift: Shift
    slots: Sequence[Slot]


def open_shift(scope: Scope, wish: Wish, by: Caller, effect: Effect | None = None) -> Opened:
    """Open a shift with its slots; raises InvalidInput for times or a doctor that cannot be, WrongState
    `shift_exists` where the doctor has an open shift in that half-day.
    """

    def work(unit: Unit) -> Opened:
        _refuse_faulty(unit, wish)
        shift = _shift(unit, wish)
        with refusing(unit, ONE_SHIFT, shift_exists):
            unit.add(shift)
            facts = {"doctor": str(wish.doctor), "day": wish.day.isoformat(), "class": wish.kind.value}
            record(unit, "shift.opened", shift_public_id(shift), 1, facts)
        return Opened(shift, [unit.add(_slot(shift, times)) for times in wish.slots])

    return run(scope, work, by, effect=effect)


def stop_shift(shift_id: PublicId, by: Caller, effect: Effect | None = None) -> Shift:
    """Stop a shift: from this commit on nobody books it; every holder is told and refunded by the worker.

    Raises NotFound, and WrongState `shift_stopped` where it was stopped before.
    """

    def work(unit: Unit) -> Shift:
        shift = _open(unit, shift_id.id)
        shift.state = ShiftState.STOPPED
        _changed(unit, shift)
        record(unit, "shift.stopped", shift_public_id(shift), shift.version, {})
        return shift

    return run(shift_id.scope, work, by, effect=effect)


def replace_doctor(
    shift_id: PublicId, doctor: PublicId, version: int | None, by: Caller, effect: Effect | None = None
) -> Shift:
    """Hand a shift over to another doctor, who may practise its subject; every holder is told by the worker.

    Raises NotFound, InvalidInput, PreconditionFailed, and WrongState `shift_stopped` and `shift_exists`.
    """

    def work(unit: Unit) -> Shift:
        shift = _open(unit, shift_id.id)
        expect_version(shift, version)
        _refuse_doctor(unit, doctor, shift.subject, shift.day)
        with refusing(unit, ONE_SHIFT, shift_exists):
            shift.doctor_id, shift.doctor_name = doctor.id, name_of(unit, doctor.id)
            _changed(unit, shift)
            facts = {"doctor": str(doctor)}
            record(unit, "shift.doctor_replaced", shift_public_id(shift), shift.version, facts)
        return shift

    return run(shift_id.scope, work, by, effect=effect)


def _open(unit: Unit, shift_id: uuid.UUID) -> Shift:
    shift = unit.get(Shift, shift_id, lock=True)
    if shift is None:
        raise NotFound
    if shift.state != ShiftState.OPEN:
        raise shift_stopped()
    return shift


def _changed(unit: Unit, shift: Shift) -> None:
    """Let no booking pass that saw the shift as it was, and the holders hear.

    The slots' rows are the meeting point: bookings under way are waited for, later ones find another version.
    """
    shift.version += 1
    shift.due_at = unit.now
    change: Any = update(Slot).where(Slot.tenant_id == shift.tenant_id, Slot.shift_id == shift.id)
    unit.session.execute(change.values(shift_version=shift.version), execution_options={"synchronize_session": False})


def _refuse_faulty(unit: Unit, wish: Wish) -> None:
    found = tuple(faults(wish.day, wish.half_day, wish.slots, unit.now))
    if found:
        raise InvalidInput("there cannot be such a shift", faults=found)
    _refuse_doctor(unit, wish.doctor, wish.subject, wish.day)


def _refuse_doctor(unit: Unit, doctor: PublicId, subject: str, day: date) -> None:
    if doctor.scope != unit.scope:
        raise InvalidInput(faults=(Fault("/doctor", "unknown", "no member of your staff"),))
    refusal = doctor_may_practise(unit, doctor.id, subject, max(day, local_date(unit.now)))
    if refusal:
        fault = Fault("/doctor", refusal.value, PRACTICE_WORDS[refusal])
        raise InvalidInput("the doctor may not practise", faults=(fault,))


def _shift(unit: Unit, wish: Wish) -> Shift:
    lines = [{"code": line.code, "name": line.name, "amount": line.amount} for line in wish.fee_lines]
    return Shift(
        id=new_id(), tenant_id=unit.scope.require_tenant(), doctor_id=wish.doctor.id,
        doctor_name=name_of(unit, wish.doctor.id), day=wish.day, half_day=wish.half_day, site=wish.site,
        kind=wish.kind, subject=wish.subject, fee_lines=lines, state=ShiftState.OPEN, version=1, created_at=unit.now,
    )  # fmt: skip


def _slot(shift: Shift, times: SlotTimes) -> Slot:
    return Slot(
        id=new_id(), shift_id=shift.id, shift_version=shift.version, day=shift.day, starts_at=times.starts_at,
        ends_at=times.ends_at, capacity=times.capacity, taken=0,
    )  # fmt: skip
