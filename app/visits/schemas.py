"""Bodies and answers of the visits endpoints."""

import uuid
from typing import Any

from marshmallow import Schema, fields, post_load, validate

from app.core.ids import PublicId
from app.core.pictures import MediaType
from app.core.scope import Scope
from app.edge.api import PREFIX
from app.edge.paging import PageQuery
from app.edge.schema import YES_OR_NO, Fen, IdOf, Input, Instant, PublicIdField, Text, Version, Word
from app.identity.api import PERSON
from app.payments.api import BILL_ID
from app.visits.ids import picture_public_id, visit_public_id
from app.visits.models import READY, PictureScan, Visit, VisitPicture
from app.visits.names import INSPECTION_ID, MESSAGE_ID, PICTURE_ID, RECORD_ID, VISIT_ID
from app.visits.rules.basis import CODE, Evidence, EvidenceKind, LegalBasis
from app.visits.rules.conclusion import Diagnosis, Written
from app.visits.rules.duties import Duty
from app.visits.rules.moves import REASONS, DeclineReason, State, StopReason
from app.visits.service.concluding import Outcome
from app.visits.service.messages import DOCTOR, RESIDENT, MessageKind
from app.visits.service.requesting import Wish
from tenants.api import STAFF_ID

WORDS = 200
SUBJECT = 100
LONG = 4000
MOST_FEE = 1_000_000
"""Fen for one text visit: ten thousand yuan."""
MOST_DIAGNOSES = 10
ICD_10 = validate.Regexp(CODE, error="Not an ICD-10 code.")


def _of_tenant(prefix: str, tenant: int, id: uuid.UUID) -> PublicId:
    return PublicId(prefix, Scope.for_tenant(tenant), id)


def _resident(row: Visit) -> PublicId:
    return PublicId(PERSON, Scope.for_person(row.resident_id), row.resident_id)


def _link(row: VisitPicture) -> str:
    return f"{PREFIX}/visit-pictures/{picture_public_id(row)}"


class EvidenceIn(Input):
    """What shows the former diagnosis."""

    kind = fields.Enum(EvidenceKind, by_value=True, required=True)
    institution = Text(WORDS, required=True)
    diagnosis_code = fields.String(required=True, validate=ICD_10)
    date = fields.Date(required=True, format="%Y-%m-%d")

    @post_load
    def _value(self, data: dict[str, object], **rest: object) -> Evidence:
        return Evidence(**data)  # type: ignore[arg-type]  # the fields above load what it takes


class VisitIn(Input):
    """Whom to ask, in which subject (诊疗科目), why it may be asked online, and what for."""

    doctor = PublicIdField(STAFF_ID, required=True)
    subject = Text(
        SUBJECT, required=True,
        metadata={"description": "The code of one of the doctor's subjects, which the directory names: 03 is 内科"},
    )  # fmt: skip
    basis = fields.Enum(LegalBasis, by_value=True, required=True, data_key="legal_basis")
    complaint = Text(LONG, required=True)
    evidence = fields.Nested(EvidenceIn, load_default=None)

    @post_load
    def _value(self, data: dict[str, object], **rest: object) -> Wish:
        return Wish(**data)  # type: ignore[arg-type]  # the fields above load what it takes


class VisitOut(Schema):
    """A visit without what is clinical; `fee` in fen, `deadline` is when the time of the present state is up.

    Of an `unconcluded` one, it is when its doctor is reminded again; null after the last reminder. The institution is
    the one that answers for it: as it was when the fee was paid, before that when the visit was asked for.
    """

    id = IdOf(VISIT_ID, visit_public_id)
    doctor = IdOf(STAFF_ID, lambda row: _of_tenant(STAFF_ID, row.tenant_id, row.doctor_id))
    doctor_name = fields.String()
    resident = IdOf(PERSON, _resident)
    subject = fields.String()
    legal_basis = Word(LegalBasis)
    state = Word(State)
    reason = Word(REASONS, allow_none=True)
    fee = Fen()
    bill = IdOf(BILL_ID, lambda row: _of_tenant(BILL_ID, row.tenant_id, row.bill_id))
    refunded = fields.Function(lambda row: row.refunded_at is not None, metadata=YES_OR_NO)
    evidence_accepted = fields.Function(lambda row: row.evidence_accepted_at is not None, metadata=YES_OR_NO)
    institution_name = fields.String(allow_none=True)
    institution_license = fields.String(allow_none=True)
    requested_at = Instant(attribute="created_at")
    taken_at = Instant(allow_none=True)
    ended_at = Instant(allow_none=True)
    deadline = Instant(attribute="due_at", allow_none=True)
    version = Version()


class EvidenceOut(Schema):
    """What shows the former diagnosis."""

    kind = Word(EvidenceKind)
    institution = fields.String()
    diagnosis_code = fields.String()
    date = fields.Date()


class VisitDetailOut(Schema):
    """A visit with what the resident wrote and showed."""

    visit = fields.Nested(VisitOut)
    complaint = fields.String()
    evidence = fields.Nested(EvidenceOut, allow_none=True)


class OwnVisitOut(Schema):
    """A visit in its resident's own list; `institution_name` is where it is held and paid."""

    id = IdOf(VISIT_ID, lambda row: _of_tenant(VISIT_ID, row.tenant, row.id))
    doctor = IdOf(STAFF_ID, lambda row: _of_tenant(STAFF_ID, row.tenant, row.doctor_id))
    doctor_name = fields.String()
    legal_basis = Word(LegalBasis)
    state = Word(State)
    reason = Word(REASONS, allow_none=True)
    fee = Fen()
    bill = IdOf(BILL_ID, lambda row: _of_tenant(BILL_ID, row.tenant, row.bill_id))
    refunded = fields.Boolean()
    institution_name = fields.String(allow_none=True)
    deadline = Instant(allow_none=True)
    requested_at = Instant()


class VisitsQuery(PageQuery):
    """In which state; every state where none is named."""

    state = fields.Enum(State, by_value=True, load_default=None)


class MessageIn(Input):
    """What to write."""

    text = Text(LONG, required=True)


class PictureOut(Schema):
    """A picture of a visit and where its bytes are; `width` and `height` in pixels, `size` in bytes.

    While it is `scanning` for malware nobody reads it; one that is `refused` was deleted.
    """

    id = IdOf(PICTURE_ID, picture_public_id)
    link = fields.Function(_link, metadata={"type": "string"}, required=True)
    media_type = Word(MediaType, required=True)
    width = fields.Integer(required=True)
    height = fields.Integer(required=True)
    size = fields.Integer(required=True)
    state = Word((READY, PictureScan.SCANNING, PictureScan.REFUSED), required=True, attribute="shown")


class MessageOut(Schema):
    """A message of a visit: a text, or a picture without one."""

    id = PublicIdField(MESSAGE_ID)
    author = Word((RESIDENT, DOCTOR))
    kind = Word(MessageKind)
    text = fields.String()
    picture = fields.Nested(PictureOut, allow_none=True)
    written_at = Instant()


class DeclineVisitIn(Input):
    """Why the doctor does not take it."""

    reason = fields.Enum(DeclineReason, by_value=True, required=True)


class StopVisitIn(Input):
    """Why it cannot go on online."""

    reason = fields.Enum(StopReason, by_value=True, required=True)


class DiagnosisIn(Input):
    """A diagnosis, by code and name."""

    code = fields.String(required=True, validate=ICD_10)
    name = Text(WORDS, required=True)

    @post_load
    def _value(self, data: dict[str, str], **rest: object) -> Diagnosis:
        return Diagnosis(**data)


class RecordIn(Input):
    """What the doctor writes down; the advice is the conclusion."""

    complaint = Text(LONG, load_default=None)
    findings = Text(LONG, load_default=None)
    advice = Text(LONG, load_default=None)
    diagnoses = fields.List(fields.Nested(DiagnosisIn), load_default=(), validate=validate.Length(max=MOST_DIAGNOSES))

    @post_load
    def _value(self, data: dict[str, Any], **rest: object) -> Written:
        words = {name: data[name] or "" for name in ("complaint", "findings", "advice")}
        return Written(**words, diagnoses=tuple(data["diagnoses"]))


class DiagnosisOut(Schema):
    """A diagnosis, by code and name."""

    code = fields.String()
    name = fields.String()


class RecordOut(Schema):
    """The record of a visit."""

    id = PublicIdField(RECORD_ID)
    complaint = fields.String(attribute="written.complaint")
    findings = fields.String(attribute="written.findings")
    advice = fields.String(attribute="written.advice")
    diagnoses = fields.List(fields.Nested(DiagnosisOut), attribute="written.diagnoses")
    version = Version()


class FeeIn(Input):
    """What a text visit costs, in fen."""

    text_visit = Fen(required=True, least=1, most=MOST_FEE)


class FeeOut(Schema):
    """What a text visit with a doctor costs, in fen."""

    doctor = IdOf(STAFF_ID, lambda row: _of_tenant(STAFF_ID, row.tenant_id, row.id))
    text_visit = Fen()
    version = Version()


class ConclusionIn(Input):
    """As what medical affairs end a visit that its doctor left open: as care, or as none."""

    outcome = fields.Enum(Outcome, by_value=True, required=True)


class InspectionIn(Input):
    """The duty for which medical affairs reads a visit."""

    duty = fields.Enum(Duty, by_value=True, required=True)


class InspectionOut(Schema):
    """Until when a visit is open to who named a duty."""

    id = PublicIdField(INSPECTION_ID, required=True)
    duty = Word(Duty, required=True)
    ends_at = Instant(required=True)
