"""What resident and doctor write to each other in a visit."""

from dataclasses import dataclass, field
from datetime import datetime

from app.core.ids import PublicId, new_id
from app.core.journal.record import record
from app.core.scope import Scope
from app.core.unit import Effect, Unit, run
from app.visits.content import seal_text, text_of
from app.visits.errors import not_now, time_over
from app.visits.ids import Viewer, visit_public_id
from app.visits.models import Visit, VisitMessage
from app.visits.names import MESSAGE_ID
from app.visits.rules.moves import State

RESIDENT = "resident"
DOCTOR = "doctor"


@dataclass(frozen=True)
class Message:
    """A message as both read it."""

    id: PublicId
    author: str
    text: str = field(repr=False)
    written_at: datetime


def write(viewer: Viewer, known: PublicId, text: str, effect: Effect | None = None) -> Message:
    """Write to the other: both while the visit is taken, the resident also while it waits to be.

    Raises NotFound, Forbidden for another doctor, WrongState.
    """
    author = DOCTOR if viewer.is_staff else RESIDENT

    def work(opened: Unit) -> Message:
        visit = viewer.visit(opened, known, lock=True)
        _refuse(opened, visit, author)
        message = _new(opened, visit, author, text)
        facts = {"visit": str(visit_public_id(visit)), "author": author}
        record(opened, "visit_message.written", PublicId(MESSAGE_ID, opened.scope, message.id), 1, facts)
        return read(opened, message)

    return run(Scope.for_tenant(viewer.at(known).require_tenant()), work, viewer.by, effect=effect)


def read(opened: Unit, row: VisitMessage) -> Message:
    """`row` with its text opened."""
    own = PublicId(MESSAGE_ID, Scope.for_tenant(row.tenant_id), row.id)
    return Message(own, row.author, text_of(opened, row), row.written_at)


def doctor_wrote(opened: Unit, visit: Visit) -> bool:
    """Whether there is a word of the doctor's."""
    query = opened.select(VisitMessage).where(VisitMessage.visit_id == visit.id, VisitMessage.author == DOCTOR)
    return opened.first(query) is not None


def _refuse(opened: Unit, visit: Visit, author: str) -> None:
    open_to = (State.PAID, State.TAKEN) if author == RESIDENT else (State.TAKEN,)
    if visit.state not in open_to:
        raise not_now()
    if visit.due_at is not None and visit.due_at <= opened.now:
        raise time_over()


def _new(opened: Unit, visit: Visit, author: str, text: str) -> VisitMessage:
    id = new_id()
    return opened.add(
        VisitMessage(
            id=id, visit_id=visit.id, resident_id=visit.resident_id, author=author, text=seal_text(opened, id, text),
            written_at=opened.now,
        )
    )  # fmt: skip
