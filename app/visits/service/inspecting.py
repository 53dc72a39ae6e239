"""Medical affairs names the duty for which they read a visit; the resident hears of it."""

from dataclasses import dataclass
from datetime import datetime

from app.core.errors import NotFound
from app.core.ids import PublicId, new_id
from app.core.journal.record import record
from app.core.unit import Effect, Unit, run
from app.visits.ids import VisitViewer, visit_public_id
from app.visits.models import Visit, VisitInspection
from app.visits.names import DUTY, INSPECTION_ID
from app.visits.rules.duties import SITTING, Duty
from tenants.api import look


@dataclass(frozen=True)
class Inspection:
    """Until when a visit is open to who named a duty."""

    id: PublicId
    duty: Duty
    ends_at: datetime


def inspect(viewer: VisitViewer, known: PublicId, duty: Duty, effect: Effect | None = None) -> Inspection:
    """Open a visit of the tenant to the caller for a duty, for a sitting. Raises NotFound."""

    def work(opened: Unit) -> Inspection:
        visit = opened.get(Visit, known.id)
        if visit is None:
            raise NotFound
        row = opened.add(_new(opened, visit, viewer, duty))
        look(opened, visit.resident_id, DUTY, visit_public_id(visit))
        about = PublicId(INSPECTION_ID, opened.scope, row.id)
        record(opened, "visit.inspected", about, 1, {"visit": str(known), "duty": duty.value})
        return Inspection(about, duty, row.ends_at)

    return run(viewer.at(known), work, viewer.by, effect=effect)


def _new(opened: Unit, visit: Visit, viewer: VisitViewer, duty: Duty) -> VisitInspection:
    ends_at = opened.now + SITTING
    return VisitInspection(
        tenant_id=visit.tenant_id, id=new_id(), visit_id=visit.id, resident_id=visit.resident_id,
        staff_id=viewer.staff_id, duty=duty, ends_at=ends_at, due_at=ends_at,
    )  # fmt: skip
