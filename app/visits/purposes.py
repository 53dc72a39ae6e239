"""For which purpose staff reads a visit: the conditions by which queries find one, and how the docs tell them."""

from datetime import timedelta
from typing import Any, cast

from sqlalchemy import BindParameter, ColumnElement, Table, and_, bindparam, or_, select

from app.core.purposes import Purpose
from app.visits.models import Visit, VisitInspection
from app.visits.names import DUTY, PURPOSE
from app.visits.rules.moves import State

AFTERCARE = timedelta(days=11)
"""For how long a completed visit is its doctor's to read: in the seven days after it they may prescribe, what they
prescribe is valid for three more at most, and both are counted in whole local days.
"""


_VISITS, _INSPECTIONS = cast(Table, Visit.__table__), cast(Table, VisitInspection.__table__)
_STAFF: BindParameter[Any] = bindparam("of_staff")
TREATS: ColumnElement[bool] = and_(
    _VISITS.c.doctor_id == _STAFF,
    or_(
        _VISITS.c.due_at.is_not(None),
        _VISITS.c.state == State.UNCONCLUDED.value,  # nobody is reminded of it any more, but its doctor may conclude it
        and_(_VISITS.c.state == State.COMPLETED.value, _VISITS.c.ended_at > bindparam("ended_since")),
    ),
)
"""The visit asks for the doctor `of_staff` and is open, or what hangs on it may be: it ended after `ended_since`,
`AFTERCARE` ago.
"""
INSPECTS: ColumnElement[bool] = _VISITS.c.id.in_(
    select(_INSPECTIONS.c.visit_id).where(
        _INSPECTIONS.c.tenant_id == bindparam("owner"), _INSPECTIONS.c.visit_id == bindparam("of_id"),
        _INSPECTIONS.c.staff_id == _STAFF, _INSPECTIONS.c.ends_at > bindparam("now"),
    )
)  # fmt: skip
"""The member `of_staff` said, not long before `now`, for which duty they read the visit `of_id` of `owner`."""


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
