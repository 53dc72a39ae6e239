"""What a phone agent does for a resident on the line: find, book; canceling is everybody's who may."""

from typing import Any

from flask import current_app
from flask_smorest import Blueprint

from app.edge.endpoint import Call, endpoint
from app.scheduling.models import Appointment
from app.scheduling.names import HOLD
from app.scheduling.schemas import AppointmentOut, FoundAppointmentsOut, TelephoneAppointmentIn, TelephoneSearchIn
from app.scheduling.service import telephone

blueprint = Blueprint("telephone", __name__, description="Places are booked by telephone")


@endpoint(
    blueprint, "POST", "/telephone-appointments",
    permission="appointments.telephone", body=TelephoneAppointmentIn, answer=AppointmentOut, status=201,
)  # fmt: skip
def book(call: Call, body: dict[str, Any]) -> Appointment:
    """Take a place for the resident who was called back on their number; they pay for it themselves."""
    hold = current_app.extensions[HOLD]
    return telephone.book(call.principal.scope, body["phone"], body["slot"], hold, call.by, call.effect)


@endpoint(
    blueprint, "POST", "/telephone-appointment-searches",
    permission="appointments.telephone", body=TelephoneSearchIn, answer=FoundAppointmentsOut,
    idempotent_by="it finds, and leaves nothing but the mark of a look; a number belongs in no address",
)  # fmt: skip
def search(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """The resident's next appointments here, to be canceled or confirmed to them; empty where there are none."""
    return {"data": telephone.appointments_of(call.principal.scope, body["phone"], call.by)}
