"""Reads of emergency accesses and research projects. Who reads why an access was opened leaves a look."""

from collections.abc import Mapping
from typing import Any

from app.core.errors import NotFound
from app.core.ids import PublicId
from app.core.unit import unit
from app.edge.paging import Keyset, Page
from app.records.models import EmergencyAccess, ResearchProject
from app.records.names import EMERGENCY_REVIEW
from app.records.service.emergencies import emergency_id
from app.records.service.projects import SeenProject, seen
from app.records.service.showing import Detail, Shown, detail, shown
from tenants.api import Viewer, look

_PROJECTS = Keyset("research_projects", (ResearchProject.id,), descending=True)
_ACCESSES = Keyset("emergency_accesses", (EmergencyAccess.id,), descending=True)


def accesses(viewer: Viewer, asked: Mapping[str, Any]) -> Page[Shown]:
    """The emergency accesses of the institution, newest first, perhaps of one stored state, or those that were reviewed
    or were not; nobody's words.
    """
    with unit(viewer.scope, viewer.by) as reading:
        query = reading.select(EmergencyAccess)
        if asked["state"]:
            query = query.where(EmergencyAccess.state == asked["state"])
        if asked["reviewed"] is not None:
            query = query.where(EmergencyAccess.reviewed_at.is_not(None) == asked["reviewed"])
        page = _ACCESSES.page(reading, query, asked)
        return Page([shown(reading, row) for row in page.data], page.next_cursor)


def access_of(viewer: Viewer, known: PublicId) -> Detail:
    """One of them with what was written about it; raises NotFound."""
    with unit(viewer.scope, viewer.by) as reading:
        row = reading.get(EmergencyAccess, known.id)
        if row is None:
            raise NotFound
        look(reading, row.resident_id, EMERGENCY_REVIEW, emergency_id(row))
        return detail(reading, row)


def projects(viewer: Viewer, asked: Mapping[str, Any]) -> Page[SeenProject]:
    """The institution's research projects, newest first."""
    with unit(viewer.scope, viewer.by) as reading:
        page = _PROJECTS.page(reading, reading.select(ResearchProject), asked)
        return Page([seen(reading, row) for row in page.data], page.next_cursor)
