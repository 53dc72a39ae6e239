"""What a hospital's staff do: open, stop and hand over shifts, and see who comes."""

from typing import Any

from flask_smorest import Blueprint

from app.edge.endpoint import Call, endpoint
from app.edge.paging import Page, page_of
from app.edge.paths import own_id
from app.payments.api import BillLine
from app.scheduling import queries
from app.scheduling.models import Appointment, Shift
from app.scheduling.names import SHIFT_ID
from app.scheduling.rules.shifts import SlotTimes
from app.scheduling.schemas import AppointmentOut, DayQuery, DoctorIn, OpenedOut, ShiftIn, ShiftOut
from app.scheduling.service import shifts

blueprint = Blueprint("shifts", __name__, description="A hospital opens its shifts")


@endpoint(blueprint, "POST", "/shifts", permission="shifts.write", body=ShiftIn, answer=OpenedOut, status=201)
def open(call: Call, body: dict[str, Any]) -> shifts.Opened:
    """Open a shift with its slots; refused unless the doctor may practise its subject here on that day."""
    return shifts.open_shift(call.principal.scope, _wish(body), call.by, call.effect)


@endpoint(blueprint, "GET", "/shifts", permission="shifts.write", query=DayQuery, answer=page_of(ShiftOut))
def listed(call: Call, query: dict[str, Any]) -> Page[Shift]:
    """The tenant's shifts, latest day first."""
    return queries.shifts(call.principal.scope, query)


@endpoint(blueprint, "POST", "/shifts/<shift_id>/stopping", permission="shifts.write", answer=ShiftOut)
def stop(call: Call, shift_id: str) -> Shift:
    """Stop a shift: nobody can book it any more, every holder is told and refunded."""
    return shifts.stop_shift(own_id(shift_id, SHIFT_ID, call.principal.scope), call.by, call.effect)


@endpoint(
    blueprint, "PUT", "/shifts/<shift_id>/doctor",
    permission="shifts.write", body=DoctorIn, answer=ShiftOut, if_match=True,
)  # fmt: skip
def replace_doctor(call: Call, body: dict[str, Any], shift_id: str) -> Shift:
    """Hand a shift over to another doctor; every holder is told."""
    known = own_id(shift_id, SHIFT_ID, call.principal.scope)
    return shifts.replace_doctor(known, body["doctor"], call.if_match, call.by, call.effect)


@endpoint(
    blueprint, "GET", "/appointments",
    permission="appointments.read_all", query=DayQuery, answer=page_of(AppointmentOut),
)  # fmt: skip
def appointments(call: Call, query: dict[str, Any]) -> Page[Appointment]:
    """The tenant's appointments, newest first."""
    return queries.appointments(call.principal.scope, query)


def _wish(body: dict[str, Any]) -> shifts.Wish:
    lines = [BillLine(**line) for line in body["fee_lines"]]
    times = [SlotTimes(**slot) for slot in body["slots"]]
    return shifts.Wish(
        body["doctor"], body["date"], body["half_day"], body["site"], body["kind"], body["subject"], lines, times
    )
