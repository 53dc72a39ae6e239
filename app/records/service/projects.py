"""Research projects: registered by who answers for the ethics committee's approval, and ended."""

from dataclasses import dataclass
from datetime import date

from app.core.calendar import local_date
from app.core.errors import Fault, InvalidInput, NotFound
from app.core.ids import PublicId, new_id
from app.core.journal.record import record
from app.core.scope import Scope
from app.core.unit import Effect, Unit, run
from app.records.errors import project_over
from app.records.models import ResearchProject
from app.records.names import RESEARCH_PROJECT_ID
from app.records.rules.projects import ProjectState, is_bounded, present_state
from tenants.api import Viewer


@dataclass(frozen=True)
class Approved:
    """What a committee approved: under which number, and until which local day."""

    name: str
    approval: str
    ends_on: date


@dataclass(frozen=True)
class SeenProject:
    """A project in the state that it has today."""

    row: ResearchProject
    state: ProjectState

    @property
    def version(self) -> int:
        """The project's."""
        return self.row.version


def register(viewer: Viewer, approved: Approved, effect: Effect | None = None) -> SeenProject:
    """Let the institution's researchers read for a project; raises InvalidInput for a term that is over or too long."""

    def work(opened: Unit) -> SeenProject:
        if not is_bounded(approved.ends_on, local_date(opened.now)):
            fault = Fault("/ends_on", "project_term", "A project ends today at the earliest, and within five years.")
            raise InvalidInput("a project has an end", faults=(fault,))
        row = opened.add(
            ResearchProject(
                tenant_id=opened.scope.require_tenant(), id=new_id(), name=approved.name, approval=approved.approval,
                ends_on=approved.ends_on, state=ProjectState.RUNNING, registered_by=viewer.staff_id,
                registered_at=opened.now, version=1,
            )
        )  # fmt: skip
        record(opened, "research_project.registered", project_id(row), 1, {"ends_on": row.ends_on.isoformat()})
        return seen(opened, row)

    return run(viewer.scope, work, viewer.by, effect=effect)


def end(viewer: Viewer, known: PublicId, effect: Effect | None = None) -> SeenProject:
    """Nothing is read for the project any more, from this commit on; raises NotFound, WrongState."""

    def work(opened: Unit) -> SeenProject:
        row = opened.get(ResearchProject, known.id, lock=True)
        if row is None:
            raise NotFound
        if seen(opened, row).state is ProjectState.ENDED:
            raise project_over()
        row.state, row.ended_at, row.version = ProjectState.ENDED, opened.now, row.version + 1
        record(opened, "research_project.ended", project_id(row), row.version, {})
        return seen(opened, row)

    return run(viewer.scope, work, viewer.by, effect=effect)


def seen(opened: Unit, row: ResearchProject) -> SeenProject:
    """`row` in the state that it has today."""
    return SeenProject(row, present_state(ProjectState(row.state), row.ends_on, local_date(opened.now)))


def project_id(row: ResearchProject) -> PublicId:
    """A project's public id."""
    return PublicId(RESEARCH_PROJECT_ID, Scope.for_tenant(row.tenant_id), row.id)
