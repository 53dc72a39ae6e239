"""What scheduling does when it hears of a bill: the relays come from payments in the same tenant."""

import uuid

from app.core.ids import MalformedId, PublicId
from app.core.relays import Answer, Handler, Incoming
from app.core.scope import Scope
from app.core.unit import Unit
from app.payments.api import BILL_CANCELED, BILL_PAID, BILL_REFUNDED, REFUND_ID
from app.scheduling.models import Appointment
from app.scheduling.names import APPOINTMENT_ID, SHOW
from app.scheduling.rules.moves import Event
from app.scheduling.service.moving import happen
from app.scheduling.service.telling import take_shown


def take_paid(unit: Unit, relay: Incoming) -> Answer:
    """Confirm the appointment, or give the money back where it was given up meanwhile."""
    return _hear(unit, relay, Event.PAID)


def take_canceled(unit: Unit, relay: Incoming) -> Answer:
    """Release the place: the bill can never be paid any more."""
    return _hear(unit, relay, Event.BILL_CANCELED)


def take_refunded(unit: Unit, relay: Incoming) -> Answer:
    """Note that what was paid is back."""
    return _hear(unit, relay, Event.REFUNDED)


def _hear(unit: Unit, relay: Incoming, event: Event) -> Answer:
    appointment_id = _appointment(relay)
    if appointment_id is None:
        return {"refused": "not_an_appointment"}
    appointment = unit.get(Appointment, appointment_id, lock=True)
    if appointment is None:
        raise LookupError("a bill without its appointment")
    if event is Event.REFUNDED and relay.payload["refund"] != _refund_of(appointment):
        return {"refused": "another_refund"}
    return {} if happen(unit, appointment, event) else {"refused": "nothing_to_change"}


def _appointment(relay: Incoming) -> uuid.UUID | None:
    try:
        return PublicId.parse(relay.payload["purpose"], APPOINTMENT_ID).id
    except MalformedId:
        return None


def _refund_of(appointment: Appointment) -> str | None:
    if appointment.refund_id is None:
        return None
    return str(PublicId(REFUND_ID, Scope.for_tenant(appointment.tenant_id), appointment.refund_id))


HANDLERS: dict[tuple[str, int], Handler] = {
    (BILL_PAID, 1): take_paid,
    (BILL_CANCELED, 1): take_canceled,
    (BILL_REFUNDED, 1): take_refunded,
    (SHOW, 1): take_shown,
}
