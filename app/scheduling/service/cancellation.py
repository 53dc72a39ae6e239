"""Giving an appointment up, by its resident or by staff."""

import uuid
from dataclasses import dataclass

from app.core.errors import NotFound
from app.core.ids import PublicId
from app.core.scope import Scope
from app.core.unit import Caller, Effect, Unit, run
from app.scheduling.errors import already_ended, cancellation_closed
from app.scheduling.models import Appointment
from app.scheduling.queries import appointment_of
from app.scheduling.rules.moves import Event, State
from app.scheduling.service import telling
from app.scheduling.service.moving import Told, happen


def cancel(caller: Scope, known: PublicId, by: Caller, effect: Effect | None = None) -> Appointment:
    """Cancel an appointment; what was paid goes back in full, and the place returns.

    A resident until the cut-off, staff at any time. Raises NotFound, and WrongState `cancellation_closed` and
    `appointment_ended`.

    A look in the caller's own scope comes first, so that nobody reaches what is not theirs; the change itself is the
    hospital's, because bill and payment move with it.
    """
    seen = appointment_of(caller, known)
    canceling = _Canceling(seen.id, by_resident=caller.tenant is None)
    appointment = run(Scope.for_tenant(seen.tenant_id), canceling.work, by, effect=effect)
    if caller.tenant is None and canceling.told:
        telling.show_at_once(seen.resident_id, seen.tenant_id, canceling.told, by)
    return appointment


@dataclass
class _Canceling:
    """One cancellation, and what the resident is told of it."""

    appointment_id: uuid.UUID
    by_resident: bool
    told: Told | None = None

    def work(self, unit: Unit) -> Appointment:
        appointment = unit.get(Appointment, self.appointment_id, lock=True)
        if appointment is None:
            raise NotFound
        late = appointment.state == State.CONFIRMED and appointment.cancel_until <= unit.now
        if late and self.by_resident:
            raise cancellation_closed()
        self.told = happen(unit, appointment, Event.CANCELED)
        if self.told is None:
            raise already_ended()
        return appointment
