"""The directory of doctors: who may see residents today, in what, and whether in writing."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, cast, func, select
from sqlalchemy.dialects.postgresql import JSONB, JSONPATH

from app.core.calendar import local_date
from app.core.unit import unit
from app.edge.paging import Keyset, Page
from tenants.models import DirectoryDoctor, DirectoryEntry
from tenants.names import PLATFORM
from tenants.papers import read
from tenants.rules import SUBJECTS_NAMED, Capability, capabilities, subjects
from tenants.states import TenantState

Asked = Mapping[str, Any]
_HELD = "$[*] ? (@.subjects[*] == $subjects[*] && @.valid_until >= $today && @.kind == $kinds[*])"
_DOCTORS = Keyset("directory_doctors", (DirectoryDoctor.tenant, DirectoryDoctor.id))


@dataclass(frozen=True)
class ListedDoctor:
    """A doctor as the directory shows them today; `text_visit` in fen, None where they see nobody in writing."""

    tenant: int
    id: uuid.UUID
    name: str
    title: str | None
    subjects: Sequence[str]
    """Those that the site's license holds today."""
    text_visit: int | None
    profile_id: uuid.UUID
    tenant_name: str
    tenant_kind: str

    @property
    def text_visits(self) -> bool:
        """Whether they see residents in writing."""
        return self.text_visit is not None


def doctors(asked: Asked) -> Page[ListedDoctor]:
    """Doctors of active tenants whose registration, and the site's license for a subject of theirs, hold today."""
    with unit(PLATFORM) as reading:
        today = local_date(reading.now)
        page = _DOCTORS.page(reading, _narrowed(_practising(asked["subject"], today), asked), asked)
        of_page = select(DirectoryEntry).where(DirectoryEntry.tenant.in_({row.tenant for row in page.data}))
        sites = {entry.tenant: entry for entry in reading.all(of_page)}
    return Page([_listed(row, sites[row.tenant], today) for row in page.data], page.next_cursor)


def _practising(subject: str | None, today: date) -> Select[DirectoryDoctor]:
    query = select(DirectoryDoctor).join(DirectoryEntry, DirectoryEntry.tenant == DirectoryDoctor.tenant)
    query = query.where(
        DirectoryDoctor.listed, DirectoryDoctor.registration_until >= today, DirectoryEntry.state == TenantState.ACTIVE
    )
    if subject is None:
        return query.where(_held(DirectoryDoctor.subjects, today))
    return query.where(DirectoryDoctor.subjects.contains([subject]), _held(cast([subject], JSONB), today))


def _held(wanted: Any, today: date) -> ColumnElement[bool]:
    """Whether a license of the site holds one of the `wanted` subjects today."""
    kinds = cast(sorted(SUBJECTS_NAMED), JSONB)
    given = func.jsonb_build_object("subjects", wanted, "today", today.isoformat(), "kinds", kinds)
    return func.jsonb_path_exists(DirectoryEntry.licenses, cast(_HELD, JSONPATH), given)


def _narrowed(query: Select[DirectoryDoctor], asked: Asked) -> Select[DirectoryDoctor]:
    if asked["name"]:
        query = query.where(DirectoryDoctor.name.contains(asked["name"], autoescape=True))
    if asked["tenant"]:
        site = (asked["tenant"].scope.tenant, asked["tenant"].id)
        query = query.where(DirectoryEntry.tenant == site[0], DirectoryEntry.profile_id == site[1])
    return query


def _listed(row: DirectoryDoctor, site: DirectoryEntry, today: date) -> ListedDoctor:
    papers = [read(license) for license in site.licenses]
    held, online = subjects(papers, today), Capability.VISIT_ONLINE in capabilities(papers, today)
    return ListedDoctor(
        row.tenant, row.id, row.name, row.title, [one for one in row.subjects if one in held],
        row.text_visit if online else None, site.profile_id, site.name, site.kind,
    )  # fmt: skip
