"""Deliveries of a tenant's events: what became of each, and dead letters sent again."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from app.core.errors import NotFound
from app.core.ids import PublicId
from app.core.journal.record import record
from app.core.scope import Scope
from app.core.send.message import EVENT
from app.core.send.models import Attempt, Delivery
from app.core.send.resend import resend
from app.core.unit import Caller, Effect, Unit, run, unit
from tenants.names import DELIVERY_ID
from tenants.service.looking import look_at_events


@dataclass(frozen=True)
class Told:
    """A delivery and its attempts, first to last."""

    delivery: Delivery
    attempts: Sequence[Attempt]


def delivery_of(scope: Scope, delivery_id: uuid.UUID, by: Caller) -> Told:
    """A delivery with its attempts, which say what a receiver answered; the resident whose event it carried hears who
    read it. Raises NotFound.
    """
    with unit(scope, by) as reading:
        delivery = reading.get(Delivery, delivery_id)
        if delivery is None:
            raise NotFound
        if delivery.resident_id:
            look_at_events(reading, {delivery.resident_id: PublicId(EVENT, scope, delivery.entry_id)})
        attempts = reading.select(Attempt).where(Attempt.delivery_id == delivery_id)
        return Told(delivery, reading.all(attempts.order_by(Attempt.number)))


def resend_delivery(scope: Scope, delivery_id: uuid.UUID, by: Caller, effect: Effect | None = None) -> Delivery:
    """Send a dead letter again; raises NotFound and WrongState."""

    def work(opened: Unit) -> Delivery:
        delivery = resend(opened, delivery_id)
        record(opened, "delivery.resent", PublicId(DELIVERY_ID, scope, delivery.id), delivery.tries + 1, {})
        return delivery

    return run(scope, work, by, effect=effect)
