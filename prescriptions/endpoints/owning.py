"""What residents do with their own prescriptions, apart from routing them."""

from typing import Any

from flask_smorest import Blueprint

from app.core.scope import Scope
from app.edge.endpoint import Call, endpoint
from app.edge.paging import Page, PageQuery, page_of
from app.edge.paths import any_id
from prescriptions import queries
from prescriptions.endpoints.prescribing import viewer
from prescriptions.models.prescribing import PersonPrescription
from prescriptions.names import PRESCRIPTION_ID
from prescriptions.schemas.prescribing import ClosePrescriptionIn, OwnPrescriptionOut, PrescriptionOut
from prescriptions.service import ending
from prescriptions.service.details import Detail

blueprint = Blueprint("own-prescriptions", __name__, description="Residents and their prescriptions")


@endpoint(
    blueprint, "GET", "/me/prescriptions",
    permission="prescriptions.read", query=PageQuery, answer=page_of(OwnPrescriptionOut),
)  # fmt: skip
def own(call: Call, query: dict[str, Any]) -> Page[PersonPrescription]:
    """The caller's own signed prescriptions everywhere, newest first."""
    return queries.own(Scope.for_person(call.person), query)


@endpoint(
    blueprint, "POST", "/prescriptions/<prescription_id>/closing",
    permission="prescriptions.close", body=ClosePrescriptionIn, answer=PrescriptionOut,
)  # fmt: skip
def close(call: Call, body: dict[str, Any], prescription_id: str) -> Detail:
    """Give a prescription up; where a pharmacy holds its order, it ends once that pharmacy has answered."""
    return ending.close(viewer(call), any_id(prescription_id, PRESCRIPTION_ID), body["reason"], call.effect)
