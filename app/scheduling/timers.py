"""What scheduling does by itself: ends holds, and brings holders in line with a changed shift.

Each appointment moves in a unit of its own, so that no unit holds two of them, and a kill loses at most one move,
which the next look finds undone.
"""

import uuid
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import structlog
from sqlalchemy import select

from app.core.scope import Scope
from app.core.timers import Timer
from app.core.unit import Unit, run, unit
from app.scheduling.models import Appointment, Shift
from app.scheduling.rules.moves import HOLDING, Event
from app.scheduling.rules.shifts import ShiftState
from app.scheduling.service.moving import enter, happen

BATCH = 50
Move = Callable[[uuid.UUID], Callable[[Unit], int]]
"""What is to be done with one appointment, in a unit of its own."""
log = structlog.get_logger()


def end_holds(scope: Scope) -> int:
    """Begin to release the appointments of `scope` whose hold has ended; returns how many."""
    return _each(scope, _due(scope, Appointment), lambda one: partial(_end_hold, one=one))


def follow_shifts(scope: Scope) -> int:
    """Bring the holders of changed shifts of `scope` in line; returns how many, finished shifts included."""
    return sum(_follow(scope, shift_id) for shift_id in _due(scope, Shift))


def _follow(scope: Scope, shift_id: uuid.UUID) -> int:
    behind = _behind(scope, shift_id)
    moved = _each(scope, behind, lambda one: partial(_bring_in_line, one=one, shift_id=shift_id))
    return moved + run(scope, partial(_finish, shift_id=shift_id))


def _due(scope: Scope, model: type[Any]) -> list[uuid.UUID]:
    with unit(scope) as reading:
        query = select(model.id).where(model.tenant_id == scope.require_tenant(), model.due_at <= reading.now)
        return list(reading.session.scalars(query.order_by(model.due_at).limit(BATCH)))


def _behind(scope: Scope, shift_id: uuid.UUID) -> list[uuid.UUID]:
    with unit(scope) as reading:
        shift = reading.get(Shift, shift_id)
        return [] if shift is None else list(reading.session.scalars(_holders_behind(shift).limit(BATCH)))


def _holders_behind(shift: Shift) -> Any:
    return select(Appointment.id).where(
        Appointment.tenant_id == shift.tenant_id, Appointment.shift_id == shift.id,
        Appointment.shift_version < shift.version, Appointment.state.in_(HOLDING),
    )  # fmt: skip


def _each(scope: Scope, ids: Iterable[uuid.UUID], move: Move) -> int:
    moved = 0
    for one in ids:
        try:
            moved += run(scope, move(one))
        except Exception as error:  # a defect with one appointment must not keep the others' places
            log.error("appointment_not_moved", appointment=str(one), error=type(error).__name__)
    return moved


def _end_hold(opened: Unit, one: uuid.UUID) -> int:
    query = opened.select(Appointment).where(Appointment.id == one, Appointment.due_at <= opened.now)
    appointment = opened.first(query.with_for_update(skip_locked=True))
    if appointment is None:
        return 0
    happen(opened, appointment, Event.HOLD_ENDED)
    return 1


def _bring_in_line(opened: Unit, one: uuid.UUID, shift_id: uuid.UUID) -> int:
    shift = opened.get(Shift, shift_id)
    query = opened.select(Appointment).where(Appointment.id == one, Appointment.state.in_(HOLDING))
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
