"""What the hospital's side does by itself: end prescriptions whose time is over, each in a unit of its own."""

import uuid
from functools import partial

import structlog
from sqlalchemy import select

from app.core.scope import Scope
from app.core.timers import Timer
from app.core.unit import Unit, run, unit
from prescriptions.models.prescribing import Prescription
from prescriptions.rules.prescriptions import Event
from prescriptions.service.ending import stop

BATCH = 50
log = structlog.get_logger()


def expire_due(scope: Scope) -> int:
    """End the prescriptions of `scope` whose time is over; returns how many."""
    ended = 0
    for one in _due(scope):
        try:
            ended += run(scope, partial(_expire, one=one))
        except Exception as error:  # a defect with one prescription must not keep the others valid
            log.error("prescription_not_expired", prescription=str(one), error=type(error).__name__)
    return ended


def _due(scope: Scope) -> list[uuid.UUID]:
    with unit(scope) as reading:
        query = select(Prescription.id).where(
            Prescription.tenant_id == scope.require_tenant(), Prescription.due_at <= reading.now
        )
        return list(reading.session.scalars(query.order_by(Prescription.due_at).limit(BATCH)))


def _expire(opened: Unit, one: uuid.UUID) -> int:
    query = opened.select(Prescription).where(Prescription.id == one, Prescription.due_at <= opened.now)
    row = opened.first(query.with_for_update(skip_locked=True))
    if row is None:
        return 0
    return int(stop(opened, row, Event.EXPIRED))


EXPIRY = Timer("expire-prescriptions", (Prescription,), expire_due)
