"""Reads of corrections; lists come in pages."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from app.core.ids import PublicId
from app.core.scope import Scope
from app.core.unit import unit
from app.edge.paging import Keyset, Page
from app.residents.corrections.models import Correction
from app.residents.corrections.rules import PERMISSION, State
from app.residents.corrections.service import SeenCorrection, correction_id, seen

Asked = Mapping[str, Any]
_OWN = Keyset("own_corrections", (Correction.id,), descending=True)
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


def own(scope: Scope, asked: Asked) -> Page[SeenCorrection]:
    """What the person who is bound beside the tenant of `scope` asked of it, newest first."""
    with unit(scope) as reading:
        page = _OWN.page(reading, reading.select(Correction), asked)
        return Page([seen(reading, row) for row in page.data], page.next_cursor)


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
