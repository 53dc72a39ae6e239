"""Reads of cases."""

import uuid
from collections.abc import Mapping
from typing import Any

from app.core.errors import NotFound
from app.core.scope import Scope
from app.core.unit import unit
from app.edge.paging import Keyset, Page
from app.residents.case_models import AccountCase, CaseState
from app.residents.service.cases import Shown, shown

_CASES = Keyset("account_cases", (AccountCase.id,))


def undecided(scope: Scope, asked: Mapping[str, Any]) -> Page[Shown]:
    """The cases in the tenant of `scope` that are not decided, oldest first."""
    with unit(scope) as reading:
        waiting = reading.select(AccountCase).where(AccountCase.state != CaseState.DECIDED)
        page = _CASES.page(reading, waiting, asked)
        return Page(shown(reading, page.data), page.next_cursor)


def case_of(scope: Scope, id: uuid.UUID) -> Shown:
    """One of them, decided or not; raises NotFound."""
    with unit(scope) as reading:
        row = reading.get(AccountCase, id)
        if row is None:
            raise NotFound
        (seen,) = shown(reading, [row])
        return seen
