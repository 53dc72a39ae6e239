"""What pharmacists do with signed prescriptions."""

from typing import Any

from flask_smorest import Blueprint

from app.core.ids import PublicId
from app.core.scope import Scope
from app.edge.endpoint import Call, endpoint
from app.edge.paging import Page, page_of
from app.edge.paths import own_id
from prescriptions import queries
from prescriptions.endpoints.prescribing import REVIEWS, viewer
from prescriptions.models.prescribing import PrescriptionReview
from prescriptions.names import REVIEW_ID
from prescriptions.schemas.prescribing import PrescriptionOut
from prescriptions.schemas.reviews import (
    PassReviewIn,
    PrescriptionReviewOut,
    PrescriptionReviewsQuery,
    QueryReviewIn,
    RejectReviewIn,
)
from prescriptions.service import reviewing
from prescriptions.service.details import Detail

blueprint = Blueprint("prescription-reviews", __name__, description="Pharmacists review prescriptions")


def _own(call: Call, review_id: str) -> PublicId:
    return own_id(review_id, REVIEW_ID, call.principal.scope)


@endpoint(
    blueprint, "GET", "/prescription-reviews",
    permission=REVIEWS, query=PrescriptionReviewsQuery, answer=page_of(PrescriptionReviewOut),
)  # fmt: skip
def queue(call: Call, query: dict[str, Any]) -> Page[PrescriptionReview]:
    """The reviews of the hospital, oldest first."""
    return queries.reviews(Scope.for_tenant(call.tenant), query)


@endpoint(
    blueprint, "POST", "/prescription-reviews/<prescription_review_id>/taking",
    permission=REVIEWS, answer=PrescriptionReviewOut,
)  # fmt: skip
def take(call: Call, prescription_review_id: str) -> PrescriptionReview:
    """Take a review for five minutes, or renew the lease. Nobody takes what they wrote."""
    return reviewing.take(viewer(call), _own(call, prescription_review_id), call.effect)


@endpoint(
    blueprint, "POST", "/prescription-reviews/<prescription_review_id>/passing",
    permission=REVIEWS, body=PassReviewIn, answer=PrescriptionOut, fresh=True,
)  # fmt: skip
def let_pass(call: Call, body: dict[str, Any], prescription_review_id: str) -> Detail:
    """Pass and sign what one has taken: it may be routed from now on."""
    known = _own(call, prescription_review_id)
    return reviewing.let_pass(viewer(call), known, body["answered"], call.effect)


@endpoint(
    blueprint, "POST", "/prescription-reviews/<prescription_review_id>/rejection",
    permission=REVIEWS, body=RejectReviewIn, answer=PrescriptionOut, fresh=True,
)  # fmt: skip
def reject(call: Call, body: dict[str, Any], prescription_review_id: str) -> Detail:
    """Reject what one has taken, finally."""
    known = _own(call, prescription_review_id)
    return reviewing.reject(viewer(call), known, body["reason"], body["words"], call.effect)


@endpoint(
    blueprint, "POST", "/prescription-reviews/<prescription_review_id>/query",
    permission=REVIEWS, body=QueryReviewIn, answer=PrescriptionOut,
)  # fmt: skip
def query(call: Call, body: dict[str, Any], prescription_review_id: str) -> Detail:
    """Ask the doctor about what one has taken."""
    known = _own(call, prescription_review_id)
    return reviewing.query(viewer(call), known, body["reason"], body["words"], call.effect)
