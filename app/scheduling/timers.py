"""What scheduling does by itself: ends holds, and brings holders in line with a changed shift."""

import uuid
from functools import partial
from typing import Any

from sqlalchemy import select

from app.core.due import BATCH, due_ids, each, each_due
from app.core.scope import Scope
from app.core.timers import Timer
from app.core.unit import Unit, run, unit
from app.scheduling.models import Appointment, Shift
from app.scheduling.rules.moves import HOLDING, Event
from app.scheduling.rules.shifts import ShiftState
from app.scheduling.service.moving import enter, happen


def end_holds(scope: Scope) -> int:
    """Begin to release the appointments of `scope` whose hold has ended; returns how many."""
    return each_due(scope, Appointment, _end_hold)


def follow_shifts(scope: Scope) -> int:
    """Bring the holders of changed shifts of `scope` in line; returns how many, finished shifts included."""
    with unit(scope) as reading:
        changed = due_ids(reading, Shift)
    return sum(_follow(scope, shift_id) for shift_id in changed)


def _follow(scope: Scope, shift_id: uuid.UUID) -> int:
    with unit(scope) as reading:
        shift = reading.get(Shift, shift_id)
        behind = [] if shift is None else list(reading.session.scalars(_holders_behind(shift).limit(BATCH)))
    moved = each(scope, Appointment, behind, partial(_bring_in_line, shift_id=shift_id))
    return moved + run(scope, partial(_finish, shift_id=shift_id))


def _holders_behind(shift: Shift) -> Any:
    return select(Appointment.id).where(
        Appointment.tenant_id == shift.tenant_id, Appointment.shift_id == shift.id,
        Appointment.shift_version < shift.version, Appointment.state.in_(HOLDING),
    )  # fmt: skip


def _end_hold(opened: Unit, appointment: Appointment) -> int:
    happen(opened, appointment, Event.HOLD_ENDED)
    return 1


def _bring_in_line(id: uuid.UUID, opened: Unit, shift_id: uuid.UUID) -> int:
    shift = opened.get(Shift, shift_id)
    query = opened.select(Appointment).where(Appointment.id == id, Appointment.state.in_(HOLDING))
    appointment = opened.first(query.with_for_update(skip_locked=True))
    if shift is None or appointment is None or appointment.shift_version >= shift.version:
        return 0
    appointment.shift_version = shift.version
    if shift.state == ShiftState.STOPPED:
        happen(opened, appointment, Event.STOPPED)
    elif appointment.doctor_id != shift.doctor_id:
        appointment.doctor_id = shift.doctor_id
        appointment.version += 1
        enter(opened, appointment, shift, "appointment.doctor_replaced")
    return 1


def _finish(opened: Unit, shift_id: uuid.UUID) -> int:
    """Note that every holder is in line with the shift, if that is so."""
    shift = opened.first(opened.select(Shift).where(Shift.id == shift_id).with_for_update(skip_locked=True))
    if shift is None or opened.session.scalars(_holders_behind(shift).limit(1)).first() is not None:
        return 0
    shift.due_at = None
    return 1


TIMERS = (
    Timer("end-holds", (Appointment,), end_holds),
    Timer("follow-shifts", (Shift,), follow_shifts),
)
