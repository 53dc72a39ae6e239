"""Booking and finding by telephone: for a resident who is on the line, known by the number that they sign in with.

Whoever answers calls the number back, so that the resident is who they say. They see appointments, never a record.
"""

import uuid
from collections.abc import Sequence
from datetime import timedelta

from app.core.errors import NotFound
from app.core.ids import PublicId
from app.core.scope import Scope
from app.core.unit import Caller, Effect, unit
from app.identity.api import holder_of, is_closed
from app.scheduling.ids import appointment_public_id
from app.scheduling.models import Appointment
from app.scheduling.names import PURPOSE
from app.scheduling.rules.moves import State
from app.scheduling.service import booking
from tenants.api import look

MOST_FOUND = 20
_LIVING = (State.HELD, State.CONFIRMED)


def book(
    scope: Scope, phone: str, slot: PublicId, hold: timedelta, by: Caller, effect: Effect | None = None
) -> Appointment:
    """Take a place in a slot of the tenant of `scope` for who signs in with `phone` (E.164).

    They find it in their list, and pay within `hold` where there is a fee. Raises NotFound for another tenant's slot
    and a number that nobody signs in with, WrongState as `booking.book`.
    """
    person = _on_the_line(phone)
    if person is None or slot.scope.tenant != scope.tenant:
        raise NotFound("no such slot here, or nobody signs in with that number")
    return booking.book(person, slot, hold, by, effect)


def appointments_of(scope: Scope, phone: str, by: Caller) -> Sequence[Appointment]:
    """The next appointments at the tenant of `scope` of who signs in with `phone`, soonest first; the first look in a
    quarter of an hour is an entry that they read.
    """
    person = _on_the_line(phone)
    if person is None:
        return []
    with unit(scope, by) as reading:
        mine = (Appointment.resident_id == person, Appointment.state.in_(_LIVING), Appointment.starts_at > reading.now)
        query = reading.select(Appointment).where(*mine).order_by(Appointment.starts_at, Appointment.id)
        found = reading.all(query.limit(MOST_FOUND))
        if found:
            look(reading, person, PURPOSE, appointment_public_id(found[0]))
    return found


def _on_the_line(phone: str) -> uuid.UUID | None:
    """Who signs in with `phone`; nobody where they died, whose number is kept because that may be a mistake."""
    person = holder_of(phone)
    if person is None:
        return None
    with unit(Scope.for_person(person)) as reading:
        return None if is_closed(reading) else person
