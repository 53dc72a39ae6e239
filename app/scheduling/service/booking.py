"""Booking: a resident takes a place, which is held until it is paid for."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import Table, and_, bindparam, select

from app.core.calendar import local_date
from app.core.clashes import refusing
from app.core.errors import NotFound, WrongState
from app.core.ids import PublicId, new_id
from app.core.scope import Scope
from app.core.seeing import seen
from app.core.unit import Caller, Effect, Unit, run
from app.payments.api import BillLine, open_bill
from app.scheduling.errors import already_booked, shift_changed, shift_stopped, slot_full, slot_past
from app.scheduling.ids import appointment_public_id, seen_by
from app.scheduling.models import ONE_PER_DAY, Appointment, Shift, Slot
from app.scheduling.rules.moves import HOLDING, State
from app.scheduling.rules.shifts import ShiftState
from app.scheduling.service import places, telling
from app.scheduling.service.moving import Told, enter, number_for
from tenants.api import PRACTICE_WORDS, doctor_may_practise, remembering

_SLOTS, _SHIFTS = cast(Table, Slot.__table__), cast(Table, Shift.__table__)
_OF_SLOT = ("shift_version", "starts_at", "capacity", "taken")
_OF_SHIFT = ("id", "doctor_id", "doctor_name", "day", "site", "subject", "fee_lines", "state", "version")
_OFFERED = (
    select(*(_SLOTS.c[name] for name in _OF_SLOT), *(_SHIFTS.c[name] for name in _OF_SHIFT))
    .join_from(_SLOTS, _SHIFTS, and_(_SHIFTS.c.tenant_id == _SLOTS.c.tenant_id, _SHIFTS.c.id == _SLOTS.c.shift_id))
    .where(_SLOTS.c.tenant_id == bindparam("owner"), _SLOTS.c.id == bindparam("of_id"))
)


@dataclass(frozen=True)
class _Offer:
    """A slot as it was seen, and what a booking needs of its shift, which is not to be changed."""

    shift_version: int
    starts_at: datetime
    capacity: int
    taken: int
    shift: Shift


def book(
    person: uuid.UUID, slot_id: PublicId, hold: timedelta, by: Caller, effect: Effect | None = None
) -> Appointment:
    """Take a place of a slot for `person`; held for `hold` where there is a fee, confirmed at once where there is none.

    One unit, bound to the tenant and the resident. Raises NotFound, and WrongState `slot_full`, `slot_past`,
    `shift_stopped`, `shift_changed`, `already_booked` (one place per person, subject and day; also where the slot is
    full by that very place), or the code of why the doctor may not practise.
    """
    scope = seen_by(Scope.for_person(person), slot_id)
    booking = _Booking(person, slot_id.id, hold)
    with remembering(Scope.for_tenant(scope.require_tenant()), "appointment.book", slot_id, by):
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
        offer = _offer(unit, self.slot_id)
        _refuse(unit, offer, self.person)
        if not places.take(unit, self.slot_id, offer.shift_version):
            raise _lost(unit, self.slot_id, offer, self.person)
        with refusing(unit, ONE_PER_DAY, already_booked):
            appointment = self._appointment(unit, offer)
            self.told = enter(unit, appointment, offer.shift, f"appointment.{appointment.state}")
        return appointment

    def _appointment(self, unit: Unit, offer: _Offer) -> Appointment:
        shift = offer.shift
        appointment = Appointment(
            id=new_id(), tenant_id=unit.scope.require_tenant(), resident_id=self.person, slot_id=self.slot_id,
            shift_id=shift.id, shift_version=shift.version, doctor_id=shift.doctor_id, subject=shift.subject,
            day=shift.day, starts_at=offer.starts_at, fee=shift.fee, version=1, created_at=unit.now,
        )  # fmt: skip
        if shift.fee:
            self._hold(unit, appointment, shift)
        else:
            appointment.state, appointment.number = State.CONFIRMED, number_for(unit, shift.id)
        return unit.write(appointment)

    def _hold(self, unit: Unit, appointment: Appointment, shift: Shift) -> None:
        lines = [BillLine(line["code"], line["name"], line["amount"]) for line in shift.fee_lines if line["amount"]]
        bill = open_bill(unit, payer=self.person, purpose=appointment_public_id(appointment), lines=lines)
        appointment.state, appointment.bill_id = State.HELD, bill.id
        appointment.held_until = appointment.due_at = unit.now + self.hold


def _offer(unit: Unit, slot_id: uuid.UUID) -> _Offer:
    """A slot and its shift, read anew."""
    found = unit.execute(_OFFERED, {"owner": unit.scope.require_tenant(), "of_id": slot_id}).first()
    if found is None:
        raise NotFound
    shift_version, starts_at, capacity, taken, *rest = found
    return _Offer(shift_version, starts_at, capacity, taken, seen(Shift, _OF_SHIFT, rest))


def _refuse(unit: Unit, offer: _Offer, person: uuid.UUID) -> None:
    """Raise what stands against taking a place for `person` of what is offered now."""
    shift = offer.shift
    if shift.state != ShiftState.OPEN:
        raise shift_stopped()
    if offer.starts_at <= unit.now:
        raise slot_past()
    if offer.taken >= offer.capacity:
        raise _full(unit, offer.shift, person)
    refusal = doctor_may_practise(unit, shift.doctor_id, shift.subject, max(shift.day, local_date(unit.now)))
    if refusal:
        raise WrongState(PRACTICE_WORDS[refusal], code=refusal.value)


def _lost(unit: Unit, slot_id: uuid.UUID, seen: _Offer, person: uuid.UUID) -> WrongState:
    """Why no place was taken, although there seemed to be one: others were quicker, or `person` at another device."""
    now = _offer(unit, slot_id)
    if now.shift.state != ShiftState.OPEN:
        return shift_stopped()
    return shift_changed() if now.shift_version != seen.shift_version else _full(unit, now.shift, person)


def _full(unit: Unit, shift: Shift, person: uuid.UUID) -> WrongState:
    """Why there is no place: who holds one of that day hears of their own, which may be the one that was the last.

    Looked up only here: whoever finds a free place is told so by the index. What fills the slot is committed, so an own
    place in it is seen.
    """
    own = unit.select(Appointment).where(
        Appointment.resident_id == person, Appointment.subject == shift.subject, Appointment.day == shift.day,
        Appointment.state.in_(HOLDING),
    )  # fmt: skip
    return already_booked() if unit.first(own) else slot_full()
