"""What a resident does with a ready prescription: ask pharmacies what it costs, and choose them in their order."""

from typing import Any

from flask import current_app
from flask_smorest import Blueprint

from app.core.scope import Scope
from app.edge.endpoint import Call, endpoint
from app.edge.paths import any_id
from prescriptions.ids import PrescriptionViewer
from prescriptions.names import OFFER, PRESCRIPTION_ID
from prescriptions.schemas.routing import ChoicesIn, QuotesIn, QuotesOut, RoutingOut
from prescriptions.service import choosing, quoting

blueprint = Blueprint("prescription-routing", __name__, description="Residents choose pharmacies")


def _resident(call: Call) -> PrescriptionViewer:
    return PrescriptionViewer(Scope.for_person(call.person), call.by)


@endpoint(
    blueprint, "POST", "/prescriptions/<prescription_id>/quotes",
    permission="prescriptions.route", body=QuotesIn, answer=QuotesOut,
)  # fmt: skip
@blueprint.doc(responses={429: "TOO_MANY_REQUESTS"})  # type: ignore[untyped-decorator]  # flask-smorest carries no types
def ask(call: Call, body: dict[str, Any], prescription_id: str) -> quoting.Quotes:
    """Ask pharmacies what the medicines cost, and what of it the resident would pay. They do not hear who asks.

    Pharmacies that may not sell today give no quote. Prices hold for half an hour. Six times an hour for one
    prescription.
    """
    known = any_id(prescription_id, PRESCRIPTION_ID)
    return quoting.quotes(_resident(call), known, body["pharmacies"], call.effect)


@endpoint(
    blueprint, "POST", "/prescriptions/<prescription_id>/routing",
    permission="prescriptions.route", body=ChoicesIn, answer=RoutingOut,
)  # fmt: skip
def choose(call: Call, body: dict[str, Any], prescription_id: str) -> choosing.Routing:
    """Choose pharmacies by their quotes: the first one is offered the prescription at once.

    The next one follows unasked if an order is not accepted and the resident would not pay more; else it is for the
    resident to choose again.
    """
    known, offered_for = any_id(prescription_id, PRESCRIPTION_ID), current_app.extensions[OFFER]
    return choosing.choose(_resident(call), known, body["choices"], offered_for, call.effect)


@endpoint(
    blueprint, "GET", "/prescriptions/<prescription_id>/routing",
    permission="prescriptions.route", answer=RoutingOut,
)  # fmt: skip
def routing(call: Call, prescription_id: str) -> choosing.Routing:
    """What the resident chose, and what became of it."""
    return choosing.routing_of(_resident(call), any_id(prescription_id, PRESCRIPTION_ID))
