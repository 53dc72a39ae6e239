"""Reads of corrections; lists come in pages."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from app.core.ids import PublicId
from app.core.scope import Scope
from app.core.unit import unit
from app.edge.paging import Keyset, Page
from app.residents.corrections.models import Correction, PersonCorrection
from app.residents.corrections.rules import PERMISSION, State
from app.residents.corrections.service import correction_id
from app.residents.names import CORRECTION_ID

Asked = Mapping[str, Any]
_OWN = Keyset("own_corrections", (PersonCorrection.id,), descending=True)
_DESK = Keyset("corrections", (Correction.id,))


@dataclass(frozen=True)
class ListedCorrection:
    """A wish in a list: nothing of what is said in it."""

    id: PublicId
    subject: str
    area: str
    state: str
    asked_at: datetime
    answer_until: date
    version: int


def own(scope: Scope, asked: Asked) -> Page[ListedCorrection]:
    """What the person of `scope` asked of institutions, newest first."""
    with unit(scope) as reading:
        page = _OWN.page(reading, reading.select(PersonCorrection), asked)
    return Page([_kept(row) for row in page.data], page.next_cursor)


def waiting(scope: Scope, asked: Asked, may: Collection[str]) -> Page[ListedCorrection]:
    """The unanswered wishes of the tenant of `scope` in the areas of who holds the permissions `may`, oldest first."""
    areas = [area for area, permission in PERMISSION.items() if permission in may]
    with unit(scope) as reading:
        mine = reading.select(Correction).where(Correction.state == State.OPEN, Correction.area.in_(areas))
        page = _DESK.page(reading, mine, asked)
    return Page([_listed(row) for row in page.data], page.next_cursor)


def _listed(row: Correction) -> ListedCorrection:
    return ListedCorrection(
        correction_id(row), row.subject, row.area, row.state, row.asked_at, row.answer_until, row.version
    )


def _kept(row: PersonCorrection) -> ListedCorrection:
    return ListedCorrection(
        PublicId(CORRECTION_ID, Scope.for_tenant(row.tenant), row.id), row.subject, row.area, row.state, row.asked_at,
        row.answer_until, row.source_version,
    )  # fmt: skip
