"""What family does by itself: ends what has had its time, forgets what ended long ago."""

from sqlalchemy import delete

from app.core.forgetting import forgetting
from app.core.scope import Scope
from app.core.timers import Timer
from app.core.unit import Unit, run
from app.residents.family.models import CivilPaper, ClaimPermit, Representation, Represented
from app.residents.family.rules import OPEN, Kind, State, over
from app.residents.family.service.representations import end


def keep_time(scope: Scope) -> int:
    """End what may be done for the person of `scope` no longer, and forget what ended long ago; returns how many."""
    return run(scope, _end_due) + run(scope, _forget)


def _end_due(opened: Unit) -> int:
    due = opened.select(Representation).where(Representation.state.in_(OPEN), Representation.due_at <= opened.now)
    rows = opened.all(due.with_for_update(skip_locked=True))
    for row in rows:
        end(opened, row, over(State(row.state), Kind(row.kind)))
    return len(rows)


def _forget(opened: Unit) -> int:
    mine = (Representation.person_id == opened.scope.require_person(), Representation.state == State.ENDED)
    gone = delete(Representation).where(*mine, Representation.due_at <= opened.now).returning(Representation.id)
    return len(opened.session.execute(gone.execution_options(synchronize_session=False)).all())


TIMERS = (
    Timer("representations", (Representation,), keep_time, hurried=False),
    forgetting("forget-represented", Represented, CivilPaper, ClaimPermit),
)
