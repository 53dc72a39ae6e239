"""What doctors do with the visits that ask for them, and what their tenant asks for it."""

from typing import Any

from flask_smorest import Blueprint

from app.core.ids import PublicId
from app.edge.endpoint import Call, endpoint
from app.edge.paging import Page, page_of
from app.edge.paths import own_id
from app.visits import queries
from app.visits.endpoints.both import viewer
from app.visits.models import Visit, VisitFee
from app.visits.names import VISIT_ID
from app.visits.rules.conclusion import Written
from app.visits.schemas import (
    DeclineVisitIn,
    FeeIn,
    FeeOut,
    RecordIn,
    RecordOut,
    StopVisitIn,
    VisitOut,
    VisitsQuery,
)
from app.visits.service import acting, fees, records
from tenants.api import STAFF_ID

blueprint = Blueprint("doctor-visits", __name__, description="Doctors and the visits that ask for them")


def _own(call: Call, visit_id: str) -> PublicId:
    return own_id(visit_id, VISIT_ID, call.principal.scope)


@endpoint(
    blueprint, "PUT", "/staff-fees/<staff_id>",
    permission="visit_fees.write", body=FeeIn, answer=FeeOut,
)  # fmt: skip
def set_fee(call: Call, body: dict[str, Any], staff_id: str) -> VisitFee:
    """Say what a text visit with a doctor costs from now on; visits that were asked for keep their fee."""
    doctor = own_id(staff_id, STAFF_ID, call.principal.scope)
    return fees.set_fee(doctor, body["text_visit"], call.by, call.effect)


@endpoint(
    blueprint, "GET", "/doctor/visits",
    permission="visits.treat", query=VisitsQuery, answer=page_of(VisitOut),
)  # fmt: skip
def queue(call: Call, query: dict[str, Any]) -> Page[Visit]:
    """The doctor's own visits, oldest first."""
    return queries.queue_of(viewer(call), query)


@endpoint(blueprint, "POST", "/visits/<visit_id>/taking", permission="visits.treat", answer=VisitOut)
def take(call: Call, visit_id: str) -> Visit:
    """Take a visit from the queue: its window begins."""
    return acting.take(viewer(call), _own(call, visit_id), call.effect)


@endpoint(
    blueprint, "POST", "/visits/<visit_id>/declining",
    permission="visits.treat", body=DeclineVisitIn, answer=VisitOut,
)  # fmt: skip
def decline(call: Call, body: dict[str, Any], visit_id: str) -> Visit:
    """Do not take a visit; the fee goes back."""
    return acting.decline(viewer(call), _own(call, visit_id), body["reason"], call.effect)


@endpoint(blueprint, "POST", "/visits/<visit_id>/evidence-acceptance", permission="visits.treat", answer=VisitOut)
def accept_evidence(call: Call, visit_id: str) -> Visit:
    """Accept the evidence of the former diagnosis."""
    return acting.accept_evidence(viewer(call), _own(call, visit_id), call.effect)


@endpoint(
    blueprint, "PUT", "/visits/<visit_id>/record",
    permission="visits.treat", body=RecordIn, answer=RecordOut, if_match=True,
)  # fmt: skip
def write_record(call: Call, body: Written, visit_id: str) -> records.Kept:
    """Write the record anew."""
    return records.write(viewer(call), _own(call, visit_id), body, call.if_match, call.effect)


@endpoint(blueprint, "POST", "/visits/<visit_id>/completion", permission="visits.treat", answer=VisitOut)
def complete(call: Call, visit_id: str) -> Visit:
    """Conclude a visit: evidence accepted, a word written, a conclusion and a diagnosis in the evidence's group."""
    return acting.complete(viewer(call), _own(call, visit_id), call.effect)


@endpoint(
    blueprint, "POST", "/visits/<visit_id>/stopping",
    permission="visits.treat", body=StopVisitIn, answer=VisitOut,
)  # fmt: skip
def stop(call: Call, body: dict[str, Any], visit_id: str) -> Visit:
    """End a visit that cannot be held online; the fee goes back. One in which a prescription stands was care: withdraw
    the prescription first, or conclude the visit.
    """
    return acting.stop(viewer(call), _own(call, visit_id), body["reason"], call.effect)
