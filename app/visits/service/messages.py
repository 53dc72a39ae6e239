"""What resident and doctor write and send to each other in a visit."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from app.core.ids import PublicId, new_id
from app.core.journal.record import record
from app.core.scope import Scope
from app.core.unit import Effect, Unit, run
from app.visits.content import seal_text, text_of
from app.visits.errors import not_now, time_over
from app.visits.ids import VisitViewer, picture_public_id, visit_public_id
from app.visits.models import Visit, VisitMessage, VisitPicture
from app.visits.names import MESSAGE_ID
from app.visits.rules.moves import WORKED_ON, State

RESIDENT = "resident"
DOCTOR = "doctor"


class MessageKind(StrEnum):
    """What a message is."""

    TEXT = "text"
    PICTURE = "picture"


@dataclass(frozen=True)
class Message:
    """A message as both read it."""

    id: PublicId
    author: str
    text: str = field(repr=False)
    """Empty where the message is a picture."""
    picture: VisitPicture | None
    written_at: datetime

    @property
    def kind(self) -> MessageKind:
        """What it is."""
        return MessageKind.PICTURE if self.picture else MessageKind.TEXT


def write(viewer: VisitViewer, known: PublicId, text: str, effect: Effect | None = None) -> Message:
    """Write to the other: both while the visit is taken, the resident also before, the doctor until it is concluded.

    Raises NotFound, Forbidden for another doctor, WrongState.
    """

    def work(opened: Unit) -> Message:
        return say(opened, viewer, writable(opened, viewer, known), text)

    return run(Scope.for_tenant(viewer.at(known).require_tenant()), work, viewer.by, effect=effect)


def writable(opened: Unit, viewer: VisitViewer, known: PublicId) -> Visit:
    """The visit, locked, in which `viewer` may write now; raises NotFound, Forbidden, WrongState."""
    visit = viewer.visit(opened, known, lock=True)
    _refuse(opened, visit, author_of(viewer))
    return visit


def say(opened: Unit, viewer: VisitViewer, visit: Visit, text: str, picture: VisitPicture | None = None) -> Message:
    """Add a message to a visit that is `writable`: a text, or a picture with none."""
    author = author_of(viewer)
    message = _new(opened, visit, author, text, picture)
    facts = {"visit": str(visit_public_id(visit)), "author": author}
    if picture:
        facts["picture"] = str(picture_public_id(picture))
    record(opened, "visit_message.written", PublicId(MESSAGE_ID, opened.scope, message.id), 1, facts)
    return read(opened, message, picture)


def author_of(viewer: VisitViewer) -> str:
    """As what `viewer` writes."""
    return DOCTOR if viewer.of_tenant else RESIDENT


def in_time(opened: Unit, visit: Visit) -> None:
    """Raise WrongState where the time of the visit's present state is up, even if nobody has noticed.

    That of one that waits for its conclusion is never: its doctor is only reminded.
    """
    if visit.due_at is not None and visit.due_at <= opened.now and visit.state != State.UNCONCLUDED:
        raise time_over()


def read(opened: Unit, row: VisitMessage, picture: VisitPicture | None) -> Message:
    """`row` with its text opened, and the picture that it is."""
    own = PublicId(MESSAGE_ID, Scope.for_tenant(row.tenant_id), row.id)
    return Message(own, row.author, text_of(opened, row), picture, row.written_at)


def doctor_wrote(opened: Unit, visit: Visit) -> bool:
    """Whether there is a word of the doctor's; a picture is none."""
    of_visit = opened.select(VisitMessage).where(VisitMessage.visit_id == visit.id, VisitMessage.author == DOCTOR)
    return opened.first(of_visit.where(VisitMessage.picture_id.is_(None))) is not None


def _refuse(opened: Unit, visit: Visit, author: str) -> None:
    open_to = (State.PAID, State.TAKEN) if author == RESIDENT else WORKED_ON
    if visit.state not in open_to:
        raise not_now(visit)
    in_time(opened, visit)


def _new(opened: Unit, visit: Visit, author: str, text: str, picture: VisitPicture | None) -> VisitMessage:
    id = new_id()
    return opened.add(
        VisitMessage(
            id=id, visit_id=visit.id, resident_id=visit.resident_id, author=author, text=seal_text(opened, id, text),
            picture_id=picture.id if picture else None, written_at=opened.now,
        )
    )  # fmt: skip
