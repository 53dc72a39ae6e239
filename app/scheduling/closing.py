"""Scheduling's part in the end of an account."""

import uuid
from collections.abc import Iterable
from contextlib import suppress

from app.core.errors import WrongState
from app.core.ids import PublicId
from app.core.scope import Scope
from app.core.unit import Caller, unit
from app.edge.closing import Blocker, Closing, Rule
from app.edge.exporting import Whose
from app.scheduling.models import PersonAppointment
from app.scheduling.names import APPOINTMENT_ID
from app.scheduling.rules.moves import State
from app.scheduling.service.cancellation import cancel

_MOVING = (State.HELD, State.RELEASING, State.CANCELED_REFUNDING)


def _blockers(whose: Whose) -> Iterable[Blocker]:
    """Places to come, and money of past ones on its way back."""
    with unit(whose.scope) as reading:
        rows = reading.all(reading.select(PersonAppointment))
    for row in rows:
        if row.state in _MOVING or (row.state == State.CONFIRMED and row.starts_at > reading.now):
            yield Blocker("open_appointment", _id(row))


def _call_off(person: uuid.UUID, by: Caller) -> None:
    """The places of somebody who died go back, and so does the money."""
    with unit(Scope.for_person(person)) as reading:
        to_come = PersonAppointment.starts_at > reading.now
        rows = reading.all(reading.select(PersonAppointment).where(to_come))
    for row in rows:
        if row.state in (State.HELD, State.CONFIRMED):
            with suppress(WrongState):  # it ended meanwhile
                cancel(Scope.for_tenant(row.tenant), _id(row), by)


def _id(row: PersonAppointment) -> PublicId:
    return PublicId(APPOINTMENT_ID, Scope.for_tenant(row.tenant), row.id)


CLOSING = Closing(
    erased=frozenset({"person_appointments"}),
    kept={"appointments": Rule.MEDICAL_RECORD},
    blockers=_blockers,
    call_off=_call_off,
)
