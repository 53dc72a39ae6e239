"""The tenants slice's part in the end of an account."""

from collections.abc import Iterable

from app.core.ids import PublicId
from app.core.scope import Scope
from app.core.unit import unit
from app.edge.closing import Blocker, Closing, Rule
from app.edge.exporting import Whose
from tenants.models import Affiliation
from tenants.names import STAFF_ID
from tenants.states import BELONGING


def _blockers(whose: Whose) -> Iterable[Blocker]:
    with unit(whose.scope) as reading:
        rows = reading.all(reading.select(Affiliation).where(Affiliation.state.in_(BELONGING)))
    return [Blocker("affiliation", PublicId(STAFF_ID, Scope.for_tenant(row.tenant), row.id)) for row in rows]


CLOSING = Closing(
    erased=frozenset({"person_affiliations"}),
    kept={"organization_applications": Rule.WORK, "staff": Rule.WORK},
    blockers=_blockers,
)
