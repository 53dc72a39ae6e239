"""What corrections do by themselves: say that one was not answered in time."""

from app.core.due import each_due
from app.core.scope import Scope
from app.core.timers import Timer
from app.residents.corrections.models import Correction
from app.residents.corrections.service import overdue


def note_overdue(scope: Scope) -> int:
    """Note the wishes of `scope` that were not answered in time; returns how many."""
    return each_due(scope, Correction, overdue)


TIMERS = (Timer("corrections", (Correction,), note_overdue, hurried=False),)
