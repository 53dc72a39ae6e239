"""What the regulator reads: which tenants there are, in what state, on which papers, and how many. Never people.

All of it stands in the directory, which tenants publish themselves in; suspended ones, too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, distinct, func, select

from app.core.calendar import local_date
from app.core.scope import Scope
from app.core.unit import unit
from app.edge.paging import Keyset, Page
from tenants.models import DirectoryDoctor, DirectoryEntry
from tenants.queries import Listed, listed

_SUPERVISED = Keyset("supervised_tenants", (DirectoryEntry.tenant,))


@dataclass(frozen=True)
class KindCount:
    """How many tenants of a kind are in a state, and how many doctors they list."""

    kind: str
    state: str
    tenants: int
    doctors: int


def tenants(scope: Scope, asked: Mapping[str, Any]) -> Page[Listed]:
    """Every tenant of the directory, suspended ones too, perhaps of one kind or in one state."""
    query = select(DirectoryEntry)
    for name in ("kind", "state"):
        if asked[name]:
            query = query.where(getattr(DirectoryEntry, name) == asked[name])
    with unit(scope) as reading:
        page, today = _SUPERVISED.page(reading, query, asked), local_date(reading.now)
    return Page([listed(entry, today) for entry in page.data], page.next_cursor)


def counts(scope: Scope) -> Sequence[KindCount]:
    """How many tenants there are by kind and state, and how many doctors they list."""
    here = and_(DirectoryDoctor.tenant == DirectoryEntry.tenant, DirectoryDoctor.listed)
    group = (DirectoryEntry.kind, DirectoryEntry.state)
    query = select(*group, func.count(distinct(DirectoryEntry.tenant)), func.count(DirectoryDoctor.id))
    query = query.outerjoin(DirectoryDoctor, here).group_by(*group).order_by(*group)
    with unit(scope) as reading:
        return [KindCount(*row) for row in reading.session.execute(query)]
