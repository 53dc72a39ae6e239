"""Visits as others may read them to whom their resident, or an emergency, opens them: a line for each."""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.core.ids import PublicId
from app.core.scope import Scope
from app.core.unit import Unit
from app.edge.paging import Keyset, Page
from app.visits.content import written_in
from app.visits.ids import visit_public_id
from app.visits.models import PersonVisit, Visit, VisitRecord
from app.visits.names import VISIT_ID
from app.visits.rules.conclusion import Diagnosis
from app.visits.rules.moves import State

_HERE = Keyset("visits_for_research", (Visit.id,))
_COMPLETED = Keyset("completed_visits", (PersonVisit.id,), descending=True)


@dataclass(frozen=True)
class VisitSummary:
    """A completed visit; `diagnoses` is None where they were not asked for."""

    id: PublicId
    institution_name: str | None
    doctor_name: str
    subject: str
    ended_at: datetime | None
    diagnoses: tuple[Diagnosis, ...] | None = field(repr=False)


def completed_visits(own: Unit, asked: Mapping[str, Any]) -> Page[PublicId]:
    """The completed visits of the unit's person with all institutions, newest first, by id."""
    query = own.select(PersonVisit).where(PersonVisit.state == State.COMPLETED)
    page = _COMPLETED.page(own, query, asked)
    return Page([PublicId(VISIT_ID, Scope.for_tenant(row.tenant), row.id) for row in page.data], page.next_cursor)


def completed_here(opened: Unit, until: datetime, asked: Mapping[str, Any]) -> Page[tuple[uuid.UUID, uuid.UUID]]:
    """The visits with the unit's tenant that were completed before `until`, oldest first: whose, and their ids."""
    ended = opened.select(Visit).where(Visit.state == State.COMPLETED, Visit.ended_at < until)
    page = _HERE.page(opened, ended, asked)
    return Page([(row.resident_id, row.id) for row in page.data], page.next_cursor)


def visit_summaries(
    opened: Unit, resident: uuid.UUID, ids: Collection[uuid.UUID], *, diagnoses: bool
) -> list[VisitSummary]:
    """Those of `ids` that are completed visits of `resident` with the unit's tenant. One query, with diagnoses two."""
    mine = (Visit.id.in_(ids), Visit.resident_id == resident, Visit.state == State.COMPLETED)
    visits = opened.all(opened.select(Visit).where(*mine))
    found = _diagnoses(opened, [visit.id for visit in visits]) if diagnoses else None
    return [
        VisitSummary(
            visit_public_id(visit), visit.institution_name, visit.doctor_name, visit.subject, visit.ended_at,
            None if found is None else found.get(visit.id, ()),
        )
        for visit in visits
    ]  # fmt: skip


def resident_of_taken(opened: Unit, visit_id: uuid.UUID, doctor: uuid.UUID) -> uuid.UUID | None:
    """The resident of a visit of the unit's tenant that this doctor has taken and whose time is not up, else None."""
    query = select(Visit.resident_id).where(
        Visit.tenant_id == opened.scope.require_tenant(), Visit.id == visit_id, Visit.doctor_id == doctor,
        Visit.state == State.TAKEN, Visit.due_at > opened.now,
    )  # fmt: skip
    return opened.session.scalars(query).first()


def _diagnoses(opened: Unit, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, tuple[Diagnosis, ...]]:
    rows = opened.all(opened.select(VisitRecord).where(VisitRecord.id.in_(ids)))
    return {row.id: written_in(opened, row).diagnoses for row in rows}
