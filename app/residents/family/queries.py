"""Reads of family; lists come in pages."""

import uuid
from collections.abc import Mapping
from typing import Any

from app.core.errors import NotFound
from app.core.scope import Scope
from app.core.unit import unit
from app.edge.paging import Keyset, Page
from app.residents.family.models import CivilPaper, Representation, Represented
from app.residents.family.rules import PaperState
from app.residents.family.service import papers, seen

Asked = Mapping[str, Any]
_REPRESENTATIVES = Keyset("representations", (Representation.id,), descending=True)
_REPRESENTED = Keyset("represented", (Represented.id,), descending=True)
_PAPERS = Keyset("civil_papers", (CivilPaper.id,))


def representatives(scope: Scope, asked: Asked) -> Page[seen.SeenRepresentative]:
    """Who may and might act for the person of `scope`, newest first."""
    with unit(scope) as reading:
        page = _REPRESENTATIVES.page(reading, reading.select(Representation), asked)
        return Page([seen.representative(reading, row) for row in page.data], page.next_cursor)


def represented(scope: Scope, asked: Asked) -> Page[seen.SeenRepresented]:
    """For whom the person of `scope` may and might act, newest first."""
    with unit(scope) as reading:
        page = _REPRESENTED.page(reading, reading.select(Represented), asked)
        return Page([seen.represented(reading, row) for row in page.data], page.next_cursor)


def one_represented(scope: Scope, id: uuid.UUID) -> seen.SeenRepresented:
    """One of them; raises NotFound."""
    with unit(scope) as reading:
        row = reading.get(Represented, id)
        if row is None:
            raise NotFound
        return seen.represented(reading, row)


def one_representative(scope: Scope, id: uuid.UUID) -> seen.SeenRepresentative:
    """One who may act for the person of `scope`; raises NotFound."""
    with unit(scope) as reading:
        row = reading.get(Representation, id)
        if row is None:
            raise NotFound
        return seen.representative(reading, row)


def own_papers(scope: Scope, asked: Asked) -> Page[papers.SeenPaper]:
    """What the person who is bound beside the platform handed in, oldest first."""
    with unit(scope) as reading:
        page = _PAPERS.page(reading, reading.select(CivilPaper), asked)
        return Page([papers.seen(reading, row) for row in page.data], page.next_cursor)


def waiting_papers(scope: Scope, asked: Asked) -> Page[papers.SeenPaper]:
    """The papers that wait for the desk of the platform `scope`, oldest first."""
    with unit(scope) as reading:
        waiting = reading.select(CivilPaper).where(CivilPaper.state == PaperState.SUBMITTED)
        page = _PAPERS.page(reading, waiting, asked)
        return Page([papers.seen(reading, row) for row in page.data], page.next_cursor)
