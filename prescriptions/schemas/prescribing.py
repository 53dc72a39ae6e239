"""Bodies and answers of the prescribing endpoints."""

import uuid
from typing import Any

from marshmallow import Schema, fields, post_load, validate

from app.core.ids import PublicId
from app.core.scope import Scope
from app.edge.paging import PageQuery
from app.edge.schema import IdOf, Input, Instant, PublicIdField, Text, Version, Word
from app.identity.api import PERSON
from app.visits.api import CODE as ICD
from app.visits.api import VISIT_ID, Diagnosis, LegalBasis
from prescriptions.ids import review_public_id
from prescriptions.models.prescribing import Prescription
from prescriptions.names import ORDER_ID, PRESCRIPTION_ID, REVIEW_ID
from prescriptions.rules.documents import SignedAs
from prescriptions.rules.ends import VISIT_FAILED, CloseReason, WithdrawReason
from prescriptions.rules.findings import Code, Severity
from prescriptions.rules.lines import Frequency, Line, Route
from prescriptions.rules.orders import ENDED, OrderState
from prescriptions.rules.prescriptions import State, Stopping
from prescriptions.rules.reviews import ReviewReason, ReviewState
from prescriptions.rules.validity import LONGEST
from prescriptions.schemas.formulary import CATEGORIES, CODE, MOST_DOSE, NAME
from prescriptions.service.checking import Wish
from prescriptions.service.details import Detail
from prescriptions.service.offering import CHOICE
from tenants.api import STAFF_ID

NOTE = 500
LONG = 4000
MOST_LINES = 20
"""More than the five that a rule allows: what is too much is a finding, not a malformed request."""
MOST_DIAGNOSES = 10
MOST_DAYS = 366
MOST_PACKS = 999
MOST_FINDINGS = 50
ICD_10 = validate.Regexp(ICD, error="Not an ICD-10 code.")


def _of_tenant(prefix: str, tenant: int, id: uuid.UUID | None) -> PublicId | None:
    return PublicId(prefix, Scope.for_tenant(tenant), id) if id else None


class PrescribedLineIn(Input):
    """One medicine: `dose` in thousandths of a unit, `quantity` in packs."""

    medicine = Text(CODE, required=True)
    dose = fields.Integer(required=True, strict=True, validate=validate.Range(1, MOST_DOSE))
    frequency = fields.Enum(Frequency, by_value=True, required=True)
    route = fields.Enum(Route, by_value=True, required=True)
    days = fields.Integer(required=True, strict=True, validate=validate.Range(1, MOST_DAYS))
    quantity = fields.Integer(required=True, strict=True, validate=validate.Range(1, MOST_PACKS))
    note = Text(NOTE, load_default=None)

    @post_load
    def _value(self, data: dict[str, Any], **rest: object) -> Line:
        return Line(**data)


class PrescribedDiagnosisIn(Input):
    """A diagnosis of the visit's record."""

    code = fields.String(required=True, validate=ICD_10)
    name = Text(NAME, required=True)

    @post_load
    def _value(self, data: dict[str, str], **rest: object) -> Diagnosis:
        return Diagnosis(**data)


class PrescriptionChangeIn(Input):
    """What a doctor wants to prescribe; `assessment` is asked for where a supply is for more than four weeks."""

    lines = fields.List(fields.Nested(PrescribedLineIn), required=True, validate=validate.Length(min=1, max=MOST_LINES))
    diagnoses = fields.List(
        fields.Nested(PrescribedDiagnosisIn), required=True, validate=validate.Length(max=MOST_DIAGNOSES)
    )
    validity_days = fields.Integer(load_default=LONGEST, strict=True, validate=validate.Range(1, LONGEST))
    note = Text(LONG, load_default=None)
    assessment = Text(LONG, load_default=None)

    @post_load
    def _value(self, data: dict[str, Any], **rest: object) -> Any:
        return _wish(data)


class PrescriptionIn(PrescriptionChangeIn):
    """What a doctor wants to prescribe from a visit; `replaces` is an ended prescription of the same resident."""

    visit = PublicIdField(VISIT_ID, required=True)
    replaces = PublicIdField(PRESCRIPTION_ID, load_default=None)

    @post_load
    def _value(self, data: dict[str, Any], **rest: object) -> Any:
        return data["visit"], _wish(data), data["replaces"]


def _wish(data: dict[str, Any]) -> Wish:
    lines, diagnoses = tuple(data["lines"]), tuple(data["diagnoses"])
    return Wish(lines, diagnoses, data["validity_days"], data["note"], data["assessment"])


class SignPrescriptionIn(Input):
    """The codes of the warnings that the doctor has seen and signs in spite of."""

    acknowledged = fields.List(
        fields.String(validate=validate.OneOf([code.value for code in Code])),
        load_default=(),
        validate=validate.Length(max=MOST_FINDINGS),
    )


class WithdrawPrescriptionIn(Input):
    """Why a prescription is withdrawn."""

    reason = fields.Enum(WithdrawReason, by_value=True, required=True)


class ClosePrescriptionIn(Input):
    """Why a resident gives a prescription up."""

    reason = fields.Enum(CloseReason, by_value=True, required=True)


class PrescribedLineOut(Schema):
    """One medicine as the formulary had it; `dose` in thousandths of a unit, `quantity` in packs."""

    medicine = fields.String()
    name = fields.String(attribute="listed.name", allow_none=True)
    form = fields.String(attribute="listed.form", allow_none=True)
    strength = fields.String(attribute="listed.strength", allow_none=True)
    unit = fields.String(attribute="listed.unit", allow_none=True)
    category = Word(CATEGORIES, attribute="listed.category", allow_none=True)
    pack_units = fields.Integer(attribute="listed.pack_units", allow_none=True)
    dose = fields.Integer()
    frequency = Word(Frequency)
    route = Word(Route)
    days = fields.Integer()
    quantity = fields.Integer()
    note = fields.String(allow_none=True)


class FindingOut(Schema):
    """A rule hit: `line` counts from 1, null where it is about the whole."""

    code = fields.String()
    severity = Word(Severity)
    line = fields.Integer(allow_none=True)


class PrescribedDiagnosisOut(Schema):
    """A diagnosis, by code and name."""

    code = fields.String()
    name = fields.String()


class PrescriptionSignatureOut(Schema):
    """A signature with the key that made it; `value` is base64url, `public_key` a JWK."""

    role = Word(SignedAs)
    name = fields.String()
    algorithm = fields.String()
    key_id = fields.String()
    public_key = fields.Dict(keys=fields.String(), values=fields.String())
    value = fields.String()
    signed_at = fields.String()


class ReviewStandingOut(Schema):
    """How the review stands, to the hospital's staff."""

    id = IdOf(REVIEW_ID, lambda review: review_public_id(review.row))
    state = Word(ReviewState, attribute="row.state")
    reason = Word(ReviewReason, attribute="row.reason", allow_none=True)
    words = fields.String(attribute="words.pharmacist", allow_none=True)
    answer = fields.String(attribute="words.doctor", allow_none=True)


def _row(shown: Prescription | Detail) -> Prescription:
    return shown.row if isinstance(shown, Detail) else shown


def _own(prefix: str, shown: Prescription | Detail, name: str) -> PublicId | None:
    row = _row(shown)
    return _of_tenant(prefix, row.tenant_id, getattr(row, name))


def _resident(shown: Prescription | Detail) -> PublicId:
    resident = _row(shown).resident_id
    return PublicId(PERSON, Scope.for_person(resident), resident)


def _order(shown: Prescription | Detail) -> PublicId | None:
    row = _row(shown)
    return _of_tenant(ORDER_ID, row.order_tenant, row.order_id) if row.order_tenant else None


LIVE_ORDER = "At the pharmacy that has it; null while none was asked, and until one that was asked has answered"
REASONS = (
    *ReviewReason, *WithdrawReason, *CloseReason, VISIT_FAILED, *(f"order_{state}" for state in ENDED),
    *(f"{stopping}_too_late" for stopping in Stopping),
)  # fmt: skip
"""`order_...` stands where the release before left it, until the prescription moves: three days at most."""
REASON = (
    "Why it is in this state, or stopping, where that needs a reason: what a pharmacist queries or rejected it for, "
    "why it was taken back or given up. Why an order of it ended stands with that choice of its routing"
)


class WrittenPrescriptionOut(Schema):
    """A prescription without what is clinical, in its doctor's list."""

    id = IdOf(PRESCRIPTION_ID, lambda shown: _own(PRESCRIPTION_ID, shown, "id"))
    visit = IdOf(VISIT_ID, lambda shown: _own(VISIT_ID, shown, "visit_id"))
    state = Word(State)
    reason = Word(REASONS, allow_none=True, metadata={"description": REASON})
    doctor = IdOf(STAFF_ID, lambda shown: _own(STAFF_ID, shown, "doctor_id"))
    doctor_name = fields.String()
    resident = IdOf(PERSON, _resident)
    legal_basis = Word(LegalBasis)
    validity_days = fields.Integer()
    signed_at = Instant(allow_none=True)
    expires_at = Instant(allow_none=True)
    replaces = IdOf(PRESCRIPTION_ID, lambda shown: _own(PRESCRIPTION_ID, shown, "replaces"), allow_none=True)
    attempt = fields.Integer()
    order = IdOf(ORDER_ID, _order, allow_none=True, metadata={"description": LIVE_ORDER})
    stopping = Word(Stopping, allow_none=True)
    version = Version()


class PrescriptionOut(WrittenPrescriptionOut):
    """A prescription with everything in it."""

    lines = fields.List(fields.Nested(PrescribedLineOut))
    diagnoses = fields.List(fields.Nested(PrescribedDiagnosisOut))
    note = fields.String(allow_none=True)
    assessment = fields.String(allow_none=True)
    findings = fields.List(fields.Nested(FindingOut))
    acknowledged = fields.List(fields.String())
    signatures = fields.List(fields.Nested(PrescriptionSignatureOut))
    review = fields.Nested(ReviewStandingOut, allow_none=True)

    def get_attribute(self, obj: Any, attr: str, default: Any) -> Any:
        """Where in a `Detail` a field stands: in it, in what was written, or in the row."""
        holder = next((one for one in (obj, obj.written, obj.row) if hasattr(one, attr)), obj)
        return super().get_attribute(holder, attr, default)


class OwnPrescriptionOut(Schema):
    """A prescription in its resident's own list; `waiting` is `choice` where they have to choose a pharmacy again."""

    id = IdOf(PRESCRIPTION_ID, lambda row: _of_tenant(PRESCRIPTION_ID, row.tenant, row.id))
    state = Word(State)
    reason = Word(REASONS, allow_none=True, metadata={"description": REASON})
    doctor_name = fields.String()
    institution_name = fields.String()
    signed_at = Instant()
    expires_at = Instant()
    order = IdOf(ORDER_ID, lambda row: _of_tenant(ORDER_ID, row.order_tenant, row.order_id), allow_none=True)
    order_state = Word(OrderState, allow_none=True)
    pharmacy_name = fields.String(allow_none=True)
    waiting = Word((CHOICE,), allow_none=True)
    stopping = Word(Stopping, allow_none=True)
    version = Version(attribute="source_version")


class WrittenPrescriptionsQuery(PageQuery):
    """In which state; every state where none is named."""

    state = fields.Enum(State, by_value=True, load_default=None)
