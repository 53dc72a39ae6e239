"""Shared records and emergency accesses on the wire."""

from typing import Any

from marshmallow import Schema, fields, post_load, validate

from app.core.ids import PublicId
from app.core.scope import Scope
from app.edge.paging import PageQuery
from app.edge.schema import YES_OR_NO, IdOf, Input, Instant, PublicIdField, QueryYesNo, Text, Version, Word
from app.identity.api import PERSON, STAFF
from app.records.models import EmergencyAccess
from app.records.names import EMERGENCY_ID
from app.records.rules.emergencies import Reason, State, Verdict
from app.records.service.emergencies import Document, Wish, emergency_id
from app.records.service.showing import Shown
from app.residents.api import CardKind, Category
from tenants.api import TENANT_ID

NUMBER = 60
WORDS = 1000


def _resident(shown: Shown) -> PublicId:
    return PublicId(PERSON, Scope.for_person(shown.row.resident_id), shown.row.resident_id)


def _member(row: EmergencyAccess, name: str) -> PublicId | None:
    id = getattr(row, name)
    return PublicId(STAFF, Scope.for_tenant(row.tenant_id), id) if id else None


class SharedRecordsQuery(PageQuery):
    """Which category; each is opened by a consent of its own."""

    category = fields.Enum(Category, by_value=True, load_default=Category.VISITS)


class SharedDiagnosisOut(Schema):
    """A diagnosis, by code (ICD-10) and name."""

    code = fields.String(required=True)
    name = fields.String(required=True)


class SharedMedicineOut(Schema):
    """A prescribed medicine: its ATC group, its strength, and for how many days."""

    name = fields.String(required=True)
    group = fields.String(required=True)
    strength = fields.String(required=True)
    days = fields.Integer(required=True)


class SharedAllergyOut(Schema):
    """What the resident says they do not tolerate, by ATC group."""

    group = fields.String(required=True)
    name = fields.String(required=True)


class SharedRecordOut(Schema):
    """One line of what institutions keep of a resident, or of what the resident stated; the rest is null."""

    category = Word(Category, attribute="category.value", required=True)
    source = fields.String(required=True, metadata={"description": "The id of the visit, prescription or allergy"})
    institution_name = fields.String(allow_none=True)
    doctor_name = fields.String(allow_none=True)
    subject = fields.String(allow_none=True)
    at = Instant(allow_none=True)
    diagnoses = fields.List(fields.Nested(SharedDiagnosisOut), allow_none=True)
    medicines = fields.List(fields.Nested(SharedMedicineOut), allow_none=True)
    allergy = fields.Nested(SharedAllergyOut, allow_none=True)


class EmergencyAccessIn(Input):
    """Whose records a doctor opens without a consent, and why: by identity number, or by a card of that kind."""

    number = Text(NUMBER, required=True)
    card_kind = fields.Enum(CardKind, by_value=True, load_default=None, allow_none=True)
    issuer = PublicIdField(TENANT_ID, load_default=None, allow_none=True)
    reason = fields.Enum(Reason, by_value=True, required=True)
    explanation = Text(WORDS, required=True)

    @post_load
    def _value(self, data: dict[str, Any], **rest: object) -> Wish:
        issuer = data["issuer"].scope.tenant if data["issuer"] else None
        return Wish(Document(data["card_kind"], data["number"], issuer), data["reason"], data["explanation"])


class EmergencyAccessListedOut(Schema):
    """That an emergency access was opened, by whom, and what became of it: neither of whom nor why, which tells of
    somebody's health. `overdue` says whether its review should have been made.
    """

    id = IdOf(EMERGENCY_ID, lambda shown: emergency_id(shown.row))
    doctor = IdOf(STAFF, lambda shown: _member(shown.row, "staff_id"))
    state = Word(State)
    opened_at = Instant(attribute="row.opened_at")
    ends_at = Instant(attribute="row.ends_at")
    ended_at = Instant(attribute="row.ended_at", allow_none=True)
    review_by = fields.Date(attribute="row.review_by")
    overdue = fields.Boolean(metadata=YES_OR_NO)
    reviewed_by = IdOf(STAFF, lambda shown: _member(shown.row, "reviewed_by"), allow_none=True)
    reviewed_at = Instant(attribute="row.reviewed_at", allow_none=True)
    version = Version()


class EmergencyAccessOut(EmergencyAccessListedOut):
    """The same with its resident, and by which reason."""

    resident = IdOf(PERSON, _resident)
    reason = Word(Reason, attribute="row.reason")


class EmergencyAccessDetailOut(EmergencyAccessOut):
    """The same with what doctor and privacy officer wrote."""

    explanation = fields.String()
    findings = fields.String(allow_none=True)


class EmergencyAccessesQuery(PageQuery):
    """Emergency accesses of one stored state, reviewed ones or those that nobody has reviewed yet, open ones among
    them; all where nothing is named.
    """

    state = fields.String(load_default=None, validate=validate.OneOf([state.value for state in State]))
    reviewed = QueryYesNo(load_default=None)


class EmergencyReviewIn(Input):
    """What a privacy officer finds."""

    verdict = fields.Enum(Verdict, by_value=True, required=True)
    findings = Text(WORDS, required=True)
