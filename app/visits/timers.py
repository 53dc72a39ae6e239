"""What visits do by themselves: end those whose time is up or remind of them, and have pictures scanned."""

from app.core.due import each_due
from app.core.forgetting import forgetting
from app.core.scope import Scope
from app.core.timers import Timer
from app.core.unit import Unit
from app.visits.models import Visit, VisitInspection, VisitPicture
from app.visits.service.concluding import end_of_time
from app.visits.service.scanning import scan_due


def end_due(scope: Scope) -> int:
    """End the visits of `scope` whose time is up, or remind their doctors; returns how many."""
    return each_due(scope, Visit, _end)


def _end(opened: Unit, visit: Visit) -> int:
    end_of_time(opened, visit)
    return 1


TIMERS = (
    Timer("end-visits", (Visit,), end_due),
    Timer("scan-pictures", (VisitPicture,), scan_due, asks=True),
    forgetting("forget-inspections", VisitInspection),
)
