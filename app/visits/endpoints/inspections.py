"""What medical affairs does to read a visit of their institution."""

from typing import Any

from flask_smorest import Blueprint

from app.edge.endpoint import Call, endpoint
from app.edge.paths import own_id
from app.visits.endpoints.both import viewer
from app.visits.ids import INSPECT
from app.visits.names import VISIT_ID
from app.visits.schemas import InspectionIn, InspectionOut
from app.visits.service import inspecting

blueprint = Blueprint("visit-inspections", __name__, description="Reading a visit for a duty of medical affairs")


@endpoint(
    blueprint, "POST", "/visits/<visit_id>/inspections",
    permission=INSPECT, body=InspectionIn, answer=InspectionOut, status=201, fresh=True,
)  # fmt: skip
def inspect(call: Call, body: dict[str, Any], visit_id: str) -> inspecting.Inspection:
    """Name the duty for which one reads a visit: it is open for eight hours then. The resident hears of it."""
    known = own_id(visit_id, VISIT_ID, call.principal.scope)
    return inspecting.inspect(viewer(call), known, body["duty"], call.effect)
