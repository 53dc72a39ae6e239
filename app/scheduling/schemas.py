"""Bodies and answers of the scheduling endpoints."""

import uuid

from marshmallow import Schema, fields, validate

from app.core.ids import PublicId
from app.core.scope import Scope
from app.edge.paging import PageQuery
from app.edge.schema import Fen, Input, Instant, PublicIdField, Text, Version
from app.identity.api import PERSON
from app.payments.api import BILL_ID
from app.scheduling.ids import appointment_public_id, shift_public_id, slot_public_id
from app.scheduling.models import Appointment
from app.scheduling.names import APPOINTMENT_ID, SHIFT_ID, SLOT_ID
from app.scheduling.rules.shifts import HalfDay, ShiftClass
from tenants.api import STAFF_ID, TENANT_ID

WORDS = 200
CODE = 100
MOST_SLOTS = 100
MOST_PLACES = 200
MOST_LINES = 20
MOST_FEE = 10_000_000
"""Fen for one part of a registration fee: a hundred thousand yuan."""


def _of_tenant(prefix: str, tenant: int, id: uuid.UUID | None) -> str | None:
    return None if id is None else str(PublicId(prefix, Scope.for_tenant(tenant), id))


def _resident(row: Appointment) -> str:
    return str(PublicId(PERSON, Scope.for_person(row.resident_id), row.resident_id))


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
    half_day = fields.Enum(HalfDay, by_value=True, required=True)
    site = Text(WORDS, required=True)
    kind = fields.Enum(ShiftClass, by_value=True, required=True, data_key="class")
    subject = Text(CODE, required=True)
    fee_lines = fields.List(fields.Nested(FeeLine), required=True, validate=validate.Length(max=MOST_LINES))
    slots = fields.List(fields.Nested(SlotIn), required=True, validate=validate.Length(1, MOST_SLOTS))


class DoctorIn(Input):
    """Who takes a shift over."""

    doctor = PublicIdField(STAFF_ID, required=True)


class ShiftOut(Schema):
    """A shift."""

    id = fields.Function(lambda row: str(shift_public_id(row)))
    doctor = fields.Function(lambda row: _of_tenant(STAFF_ID, row.tenant_id, row.doctor_id))
    doctor_name = fields.String()
    date = fields.Date(attribute="day")
    half_day = fields.String()
    site = fields.String()
    kind = fields.String(data_key="class")
    subject = fields.String()
    fee_lines = fields.List(fields.Nested(FeeLine))
    state = fields.String()
    version = Version()


class OpenedSlotOut(Schema):
    """A slot of a fresh shift."""

    id = fields.Function(lambda row: str(slot_public_id(row.tenant_id, row.id)))
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

    id = fields.Function(lambda row: str(slot_public_id(row.tenant_id, row.id)))
    shift = fields.Function(lambda row: str(shift_public_id(row.shift)))
    doctor = fields.Function(lambda row: _of_tenant(STAFF_ID, row.tenant_id, row.shift.doctor_id))
    doctor_name = fields.String(attribute="shift.doctor_name")
    site = fields.String(attribute="shift.site")
    kind = fields.String(attribute="shift.kind", data_key="class")
    subject = fields.String(attribute="shift.subject")
    date = fields.Date(attribute="day")
    starts_at = Instant()
    ends_at = Instant()
    fee = Fen(attribute="shift.fee")
    left = fields.Function(lambda row: row.capacity - row.taken)


class AppointmentIn(Input):
    """The slot in which to take a place."""

    slot = PublicIdField(SLOT_ID, required=True)


class AppointmentOut(Schema):
    """An appointment; while it is `held` its bill waits to be paid. `fee` in fen."""

    id = fields.Function(lambda row: str(appointment_public_id(row)))
    slot = fields.Function(lambda row: str(slot_public_id(row.tenant_id, row.slot_id)))
    shift = fields.Function(lambda row: _of_tenant(SHIFT_ID, row.tenant_id, row.shift_id))
    doctor = fields.Function(lambda row: _of_tenant(STAFF_ID, row.tenant_id, row.doctor_id))
    resident = fields.Function(_resident)
    subject = fields.String()
    date = fields.Date(attribute="day")
    starts_at = Instant()
    state = fields.String()
    reason = fields.String(allow_none=True)
    held_until = Instant(allow_none=True)
    cancel_until = Instant()
    fee = Fen()
    bill = fields.Function(lambda row: _of_tenant(BILL_ID, row.tenant_id, row.bill_id), allow_none=True)
    number = fields.Integer(allow_none=True)
    version = Version()


class OwnAppointmentOut(Schema):
    """An appointment in its resident's own list."""

    id = fields.Function(lambda row: _of_tenant(APPOINTMENT_ID, row.tenant, row.id))
    doctor = fields.Function(lambda row: _of_tenant(STAFF_ID, row.tenant, row.doctor_id))
    doctor_name = fields.String()
    site = fields.String()
    subject = fields.String()
    date = fields.Date(attribute="day")
    starts_at = Instant()
    state = fields.String()
    reason = fields.String(allow_none=True)
    fee = Fen()
    bill = fields.Function(lambda row: _of_tenant(BILL_ID, row.tenant, row.bill_id), allow_none=True)
    number = fields.Integer(allow_none=True)
