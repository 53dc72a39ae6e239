"""What visits do by themselves: end those whose time is up, each in a unit of its own."""

import uuid
from functools import partial

import structlog
from sqlalchemy import select

from app.core.scope import Scope
from app.core.timers import Timer
from app.core.unit import Unit, run, unit
from app.visits.models import Visit
from app.visits.rules.moves import Event, State, reason_of_time_up
from app.visits.service.messages import doctor_wrote
from app.visits.service.moving import happen

BATCH = 50
log = structlog.get_logger()


def end_due(scope: Scope) -> int:
    """End the visits of `scope` whose time is up; returns how many."""
    ended = 0
    for one in _due(scope):
        try:
            ended += run(scope, partial(_end, one=one))
        except Exception as error:  # a defect with one visit must not keep the others' money
            log.error("visit_not_ended", visit=str(one), error=type(error).__name__)
    return ended


def _due(scope: Scope) -> list[uuid.UUID]:
    with unit(scope) as reading:
        query = select(Visit.id).where(Visit.tenant_id == scope.require_tenant(), Visit.due_at <= reading.now)
        return list(reading.session.scalars(query.order_by(Visit.due_at).limit(BATCH)))


def _end(opened: Unit, one: uuid.UUID) -> int:
    query = opened.select(Visit).where(Visit.id == one, Visit.due_at <= opened.now)
    visit = opened.first(query.with_for_update(skip_locked=True))
    if visit is None:
        return 0
    reason = reason_of_time_up(State(visit.state), doctor_wrote=doctor_wrote(opened, visit))
    happen(opened, visit, Event.TIME_UP, reason)
    return 1


TIMERS = (Timer("end-visits", (Visit,), end_due),)
