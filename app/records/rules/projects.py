"""How long a research project lasts. Pure."""

from datetime import date
from enum import StrEnum

from app.core.calendar import years_after

LONGEST = 5
"""Years: the longest that one approval is relied upon. A default without a legal source: committees review a project
each year and state their own term.
"""


class ProjectState(StrEnum):
    """`ended` by whoever answers for it, or with its last day by itself."""

    RUNNING = "running"
    ENDED = "ended"


def is_bounded(ends_on: date, today: date) -> bool:
    """Whether a project that is registered on the local date `today` may last until `ends_on`."""
    return today <= ends_on <= years_after(today, LONGEST)


def present_state(state: ProjectState, ends_on: date, today: date) -> ProjectState:
    """The state of a project on the local date `today`."""
    return ProjectState.ENDED if ends_on < today else state
