"""What visits contribute to the export of everything about a person: each visit with its messages and its record.

Pictures are named with their addresses, under which their owner gets them.
"""

from typing import Any

from app.core.errors import NotFound
from app.core.ids import PublicId
from app.edge.exporting import Contribution, Whose, every, rendered, rows_within
from app.visits.ids import VisitViewer, visit_public_id
from app.visits.models import PersonVisit, Visit
from app.visits.queries import messages_of, record_of, visit_of, visits_of
from app.visits.schemas import MessageOut, OwnVisitOut, RecordOut, VisitDetailOut


def _visits(whose: Whose) -> list[dict[str, Any]]:
    viewer = VisitViewer(whose.scope, whose.by)
    return [_visit(viewer, visit_public_id(row)) for _, row in rows_within(whose, Visit)]


def _visit(viewer: VisitViewer, known: PublicId) -> dict[str, Any]:
    messages = every(lambda asked: messages_of(viewer, known, asked))
    return {
        **VisitDetailOut().dump(visit_of(viewer, known)),
        "messages": rendered(MessageOut, messages),
        "record": _record(viewer, known),
    }


def _record(viewer: VisitViewer, known: PublicId) -> Any:
    """The record, which its resident reads once the visit is completed."""
    try:
        return RecordOut().dump(record_of(viewer, known))
    except NotFound:
        return None


CONTRIBUTION = Contribution(
    parts={
        "visits": _visits,
        "visits_kept": lambda whose: rendered(OwnVisitOut, every(lambda asked: visits_of(whose.scope, asked))),
    },
    tables=frozenset({"visits", "visit_messages", "visit_pictures", "visit_records", "person_visits"}),
    names=(PersonVisit.tenant,),
)
