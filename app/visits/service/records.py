"""The record of a visit: written by its doctor, read by both."""

from dataclasses import dataclass, field

from app.core.errors import NotFound
from app.core.ids import PublicId
from app.core.journal.record import Facts, record
from app.core.unit import Effect, Unit, run
from app.core.versions import expect_version
from app.visits.content import seal_record, written_in
from app.visits.errors import not_now
from app.visits.ids import VisitViewer, visit_public_id
from app.visits.models import Visit, VisitRecord
from app.visits.names import RECORD_ID
from app.visits.rules.conclusion import Written
from app.visits.rules.moves import WORKED_ON
from app.visits.service.messages import in_time


@dataclass(frozen=True)
class Kept:
    """A record in its present version."""

    id: PublicId
    written: Written = field(repr=False)
    version: int


def write(
    viewer: VisitViewer, known: PublicId, written: Written, seen: int | None, effect: Effect | None = None
) -> Kept:
    """The doctor writes the record anew, from the taking of the visit to its conclusion.

    Raises NotFound, Forbidden, WrongState, PreconditionFailed where it is no more in the version that was `seen`.
    """

    def work(opened: Unit) -> Kept:
        visit = viewer.visit(opened, known, lock=True)
        if visit.state not in WORKED_ON:
            raise not_now(visit)
        in_time(opened, visit)
        row = row_of(opened, visit)
        expect_version(row, seen)
        row.content, row.written_at = seal_record(opened, row.id, written), opened.now
        row.version += 1
        facts: Facts = {"visit": str(visit_public_id(visit)), "diagnoses": len(written.diagnoses)}
        record(opened, "visit_record.written", PublicId(RECORD_ID, opened.scope, row.id), row.version, facts)
        return kept(opened, visit, row)

    return run(viewer.at(known), work, viewer.by, effect=effect)


def row_of(opened: Unit, visit: Visit) -> VisitRecord:
    """The record of a visit; raises NotFound where none was opened."""
    row = opened.get(VisitRecord, visit.id)
    if row is None:
        raise NotFound
    return row


def kept(opened: Unit, visit: Visit, row: VisitRecord) -> Kept:
    """`row` with its content opened."""
    return Kept(PublicId(RECORD_ID, visit_public_id(visit).scope, row.id), written_in(opened, row), row.version)
