"""Bodies and answers of the scheduling endpoints."""

import uuid

from marshmallow import Schema, fields, validate

from app.core.ids import PublicId
from app.core.scope import Scope
from app.edge.paging import PageQuery
from app.edge.schema import Fen, IdOf, Input, Instant, PublicIdField, Text, Version, Word
from app.identity.api import PERSON, phone_field
from app.payments.api import BILL_ID
from app.scheduling.ids import appointment_public_id, shift_public_id, slot_public_id
from app.scheduling.models import Appointment
from app.scheduling.names import APPOINTMENT_ID, SHIFT_ID, SLOT_ID
from app.scheduling.rules.moves import Reason, State
from app.scheduling.rules.shifts import HOURS_SAID, HalfDay, ShiftClass, ShiftState
from tenants.api import STAFF_ID, TENANT_ID

WORDS = 200
CODE = 100
MOST_SLOTS = 100
MOST_PLACES = 200
MOST_LINES = 20
MOST_FEE = 10_000_000
"""Fen for one part of a registration fee: a hundred thousand yuan."""


_STATES = (
    "`held`: the place waits for its payment, until `held_until`. `confirmed`: paid, or free of charge; the place is "
    "the resident's. `releasing`: given up or not paid in time, and its bill is being closed: the place is free a "
    "moment later, or `confirmed` where nobody gave it up and the payment was quicker. `released`: ended unpaid, the "
    "place is free. `canceled_refunding`: given up after it was paid, the place is free, the money on its way back. "
    "`canceled`: the money is back, or there was none."
)
_REASONS = (
    "Why it ends or ended; null while it is held or confirmed. `unpaid`: its hold ended. `canceled`: by the resident "
    "or for them. `stopped`: the hospital stopped the shift."
)


def _of_tenant(prefix: str, tenant: int, id: uuid.UUID | None) -> PublicId | None:
    return None if id is None else PublicId(prefix, Scope.for_tenant(tenant), id)


def _resident(row: Appointment) -> PublicId:
    return PublicId(PERSON, Scope.for_person(row.resident_id), row.resident_id)


class FeeLine(Input):
    """A part of the fee."""

    code = Text(CODE, required=True)
    name = Text(WORDS, required=True)
    amount = Fen(required=True, most=MOST_FEE)


class SlotIn(Input):
    """A time with its places."""

    starts_at = Instant(required=True)
    ends_at = Instant(required=True)
    capacity = fields.Integer(required=True, strict=True, validate=validate.Range(1, MOST_PLACES))


class ShiftIn(Input):
    """A doctor's half-day: where, in which subject and class, for how much, and its slots in the order of time."""

    doctor = PublicIdField(STAFF_ID, required=True)
    date = fields.Date(required=True, format="%Y-%m-%d")
    half_day = fields.Enum(
        HalfDay, by_value=True, required=True, metadata={"description": f"Where its slots lie: {HOURS_SAID} in China."}
    )
    site = Text(WORDS, required=True)
    kind = fields.Enum(ShiftClass, by_value=True, required=True, data_key="class")
    subject = Text(CODE, required=True)
    fee_lines = fields.List(fields.Nested(FeeLine), required=True, validate=validate.Length(max=MOST_LINES))
    slots = fields.List(fields.Nested(SlotIn), required=True, validate=validate.Length(1, MOST_SLOTS))


class DoctorIn(Input):
    """Who takes a shift over."""

    doctor = PublicIdField(STAFF_ID, required=True)


class FeeLineOut(Schema):
    """A part of the fee, in fen."""

    code = fields.String()
    name = fields.String()
    amount = Fen()


class ShiftOut(Schema):
    """A shift."""

    id = IdOf(SHIFT_ID, shift_public_id)
    doctor = IdOf(STAFF_ID, lambda row: _of_tenant(STAFF_ID, row.tenant_id, row.doctor_id))
    doctor_name = fields.String()
    date = fields.Date(attribute="day")
    half_day = Word(HalfDay)
    site = fields.String()
    kind = Word(ShiftClass, data_key="class")
    subject = fields.String()
    fee_lines = fields.List(fields.Nested(FeeLineOut))
    state = Word(ShiftState)
    version = Version()


class OpenedSlotOut(Schema):
    """A slot of a fresh shift."""

    id = IdOf(SLOT_ID, lambda row: slot_public_id(row.tenant_id, row.id))
    starts_at = Instant()
    ends_at = Instant()
    capacity = fields.Integer()


class OpenedOut(Schema):
    """A fresh shift and its slots."""

    shift = fields.Nested(ShiftOut)
    slots = fields.List(fields.Nested(OpenedSlotOut))


class DayQuery(PageQuery):
    """Which day; every day where none is named."""

    date = fields.Date(load_default=None, format="%Y-%m-%d")


class SlotsQuery(PageQuery):
    """Whose slots on which day."""

    tenant = PublicIdField(TENANT_ID, required=True)
    date = fields.Date(required=True, format="%Y-%m-%d")
    doctor = PublicIdField(STAFF_ID, load_default=None)


class SlotOut(Schema):
    """A slot that can be booked; `left` is a hint, booking decides. `fee` in fen."""

    id = IdOf(SLOT_ID, lambda row: slot_public_id(row.tenant_id, row.id))
    shift = IdOf(SHIFT_ID, lambda row: shift_public_id(row.shift))
    doctor = IdOf(STAFF_ID, lambda row: _of_tenant(STAFF_ID, row.tenant_id, row.shift.doctor_id))
    doctor_name = fields.String(attribute="shift.doctor_name")
    site = fields.String(attribute="shift.site")
    kind = Word(ShiftClass, attribute="shift.kind", data_key="class")
    subject = fields.String(attribute="shift.subject")
    date = fields.Date(attribute="day")
    starts_at = Instant()
    ends_at = Instant()
    fee = Fen(attribute="shift.fee")
    left = fields.Function(lambda row: row.capacity - row.taken, metadata={"type": "integer", "minimum": 0})


class AppointmentIn(Input):
    """The slot in which to take a place."""

    slot = PublicIdField(SLOT_ID, required=True)


class AppointmentOut(Schema):
    """An appointment; while it is `held` its bill waits to be paid. `fee` in fen."""

    id = IdOf(APPOINTMENT_ID, appointment_public_id)
    slot = IdOf(SLOT_ID, lambda row: slot_public_id(row.tenant_id, row.slot_id))
    shift = IdOf(SHIFT_ID, lambda row: _of_tenant(SHIFT_ID, row.tenant_id, row.shift_id))
    doctor = IdOf(STAFF_ID, lambda row: _of_tenant(STAFF_ID, row.tenant_id, row.doctor_id))
    resident = IdOf(PERSON, _resident)
    subject = fields.String()
    date = fields.Date(attribute="day")
    starts_at = Instant()
    state = Word(State, metadata={"description": _STATES})
    reason = Word(Reason, allow_none=True, metadata={"description": _REASONS})
    held_until = Instant(allow_none=True)
    cancel_until = Instant()
    fee = Fen()
    bill = IdOf(BILL_ID, lambda row: _of_tenant(BILL_ID, row.tenant_id, row.bill_id), allow_none=True)
    number = fields.Integer(allow_none=True)
    version = Version()


class TelephoneAppointmentIn(Input):
    """For whom, by the number that they sign in with, and which slot."""

    phone = phone_field()
    slot = PublicIdField(SLOT_ID, required=True)


class TelephoneSearchIn(Input):
    """Whose appointments, by the number that they sign in with."""

    phone = phone_field()


class FoundAppointmentsOut(Schema):
    """The appointments that were found, soonest first."""

    data = fields.List(fields.Nested(AppointmentOut), required=True)


class OwnAppointmentOut(Schema):
    """An appointment in its resident's own list."""

    id = IdOf(APPOINTMENT_ID, lambda row: _of_tenant(APPOINTMENT_ID, row.tenant, row.id))
    doctor = IdOf(STAFF_ID, lambda row: _of_tenant(STAFF_ID, row.tenant, row.doctor_id))
    doctor_name = fields.String()
    site = fields.String()
    subject = fields.String()
    date = fields.Date(attribute="day")
    starts_at = Instant()
    state = Word(State, metadata={"description": _STATES})
    reason = Word(Reason, allow_none=True, metadata={"description": _REASONS})
    fee = Fen()
    bill = IdOf(BILL_ID, lambda row: _of_tenant(BILL_ID, row.tenant, row.bill_id), allow_none=True)
    number = fields.Integer(allow_none=True)
