"""An emergency access as those read it who may, in the state that it has now."""

from dataclasses import dataclass, field

from app.core.calendar import local_date
from app.core.unit import Unit
from app.records.content import explanation_of, findings_of
from app.records.models import EmergencyAccess
from app.records.rules.emergencies import State, is_overdue, present_state


@dataclass(frozen=True)
class Shown:
    """An emergency access without anybody's words."""

    row: EmergencyAccess
    state: State
    overdue: bool
    """Whether its review should have been made."""

    @property
    def version(self) -> int:
        """The access's."""
        return self.row.version


@dataclass(frozen=True)
class Detail(Shown):
    """The same with what doctor and privacy officer wrote."""

    explanation: str = field(repr=False)
    findings: str | None = field(repr=False)


def shown(opened: Unit, row: EmergencyAccess) -> Shown:
    """`row` as a list shows it."""
    state = present_state(State(row.state), row.ends_at, opened.now)
    return Shown(row, state, is_overdue(state, row.review_by, local_date(opened.now)))


def detail(opened: Unit, row: EmergencyAccess) -> Detail:
    """`row` with its words opened."""
    now = shown(opened, row)
    return Detail(row, now.state, now.overdue, explanation_of(opened, row), findings_of(opened, row))
