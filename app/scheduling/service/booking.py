"""Booking: a resident takes a place, which is held until it is paid for."""

import uuid
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy.orm import joinedload

from app.core.calendar import local_date
from app.core.errors import NotFound, WrongState
from app.core.ids import PublicId, new_id
from app.core.scope import Scope
from app.core.unit import Caller, Effect, Unit, run
from app.payments.api import BillLine, open_bill
from app.scheduling.errors import already_booked, shift_changed, shift_stopped, slot_full, slot_past
from app.scheduling.ids import appointment_public_id, seen_by
from app.scheduling.models import ONE_PER_DAY, Appointment, Shift, Slot
from app.scheduling.rules.moves import State
from app.scheduling.rules.shifts import ShiftState
from app.scheduling.service import places, telling
from app.scheduling.service.clashes import refusing
from app.scheduling.service.moving import Told, enter, number_for
from tenants.api import doctor_may_practise


def book(
    person: uuid.UUID, slot_id: PublicId, hold: timedelta, by: Caller, effect: Effect | None = None
) -> Appointment:
    """Take a place of a slot for `person`; held for `hold` where there is a fee, confirmed at once where there is none.

    One unit, bound to the tenant and the resident. Raises NotFound, and WrongState `slot_full`, `slot_past`,
    `shift_stopped`, `shift_changed`, `already_booked` (one place per person, subject and day), or the code of why the
    doctor may not practise.
    """
    scope = seen_by(Scope.for_person(person), slot_id)
    booking = _Booking(person, slot_id.id, hold)
    appointment = run(scope, booking.work, by, effect=effect)
    telling.show_at_once(person, scope.require_tenant(), booking.told, by)
    return appointment


@dataclass
class _Booking:
    """One booking, and what the resident is told of it."""

    person: uuid.UUID
    slot_id: uuid.UUID
    hold: timedelta
    told: Told = field(default_factory=dict)

    def work(self, unit: Unit) -> Appointment:
        slot = _slot(unit, self.slot_id)
        _refuse(unit, slot)
        if not places.take(unit, slot.id, slot.shift_version):
            raise _lost(unit, slot)
        with refusing(unit, ONE_PER_DAY, already_booked):
            appointment = self._appointment(unit, slot)
            self.told = enter(unit, appointment, slot.shift, f"appointment.{appointment.state}")
        return appointment

    def _appointment(self, unit: Unit, slot: Slot) -> Appointment:
        shift = slot.shift
        appointment = Appointment(
            id=new_id(), tenant_id=slot.tenant_id, resident_id=self.person, slot_id=slot.id, shift_id=shift.id,
            shift_version=shift.version, doctor_id=shift.doctor_id, subject=shift.subject, day=slot.day,
            starts_at=slot.starts_at, fee=shift.fee, version=1, created_at=unit.now,
        )  # fmt: skip
        if shift.fee:
            self._hold(unit, appointment, shift)
        else:
            appointment.state, appointment.number = State.CONFIRMED, number_for(unit, shift.id)
        return unit.add(appointment)

    def _hold(self, unit: Unit, appointment: Appointment, shift: Shift) -> None:
        lines = [BillLine(line["code"], line["name"], line["amount"]) for line in shift.fee_lines if line["amount"]]
        bill = open_bill(unit, payer=self.person, purpose=appointment_public_id(appointment), lines=lines)
        appointment.state, appointment.bill_id = State.HELD, bill.id
        appointment.held_until = appointment.due_at = unit.now + self.hold


def _slot(unit: Unit, slot_id: uuid.UUID) -> Slot:
    """A slot and its shift, read anew."""
    query = unit.select(Slot).where(Slot.id == slot_id).options(joinedload(Slot.shift, innerjoin=True))
    slot = unit.first(query.execution_options(populate_existing=True))
    if slot is None:
        raise NotFound
    return slot


def _refuse(unit: Unit, slot: Slot) -> None:
    """Raise what stands against taking a place of `slot` now."""
    shift = slot.shift
    if shift.state != ShiftState.OPEN:
        raise shift_stopped()
    if slot.starts_at <= unit.now:
        raise slot_past()
    if slot.taken >= slot.capacity:
        raise slot_full()
    refusal = doctor_may_practise(unit, shift.doctor_id, shift.subject, max(shift.day, local_date(unit.now)))
    if refusal:
        raise WrongState("the doctor may not practise here on that day", code=refusal.value)


def _lost(unit: Unit, slot: Slot) -> WrongState:
    """Why no place was taken, although there seemed to be one: others were quicker."""
    seen = slot.shift_version
    now = _slot(unit, slot.id)
    if now.shift.state != ShiftState.OPEN:
        return shift_stopped()
    return shift_changed() if now.shift_version != seen else slot_full()
