"""What a resident does: ask for a visit, find their own, give one up."""

from typing import Any

from flask import current_app
from flask_smorest import Blueprint

from app.core.scope import Scope
from app.edge.endpoint import Call, endpoint
from app.edge.paging import Page, PageQuery, page_of
from app.edge.paths import any_id
from app.visits import queries
from app.visits.ids import VisitViewer
from app.visits.models import PersonVisit, Visit
from app.visits.names import TERMS, VISIT_ID
from app.visits.schemas import OwnVisitOut, VisitIn, VisitOut
from app.visits.service import acting, requesting

blueprint = Blueprint("visits", __name__, description="Residents ask doctors in writing")


@endpoint(blueprint, "POST", "/visits", permission="visits.request", body=VisitIn, answer=VisitOut, status=201)
def request(call: Call, body: requesting.Wish) -> Visit:
    """Ask a doctor for a text visit on a legal basis. It stands in the doctor's queue once its bill is paid.

    Every end except `completed` gives the whole fee back. While one is open (`awaiting_payment`, `paid`, `taken`), 409
    `visit_open` refuses a second one with the same doctor in the same subject.
    """
    return requesting.request(call.person, body, current_app.extensions[TERMS], call.by, call.effect)


@endpoint(blueprint, "GET", "/me/visits", permission="visits.read", query=PageQuery, answer=page_of(OwnVisitOut))
def mine(call: Call, query: dict[str, Any]) -> Page[PersonVisit]:
    """The caller's own visits everywhere, newest first."""
    return queries.visits_of(Scope.for_person(call.person), query)


@endpoint(
    blueprint, "POST", "/visits/<visit_id>/cancellation",
    permission="visits.request", answer=VisitOut,
)  # fmt: skip
def cancel(call: Call, visit_id: str) -> Visit:
    """Give a visit up before the doctor takes it; what was paid goes back in full."""
    viewer = VisitViewer(call.principal.scope, call.by)
    return acting.cancel(viewer, any_id(visit_id, VISIT_ID), call.effect)
