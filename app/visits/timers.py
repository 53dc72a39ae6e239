"""What visits do by themselves: end those whose time is up, and have pictures scanned that are not yet."""

from app.core.due import each_due
from app.core.forgetting import forgetting
from app.core.scope import Scope
from app.core.timers import Timer
from app.core.unit import Unit
from app.visits.models import Visit, VisitInspection, VisitPicture
from app.visits.rules.moves import Event, State, reason_of_time_up
from app.visits.service.messages import doctor_wrote
from app.visits.service.moving import happen
from app.visits.service.scanning import scan_due


def end_due(scope: Scope) -> int:
    """End the visits of `scope` whose time is up; returns how many."""
    return each_due(scope, Visit, _end)


def _end(opened: Unit, visit: Visit) -> int:
    reason = reason_of_time_up(State(visit.state), doctor_wrote=doctor_wrote(opened, visit))
    happen(opened, visit, Event.TIME_UP, reason)
    return 1


TIMERS = (
    Timer("end-visits", (Visit,), end_due),
    Timer("scan-pictures", (VisitPicture,), scan_due, asks=True),
    forgetting("forget-inspections", VisitInspection),
)
