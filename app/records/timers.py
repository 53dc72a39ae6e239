"""What emergency accesses do by themselves: end when their time is up, say that nobody
reviewed them in time, and be forgotten long after their review; tries at one are forgotten with their day."""

from app.core.due import each_due
from app.core.forgetting import forgetting
from app.core.scope import Scope
from app.core.timers import Timer
from app.core.unit import Unit
from app.records.models import EmergencyAccess, EmergencyTry
from app.records.rules.emergencies import REVIEWED, State
from app.records.service.emergencies import end_in_time, say_overdue


def end_due(scope: Scope) -> int:
    """End, say overdue or forget the emergency accesses of `scope` whose time has come; returns how many."""
    return each_due(scope, EmergencyAccess, _end)


def _end(opened: Unit, row: EmergencyAccess) -> int:
    if row.state in REVIEWED:
        opened.session.delete(row)
    elif row.state == State.ENDED:
        say_overdue(opened, row)
    else:
        end_in_time(opened, row)
    return 1


FORGETTING_TRIES = forgetting("forget-emergency-tries", EmergencyTry)
TIMERS = (Timer("end-emergencies", (EmergencyAccess,), end_due), FORGETTING_TRIES)
