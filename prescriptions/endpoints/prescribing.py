"""What doctors do with prescriptions, and what each reads of them."""

from typing import Any

from flask import current_app
from flask_smorest import Blueprint

from app.core.ids import PublicId
from app.core.scope import Scope
from app.edge.endpoint import Call, endpoint
from app.edge.paging import Page, PageQuery, page_of
from app.edge.paths import any_id, own_id
from prescriptions import queries, verification_queries
from prescriptions.ids import WITHDRAW, PrescriptionViewer
from prescriptions.models.prescribing import Prescription
from prescriptions.names import DAY, PRESCRIPTION_ID
from prescriptions.schemas.prescribing import (
    PrescriptionChangeIn,
    PrescriptionIn,
    PrescriptionOut,
    SignPrescriptionIn,
    WithdrawPrescriptionIn,
    WrittenPrescriptionOut,
    WrittenPrescriptionsQuery,
)
from prescriptions.schemas.reviews import ConfirmPrescriptionIn
from prescriptions.schemas.verifying import VerificationOut
from prescriptions.service import drafting, ending, reviewing, signing
from prescriptions.service.checking import Wish
from prescriptions.service.details import Detail
from prescriptions.service.verifying import Verification

blueprint = Blueprint("prescriptions", __name__, description="Doctors write and sign prescriptions")
REVIEWS = "prescription_reviews.decide"
DEPUTIZE = "prescriptions.deputize"


def viewer(call: Call) -> PrescriptionViewer:
    """The caller of an endpoint."""
    may = call.principal.may
    return PrescriptionViewer(call.principal.scope, call.by, reviewer=may(REVIEWS), deputy=may(DEPUTIZE))


def _own(call: Call, prescription_id: str) -> PublicId:
    return own_id(prescription_id, PRESCRIPTION_ID, call.principal.scope)


@endpoint(
    blueprint, "POST", "/prescriptions",
    permission="prescriptions.write", body=PrescriptionIn, answer=PrescriptionOut, status=201,
)  # fmt: skip
def write(call: Call, body: tuple[PublicId, Wish, PublicId | None]) -> Detail:
    """Begin a prescription from one's own visit; what the rules find stands in the answer."""
    visit, wish, replaces = body
    return drafting.write(viewer(call), visit, wish, replaces, call.effect)


@endpoint(
    blueprint, "PUT", "/prescriptions/<prescription_id>",
    permission="prescriptions.write", body=PrescriptionChangeIn, answer=PrescriptionOut, if_match=True,
)  # fmt: skip
def edit(call: Call, body: Wish, prescription_id: str) -> Detail:
    """Write a draft anew."""
    return drafting.edit(viewer(call), _own(call, prescription_id), body, call.if_match, call.effect)


@endpoint(
    blueprint, "POST", "/prescriptions/<prescription_id>/signature",
    permission="prescriptions.write", body=SignPrescriptionIn, answer=PrescriptionOut, fresh=True,
)  # fmt: skip
def sign(call: Call, body: dict[str, Any], prescription_id: str) -> Detail:
    """Sign a draft with one's own key; everything is checked once more. It stands in the pharmacists' queue then."""
    known, day = _own(call, prescription_id), current_app.extensions[DAY]
    return signing.sign(viewer(call), known, body["acknowledged"], day, call.effect)


@endpoint(
    blueprint, "POST", "/prescriptions/<prescription_id>/discarding",
    permission="prescriptions.write", answer=PrescriptionOut,
)  # fmt: skip
def discard(call: Call, prescription_id: str) -> Detail:
    """Give a draft up."""
    return drafting.discard(viewer(call), _own(call, prescription_id), call.effect)


@endpoint(
    blueprint, "POST", "/prescriptions/<prescription_id>/confirmation",
    permission="prescriptions.write", body=ConfirmPrescriptionIn, answer=PrescriptionOut, fresh=True,
)  # fmt: skip
def confirm(call: Call, body: dict[str, Any], prescription_id: str) -> Detail:
    """Answer a pharmacist's question with a second signature."""
    return reviewing.confirm(viewer(call), _own(call, prescription_id), body["words"], call.effect)


@endpoint(
    blueprint, "POST", "/prescriptions/<prescription_id>/withdrawal",
    permission=WITHDRAW, body=WithdrawPrescriptionIn, answer=PrescriptionOut,
)  # fmt: skip
def withdraw(call: Call, body: dict[str, Any], prescription_id: str) -> Detail:
    """Withdraw a signed prescription; where a pharmacy holds its order, it ends once that pharmacy has answered.

    Its doctor does; once they have left or are registered no more, the head of department or medical affairs.
    """
    return ending.withdraw(viewer(call), _own(call, prescription_id), body["reason"], call.effect)


@endpoint(blueprint, "GET", "/prescriptions/<prescription_id>", permission="prescriptions.read", answer=PrescriptionOut)
def one(call: Call, prescription_id: str) -> Detail:
    """One prescription, as its resident, its doctor or who reviews; staff's look is written down."""
    return queries.prescription_of(viewer(call), any_id(prescription_id, PRESCRIPTION_ID))


@endpoint(
    blueprint, "GET", "/prescriptions/<prescription_id>/verification",
    permission="prescriptions.read", answer=VerificationOut,
)  # fmt: skip
def verify(call: Call, prescription_id: str) -> Verification:
    """Whether the signatures on a prescription can be relied upon, each with its certificates and time stamp."""
    return verification_queries.of_prescription(viewer(call), any_id(prescription_id, PRESCRIPTION_ID))


@endpoint(
    blueprint, "GET", "/doctor/prescriptions",
    permission="prescriptions.write", query=WrittenPrescriptionsQuery, answer=page_of(WrittenPrescriptionOut),
)  # fmt: skip
def written(call: Call, query: dict[str, Any]) -> Page[Prescription]:
    """What the doctor wrote, newest first."""
    return queries.written_by(viewer(call), query)


@endpoint(
    blueprint, "GET", "/unattended-prescriptions",
    permission=DEPUTIZE, query=PageQuery, answer=page_of(WrittenPrescriptionOut),
)  # fmt: skip
def unattended(call: Call, query: dict[str, Any]) -> Page[Prescription]:
    """Signed prescriptions that still hold, of doctors who cannot act any more: one may have to withdraw them."""
    return queries.unattended(Scope.for_tenant(call.tenant), query)
