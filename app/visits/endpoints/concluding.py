"""What medical affairs does about visits that their doctors left open."""

from typing import Any

from flask_smorest import Blueprint

from app.core.scope import Scope
from app.edge.endpoint import Call, endpoint
from app.edge.paging import Page, PageQuery, page_of
from app.edge.paths import own_id
from app.visits import queries
from app.visits.endpoints.both import viewer
from app.visits.ids import CONCLUDE
from app.visits.models import Visit
from app.visits.names import VISIT_ID
from app.visits.schemas import ConclusionIn, VisitOut
from app.visits.service import concluding

blueprint = Blueprint("visit-conclusions", __name__, description="Visits that their doctors left open")


@endpoint(
    blueprint, "GET", "/unconcluded-visits",
    permission=CONCLUDE, query=PageQuery, answer=page_of(VisitOut),
)  # fmt: skip
def left_open(call: Call, query: dict[str, Any]) -> Page[Visit]:
    """Visits whose window closed on a signed prescription without a conclusion, oldest first."""
    return queries.unconcluded(Scope.for_tenant(call.tenant), query)


@endpoint(
    blueprint, "POST", "/visits/<visit_id>/conclusion",
    permission=CONCLUDE, body=ConclusionIn, answer=VisitOut, fresh=True,
)  # fmt: skip
def conclude(call: Call, body: dict[str, Any], visit_id: str) -> Visit:
    """End such a visit in its doctor's place: `completed`, or `abandoned`, when the fee goes back.

    What was prescribed in an abandoned one is withdrawn. Where medicines were handed over it is `completed` alone
    (`medicines_handed_over`).
    """
    known = own_id(visit_id, VISIT_ID, call.principal.scope)
    return concluding.conclude_for(viewer(call), known, body["outcome"], call.effect)
