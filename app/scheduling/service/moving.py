"""Moving an appointment: the one place where an event changes its state, and does what goes with it."""

import uuid
from collections.abc import Callable, Mapping
from typing import Any

from app.core.counters import next_number
from app.core.errors import NotFound
from app.core.journal.record import Facts, record
from app.core.unit import Unit
from app.payments.api import request_cancel, request_refund
from app.scheduling.ids import appointment_public_id
from app.scheduling.models import Appointment, Shift
from app.scheduling.rules.moves import Effect, Event, Move, Reason, State, move
from app.scheduling.service import places, telling

Told = Mapping[str, Any]
"""What the resident is told of their appointment."""
_HAPPENED: Mapping[State, str] = {
    State.RELEASING: "appointment.releasing",
    State.RELEASED: "appointment.released",
    State.CONFIRMED: "appointment.confirmed",
    State.CANCELED_REFUNDING: "appointment.canceled",
    State.CANCELED: "appointment.canceled",
}
_REFUNDED = "appointment.refunded"
"""What follows `appointment.canceled` once the money is back."""


def happen(unit: Unit, appointment: Appointment, event: Event) -> Told | None:
    """Let `event` happen to `appointment`, which the unit holds locked; None where it changes nothing.

    Locks the slot's row where a place returns, always after the appointment's.
    """
    former = State(appointment.state)
    reason = Reason(appointment.reason) if appointment.reason else None
    found = move((former, reason), event, billed=appointment.bill_id is not None)
    if found is None:
        return None
    _apply(unit, appointment, found)
    refunded = former is State.CANCELED_REFUNDING
    return enter(unit, appointment, shift_of(unit, appointment), _REFUNDED if refunded else _HAPPENED[found.state])


def shift_of(unit: Unit, appointment: Appointment) -> Shift:
    """The shift in which an appointment has its place."""
    shift = unit.get(Shift, appointment.shift_id)
    if shift is None:
        raise NotFound
    return shift


def enter(unit: Unit, appointment: Appointment, shift: Shift, happened: str) -> Told:
    """Write the entry for what `happened` to an appointment, which tells its resident."""
    relay, about = telling.show(appointment, shift), appointment_public_id(appointment)
    whose = appointment.resident_id
    record(unit, happened, about, appointment.version, _facts(appointment), [relay], whose)
    return relay.payload


def number_for(unit: Unit, shift_id: uuid.UUID) -> int:
    """The next number of a shift's places; holds the shift's counter until the unit ends."""
    return next_number(unit, f"shift:{shift_id}")


def _facts(appointment: Appointment) -> Facts:
    facts: dict[str, int | str] = {"state": appointment.state, "amount": appointment.fee}
    if appointment.reason:
        facts["reason"] = appointment.reason
    if appointment.number is not None:
        facts["number"] = appointment.number
    return facts


def _apply(unit: Unit, appointment: Appointment, found: Move) -> None:
    for effect in sorted(found.effects):
        _DO[effect](unit, appointment)
    appointment.state, appointment.reason = found.state, found.reason
    appointment.due_at = None
    appointment.version += 1


def _give_number(unit: Unit, appointment: Appointment) -> None:
    appointment.number = number_for(unit, appointment.shift_id)


def _close_bill(unit: Unit, appointment: Appointment) -> None:
    if appointment.bill_id is not None:
        request_cancel(unit, appointment.bill_id)


def _return_place(unit: Unit, appointment: Appointment) -> None:
    places.give_back(unit, appointment.slot_id)


def _refund(unit: Unit, appointment: Appointment) -> None:
    if appointment.bill_id is not None:
        refund = request_refund(unit, appointment.bill_id, appointment.fee, "appointment_canceled")
        appointment.refund_id = refund.id


_DO: Mapping[Effect, Callable[[Unit, Appointment], None]] = {
    Effect.GIVE_NUMBER: _give_number,
    Effect.CLOSE_BILL: _close_bill,
    Effect.RETURN_PLACE: _return_place,
    Effect.REFUND: _refund,
}
