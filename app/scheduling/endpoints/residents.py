"""What a resident does: find a slot, take a place, see it, give it up."""

from typing import Any

from flask import current_app
from flask_smorest import Blueprint

from app.core.access import PUBLIC
from app.core.scope import Scope
from app.edge.endpoint import Call, endpoint
from app.edge.paging import Page, PageQuery, page_of
from app.edge.paths import any_id
from app.scheduling import queries
from app.scheduling.models import Appointment, PersonAppointment, Slot
from app.scheduling.names import APPOINTMENT_ID, HOLD
from app.scheduling.schemas import AppointmentIn, AppointmentOut, OwnAppointmentOut, SlotOut, SlotsQuery
from app.scheduling.service import booking, cancellation

blueprint = Blueprint("appointments", __name__, description="Residents book places")


@endpoint(blueprint, "GET", "/slots", permission=PUBLIC, query=SlotsQuery, answer=page_of(SlotOut))
def slots(call: Call, query: dict[str, Any]) -> Page[Slot]:
    """The slots of a day, earliest first. How many places are left is a hint; booking decides."""
    return queries.slots(query)


@endpoint(
    blueprint, "POST", "/appointments",
    permission="appointments.write", body=AppointmentIn, answer=AppointmentOut, status=201,
)  # fmt: skip
def book(call: Call, body: dict[str, Any]) -> Appointment:
    """Take a place. It is held until its bill is paid, or confirmed at once where it costs nothing."""
    hold = current_app.extensions[HOLD]
    return booking.book(call.person, body["slot"], hold, call.by, call.effect)


@endpoint(blueprint, "GET", "/appointments/<appointment_id>", permission="appointments.read", answer=AppointmentOut)
def one(call: Call, appointment_id: str) -> Appointment:
    """One appointment: a resident's own, or any of the tenant's for its staff."""
    return queries.appointment_of(call.principal.scope, any_id(appointment_id, APPOINTMENT_ID))


@endpoint(
    blueprint, "GET", "/me/appointments",
    permission="appointments.read", query=PageQuery, answer=page_of(OwnAppointmentOut),
)  # fmt: skip
def mine(call: Call, query: dict[str, Any]) -> Page[PersonAppointment]:
    """The caller's own appointments everywhere, latest first."""
    return queries.appointments_of(Scope.for_person(call.person), query)


@endpoint(
    blueprint, "POST", "/appointments/<appointment_id>/cancellation",
    permission="appointments.cancel", answer=AppointmentOut,
)  # fmt: skip
def cancel(call: Call, appointment_id: str) -> Appointment:
    """Give an appointment up; what was paid goes back in full. Residents until `cancel_until`, staff at any time."""
    known = any_id(appointment_id, APPOINTMENT_ID)
    return cancellation.cancel(call.principal.scope, known, call.by, call.effect)
