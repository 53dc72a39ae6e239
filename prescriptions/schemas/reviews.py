"""Bodies and answers of the review endpoints."""

from marshmallow import Schema, fields, validate

from app.core.ids import PublicId
from app.core.scope import Scope
from app.edge.paging import PageQuery
from app.edge.schema import IdOf, Input, Instant, Text, Version, Word, YesNo
from prescriptions.ids import review_public_id
from prescriptions.models.prescribing import PrescriptionReview
from prescriptions.names import PRESCRIPTION_ID, REVIEW_ID
from prescriptions.rules.reviews import ReviewReason, ReviewState
from tenants.api import STAFF_ID

WORDS = 2000
CODE = 100
MOST_FINDINGS = 50


def _taker(row: PrescriptionReview) -> PublicId | None:
    return PublicId(STAFF_ID, Scope.for_tenant(row.tenant_id), row.taken_by) if row.taken_by else None


def _prescription(row: PrescriptionReview) -> PublicId:
    return PublicId(PRESCRIPTION_ID, Scope.for_tenant(row.tenant_id), row.prescription_id)


class PrescriptionReviewOut(Schema):
    """A review; nothing clinical."""

    id = IdOf(REVIEW_ID, review_public_id)
    prescription = IdOf(PRESCRIPTION_ID, _prescription)
    state = Word(ReviewState)
    reason = Word(ReviewReason, allow_none=True)
    taken_by = IdOf(STAFF_ID, _taker, allow_none=True)
    taken_until = Instant(allow_none=True)
    queued_at = Instant(attribute="created_at")
    decided_at = Instant(allow_none=True)
    version = Version()


class PrescriptionReviewsQuery(PageQuery):
    """In which state; every state where none is named. Those whose lease is over count as queued."""

    state = fields.Enum(ReviewState, by_value=True, load_default=None)


class ChecksIn(Input):
    """The three parts of a review (合法性, 规范性, 适宜性); each has to be ticked."""

    legality = YesNo(required=True, validate=validate.Equal(True))
    completeness = YesNo(required=True, validate=validate.Equal(True))
    appropriateness = YesNo(required=True, validate=validate.Equal(True))


class PassReviewIn(Input):
    """What was checked, and the codes of the findings that the pharmacist answers for."""

    checks = fields.Nested(ChecksIn, required=True)
    answered = fields.List(
        fields.String(validate=validate.Length(1, CODE)), load_default=(), validate=validate.Length(max=MOST_FINDINGS)
    )


class RejectReviewIn(Input):
    """Why a prescription is rejected."""

    reason = fields.Enum(ReviewReason, by_value=True, required=True)
    words = Text(WORDS, load_default=None)


class QueryReviewIn(Input):
    """What the doctor is asked."""

    reason = fields.Enum(ReviewReason, by_value=True, required=True)
    words = Text(WORDS, required=True)


class ConfirmPrescriptionIn(Input):
    """What the doctor answers."""

    words = Text(WORDS, required=True)
