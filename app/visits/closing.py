"""Visits' part in the end of an account."""

from collections.abc import Iterable

from app.core.ids import PublicId
from app.core.scope import Scope
from app.core.unit import unit
from app.edge.closing import Blocker, Closing, Rule
from app.edge.exporting import Whose
from app.visits.models import PersonVisit
from app.visits.names import VISIT_ID
from app.visits.rules.moves import State

_OPEN = (State.AWAITING_PAYMENT, State.PAID, State.TAKEN)
"""Visits that a person has still to do with: each ends by itself.

One that waits for its conclusion is not among them. It has no end of its own, and nothing in it is the person's to do:
nobody's right to be forgotten waits for a doctor. Its record is kept with its hospital, as that of every visit, and is
concluded there, or its fee goes back, just as well afterwards.
"""


def _blockers(whose: Whose) -> Iterable[Blocker]:
    with unit(whose.scope) as reading:
        rows = reading.all(reading.select(PersonVisit).where(PersonVisit.state.in_(_OPEN)))
    return [Blocker("open_visit", PublicId(VISIT_ID, Scope.for_tenant(row.tenant), row.id)) for row in rows]


CLOSING = Closing(
    erased=frozenset({"person_visits"}),
    kept={
        "visits": Rule.MEDICAL_RECORD,
        "visit_records": Rule.MEDICAL_RECORD,
        "visit_pictures": Rule.MEDICAL_RECORD,
        "visit_messages": Rule.DIALOGUE,
        "visit_inspections": Rule.PROCESSING,
    },
    blockers=_blockers,
)
