"""For which purpose staff reads a visit: the conditions by which queries find one, and how the docs tell them."""

import uuid
from datetime import timedelta

from sqlalchemy import ColumnElement, and_, or_, select

from app.core.purposes import Purpose
from app.core.unit import Unit
from app.visits.models import Visit, VisitInspection
from app.visits.names import DUTY, PURPOSE
from app.visits.rules.moves import State

AFTERCARE = timedelta(days=11)
"""For how long a completed visit is its doctor's to read: in the seven days after it they may prescribe, what they
prescribe is valid for three more at most, and both are counted in whole local days.
"""


def treats(unit: Unit, doctor: uuid.UUID) -> ColumnElement[bool]:
    """The visit asks for this doctor and is open, or what hangs on it may be."""
    concluded = and_(Visit.state == State.COMPLETED, Visit.ended_at > unit.now - AFTERCARE)
    return and_(Visit.doctor_id == doctor, or_(Visit.due_at.is_not(None), concluded))


def inspects(unit: Unit, member: uuid.UUID, visit: uuid.UUID) -> ColumnElement[bool]:
    """This member of the staff said, not long ago, for which duty they read this visit."""
    named = select(VisitInspection.visit_id).where(
        VisitInspection.tenant_id == unit.scope.require_tenant(), VisitInspection.visit_id == visit,
        VisitInspection.staff_id == member, VisitInspection.ends_at > unit.now,
    )  # fmt: skip
    return Visit.id.in_(named)


PURPOSES = (
    Purpose(
        "visit: complaint, evidence, messages, pictures, record", "doctor",
        "visits that ask for them",
        "it ends otherwise than completed; once completed, 11 days later", PURPOSE,
    ),
    Purpose(
        "visit: complaint, evidence, messages, pictures, record", "medical affairs",
        "one visit at a time, for a duty that they named", "8 hours after they named it", DUTY,
    ),
)  # fmt: skip
