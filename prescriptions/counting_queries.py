"""Reads of requests for counts by doctor and medicine; the counts themselves are not among them."""

from collections.abc import Mapping
from typing import Any

from app.core.scope import Scope
from app.core.unit import unit
from app.edge.paging import Keyset, Page
from prescriptions.models.counting import DrugCount
from prescriptions.service.counting import ACT, Asked, asked
from tenants.api import Proposal

_REQUESTS = Keyset("drug_counts", (Proposal.id,), descending=True)


def requests(scope: Scope, wanted: Mapping[str, Any]) -> Page[Asked]:
    """Every request of the tenant, newest first."""
    with unit(scope) as reading:
        page = _REQUESTS.page(reading, reading.select(Proposal).where(Proposal.act == ACT), wanted)
        found = reading.all(reading.select(DrugCount).where(DrugCount.id.in_([row.id for row in page.data])))
        made = {one.id: one for one in found}
        return Page([asked(reading, row, made.get(row.id)) for row in page.data], page.next_cursor)
