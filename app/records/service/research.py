"""Reading for research: a de-identified extract of what the reader's own institution keeps of those who consented.

A page of the institution's visits or prescriptions is taken by its ids alone; then the scope of each resident is asked
whether they consent now, and notes the look; then the institution opens what is theirs and notes it too. Who did not
consent is neither opened nor told apart from who was never there. What leaves has no name, number, address, institution
or id, no free text, and no day: only who it is of, under a name that holds for one project. Lines of a month come all
at once, when it is over, and in pages of one size: who read every day, or line by line, would learn the days.
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from app.core.calendar import day_begins, local_date
from app.core.errors import Forbidden, NotFound
from app.core.ids import PublicId
from app.core.scope import Scope
from app.core.unit import Unit, run, unit
from app.edge.paging import Page
from app.identity.api import is_closed
from app.records.errors import own_project, project_over
from app.records.models import ResearchProject
from app.records.names import RESEARCH
from app.records.rules.projects import ProjectState
from app.records.service.projects import seen
from app.residents.api import Category, ConsentPurpose, Reader, consented, look_for_research, verified
from app.visits.api import completed_here, visit_summaries
from prescriptions.api import PrescribedMedicine, prescription_summaries, signed_here
from tenants.api import Across, Viewer, look_across, same_person

CATEGORIES = (Category.DIAGNOSES, Category.PRESCRIPTIONS)
PSEUDONYM = 32
"""Hexadecimal digits: 128 bits, so that no two residents have the same."""
PAGE = 50
"""Visits or prescriptions that are looked through for a page."""


@dataclass(frozen=True)
class ExtractLine:
    """A completed visit, or a signed prescription, of somebody; what belongs to the other category is None."""

    pseudonym: str
    """Of one resident in one project; another one in each project."""
    birth_year: int
    month: str
    """The local month, as `2026-11`."""
    diagnoses: Sequence[str] | None = field(default=None, repr=False)
    """Codes (ICD-10) alone: the words beside them are the doctor's."""
    medicines: Sequence[PrescribedMedicine] | None = field(default=None, repr=False)


@dataclass(frozen=True)
class _Found:
    """What was found of somebody in one visit or prescription."""

    at: datetime | None
    diagnoses: Sequence[str] | None = None
    medicines: Sequence[PrescribedMedicine] | None = None


def extract(viewer: Viewer, known: PublicId, category: Category, cursor: str) -> Page[ExtractLine]:
    """The page of one of `CATEGORIES` at `cursor`; few lines of it may be left, or none, while others follow.

    Raises NotFound, WrongState `research_project_over`, Forbidden `own_research_project`.
    """
    with unit(viewer.scope, viewer.by) as reading:
        _refuse_unfit(reading, known, viewer)
        page = _HERE[category](reading, _this_month(reading), {"limit": PAGE, "cursor": cursor})
    ids: dict[uuid.UUID, list[uuid.UUID]] = {}
    for resident, id in page.data:
        ids.setdefault(resident, []).append(id)
    reader = Reader(viewer.scope.require_tenant())
    ask = partial(_birth_year, reader=reader, category=category, project=known)
    asked_of = ((one, run(Scope.for_person(one), ask, viewer.by)) for one in sorted(ids))
    years = {resident: year for resident, year in asked_of if year is not None}
    theirs = {resident: ids[resident] for resident in years}
    lines = run(viewer.scope, lambda opened: _lines(opened, known, category, theirs, years), viewer.by)
    return Page(sorted(lines, key=lambda one: (one.pseudonym, one.month)), page.next_cursor)


def _this_month(reading: Unit) -> datetime:
    """When the present local month began."""
    return day_begins(local_date(reading.now).replace(day=1))


def _refuse_unfit(reading: Unit, known: PublicId, viewer: Viewer) -> None:
    row = reading.get(ResearchProject, known.id)
    if row is None:
        raise NotFound
    if seen(reading, row).state is ProjectState.ENDED:
        raise project_over()
    if same_person(reading, row.registered_by, viewer.staff_id):
        raise own_project()


def _birth_year(own: Unit, reader: Reader, category: Category, project: PublicId) -> int | None:
    """Of the unit's person, where they let `reader` read `category` for research now; that it is read is noted."""
    if is_closed(own) or category not in consented(own, reader, {ConsentPurpose.RESEARCH}):
        return None
    try:
        born = verified(own).birth_date
    except Forbidden:  # their identity was given to another account, which consented to nothing
        return None
    look_for_research(own, category, RESEARCH, project)
    return born.year


def _lines(
    opened: Unit,
    project: PublicId,
    category: Category,
    ids: Mapping[uuid.UUID, Sequence[uuid.UUID]],
    years: Mapping[uuid.UUID, int],
) -> list[ExtractLine]:
    """What the institution keeps of those who consented; one look for each of them."""
    made: list[ExtractLine] = []
    for resident, wanted in ids.items():
        look_across(opened, Across(resident, opened.scope, RESEARCH, project), category)
        name = opened.blind.digest("research", f"{project.id}:{resident}")[:PSEUDONYM]
        for found in _FIND[category](opened, resident, wanted):
            if found.at is not None:
                month = f"{local_date(found.at):%Y-%m}"
                made.append(ExtractLine(name, years[resident], month, found.diagnoses, found.medicines))
    return made


def _diagnoses(opened: Unit, resident: uuid.UUID, ids: Sequence[uuid.UUID]) -> list[_Found]:
    summaries = visit_summaries(opened, resident, ids, diagnoses=True)
    return [_Found(one.ended_at, diagnoses=[found.code for found in one.diagnoses or ()]) for one in summaries]


def _medicines(opened: Unit, resident: uuid.UUID, ids: Sequence[uuid.UUID]) -> list[_Found]:
    summaries = prescription_summaries(opened, resident, ids)
    return [_Found(one.signed_at, medicines=one.medicines) for one in summaries]


_HERE: Mapping[Category, Callable[[Unit, datetime, Mapping[str, Any]], Page[tuple[uuid.UUID, uuid.UUID]]]] = {
    Category.DIAGNOSES: completed_here,
    Category.PRESCRIPTIONS: signed_here,
}
_FIND: Mapping[Category, Callable[[Unit, uuid.UUID, Sequence[uuid.UUID]], list[_Found]]] = {
    Category.DIAGNOSES: _diagnoses,
    Category.PRESCRIPTIONS: _medicines,
}
