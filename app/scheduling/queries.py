"""Reads of the scheduling slice; lists come in pages."""

import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.core.errors import NotFound
from app.core.ids import PublicId
from app.core.scope import Scope
from app.core.unit import unit
from app.edge.paging import Keyset, Page
from app.scheduling.ids import seen_by
from app.scheduling.models import Appointment, PersonAppointment, Shift, Slot
from app.scheduling.rules.shifts import ShiftState

Asked = Mapping[str, Any]
NOBODY = uuid.UUID(int=0)
"""Bound as the resident where nobody signed in: what is left is what everybody may see."""
_SHIFTS = Keyset("shifts", (Shift.day, Shift.id), descending=True)
_SLOTS = Keyset("slots", (Slot.starts_at, Slot.id))
_APPOINTMENTS = Keyset("appointments", (Appointment.id,), descending=True)
_OWN = Keyset("own_appointments", (PersonAppointment.starts_at, PersonAppointment.id), descending=True)


def shifts(scope: Scope, asked: Asked) -> Page[Shift]:
    """The tenant's shifts, latest day first; of one day where `asked` names it."""
    with unit(scope) as reading:
        query = reading.select(Shift)
        if asked["date"]:
            query = query.where(Shift.day == asked["date"])
        return _SHIFTS.page(reading, query, asked)


def slots(asked: Asked) -> Page[Slot]:
    """The slots to come of open shifts on one day of one tenant, perhaps of one doctor."""
    tenant = asked["tenant"].scope.tenant
    if tenant is None:
        raise NotFound
    with unit(Scope.for_tenant(tenant, as_resident=NOBODY)) as reading:
        open_shifts = select(Shift.id).where(
            Shift.tenant_id == tenant, Shift.day == asked["date"], Shift.state == ShiftState.OPEN
        )
        if asked["doctor"]:
            open_shifts = open_shifts.where(Shift.doctor_id == asked["doctor"].id)
        query = reading.select(Slot).where(Slot.day == asked["date"], Slot.shift_id.in_(open_shifts))
        query = query.where(Slot.starts_at > reading.now)
        return _SLOTS.page(reading, query.options(joinedload(Slot.shift, innerjoin=True)), asked)


def appointments(scope: Scope, asked: Asked) -> Page[Appointment]:
    """The tenant's appointments, newest first; of one day where `asked` names it."""
    with unit(scope) as reading:
        query = reading.select(Appointment)
        if asked["date"]:
            query = query.where(Appointment.day == asked["date"])
        return _APPOINTMENTS.page(reading, query, asked)


def appointment_of(caller: Scope, known: PublicId) -> Appointment:
    """One appointment, as its resident or as staff; raises NotFound."""
    with unit(seen_by(caller, known)) as reading:
        found = reading.get(Appointment, known.id)
    if found is None:
        raise NotFound
    return found


def appointments_of(person: Scope, asked: Asked) -> Page[PersonAppointment]:
    """The person's own appointments with all tenants, latest first."""
    with unit(person) as reading:
        return _OWN.page(reading, reading.select(PersonAppointment), asked)
