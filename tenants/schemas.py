"""Bodies and answers of applications, tenants, licenses and the directory."""

import uuid
from typing import Any

from marshmallow import Schema, fields, validate

from app.core.ids import PublicId
from app.core.scope import Scope
from app.edge.paging import PageQuery
from app.edge.schema import Fen, IdOf, Input, Instant, PublicIdField, Text, Version, Word
from tenants.names import APPLICATION_ID, LICENSE_ID, PLATFORM, REVIEW_ID, STAFF_ID, TENANT_ID
from tenants.rules import APPLICANTS, Capability, Document, Kind
from tenants.states import ApplicationState, LicenseState, TenantState
from tenants.subject_names import subject_names

NAME = 200
CODE = 100
MOST_DOCUMENTS = 20


def _tenant(number: int | None, profile: uuid.UUID) -> PublicId | None:
    return None if number is None else PublicId(TENANT_ID, Scope.for_tenant(number), profile)


class DocumentIn(Input):
    """A paper with its number, issuer and last day; one that names subjects (诊疗科目) lists them."""

    kind = fields.Enum(Document, by_value=True, required=True)
    number = Text(CODE, required=True)
    issuer = Text(NAME, required=True)
    subjects = fields.List(Text(CODE), validate=validate.Length(max=200), load_default=list)
    valid_until = fields.Date(required=True, format="%Y-%m-%d")


class ApplicationIn(Input):
    """An organization that wants to join, as what, and with which papers."""

    name = Text(NAME, required=True)
    kind = fields.Enum(Kind, by_value=True, required=True, validate=validate.OneOf(APPLICANTS))
    parent = PublicIdField(TENANT_ID, load_default=None, allow_none=True)
    documents = fields.List(fields.Nested(DocumentIn), required=True, validate=validate.Length(1, MOST_DOCUMENTS))


class PaperOut(Schema):
    """A paper."""

    kind = Word(Document, required=True)
    number = fields.String(required=True)
    issuer = fields.String(required=True)
    subjects = fields.List(fields.String(), required=True)
    valid_until = fields.String(metadata={"format": "date"}, required=True)


class ApplicationOut(Schema):
    """An application and what became of it."""

    id = IdOf(APPLICATION_ID, lambda row: PublicId(APPLICATION_ID, PLATFORM, row.id))
    name = fields.String(required=True)
    kind = Word(APPLICANTS, required=True)
    documents = fields.List(fields.Nested(PaperOut), required=True)
    state = Word(ApplicationState, required=True)
    reason = fields.String(allow_none=True, required=True)
    tenant = IdOf(TENANT_ID, lambda row: _tenant(row.opened, row.id), allow_none=True)
    version = Version(required=True)
    submitted_at = Instant(required=True)
    decided_at = Instant(allow_none=True, required=True)


class ReasonIn(Input):
    """Why."""

    reason = Text(500, required=True)


class TenantOut(Schema):
    """The caller's own tenant."""

    id = IdOf(TENANT_ID, lambda row: _tenant(row.tenant_id, row.id))
    name = fields.String(required=True)
    kind = Word(Kind, required=True)
    state = Word(TenantState, required=True)
    capabilities = fields.List(Word(Capability), required=True)
    version = Version(required=True)


class LicenseOut(PaperOut):
    """A license of the caller's tenant, or a paper that waits to become one."""

    id = IdOf(LICENSE_ID, lambda row: PublicId(LICENSE_ID, Scope.for_tenant(row.tenant_id), row.id))
    state = Word(LicenseState, required=True)
    reason = fields.String(allow_none=True, required=True)
    version = Version(required=True)
    submitted_at = Instant(required=True)
    decided_at = Instant(allow_none=True, required=True)


class LicenseReviewOut(Schema):
    """A paper that a tenant handed in, and what became of it; `license` is the tenant's own row."""

    id = IdOf(REVIEW_ID, lambda row: PublicId(REVIEW_ID, PLATFORM, row.id))
    license = fields.String(attribute="source", metadata={"pattern": f"^{LICENSE_ID}_[0-9a-v]+$"}, required=True)
    document = fields.Nested(PaperOut, required=True)
    state = Word(ApplicationState, required=True)
    reason = fields.String(allow_none=True, required=True)
    version = Version(required=True)
    submitted_at = Instant(required=True)
    decided_at = Instant(allow_none=True, required=True)


class PublishedLicenseOut(PaperOut):
    """A valid license as the directory shows it; what it allows ends with its last day."""

    id = fields.String(metadata={"pattern": f"^{LICENSE_ID}_[0-9a-v]+$"}, required=True)


class DirectoryQuery(PageQuery):
    """What to look for."""

    kind = fields.String(validate=validate.OneOf([kind.value for kind in APPLICANTS]), load_default=None)
    name = Text(NAME, load_default=None)
    subject = Text(CODE, load_default=None)


class DirectoryOut(Schema):
    """Published facts of a tenant, and what its licenses allow today."""

    id = IdOf(TENANT_ID, lambda row: _tenant(row.tenant, row.profile_id))
    name = fields.String(required=True)
    kind = Word(Kind, required=True)
    state = Word(TenantState, required=True)
    licenses = fields.List(fields.Nested(PublishedLicenseOut), required=True)
    capabilities = fields.List(Word(Capability), required=True)


class SupervisionQuery(PageQuery):
    """Which tenants."""

    kind = fields.Enum(Kind, by_value=True, load_default=None)
    state = fields.Enum(TenantState, by_value=True, load_default=None)


class KindCountOut(Schema):
    """How many tenants of a kind are in a state, and how many doctors they list."""

    kind = Word(Kind, required=True)
    state = Word(TenantState, required=True)
    tenants = fields.Integer(required=True)
    doctors = fields.Integer(required=True)


class KindCountsOut(Schema):
    """Counts by kind and state."""

    data = fields.List(fields.Nested(KindCountOut), required=True)


class DoctorsQuery(PageQuery):
    """Which doctors to look for."""

    subject = Text(CODE, load_default=None)
    name = Text(NAME, load_default=None)
    tenant = PublicIdField(TENANT_ID, load_default=None)


_NAME: dict[str, Any] = {"type": ["string", "null"]}


class SubjectOut(Schema):
    """A subject (诊疗科目) and what its code means; the names are null for a code that the official list does not have.

    A code with a point is a part of the subject that is named.
    """

    code = fields.Function(lambda code: code, metadata={"type": "string", "description": "A visit's `subject`"})
    name = fields.Function(lambda code: subject_names(code)[0], metadata={**_NAME, "description": "In Chinese"})
    name_en = fields.Function(lambda code: subject_names(code)[1], metadata={**_NAME, "description": "In English"})


class DirectoryDoctorOut(Schema):
    """A doctor who may see residents today; `id` is asked for in slots and visits, `text_visit_fee` is in fen."""

    id = IdOf(STAFF_ID, lambda row: PublicId(STAFF_ID, Scope.for_tenant(row.tenant), row.id))
    name = fields.String(required=True)
    title = fields.String(allow_none=True, required=True)
    subjects = fields.List(fields.String(), required=True)
    named_subjects = fields.List(fields.Nested(SubjectOut), attribute="subjects", dump_only=True)
    text_visits = fields.Boolean(required=True)
    text_visit_fee = Fen(attribute="text_visit", allow_none=True, required=True)
    tenant = IdOf(TENANT_ID, lambda row: _tenant(row.tenant, row.profile_id))
    tenant_name = fields.String(required=True)
    tenant_kind = Word(Kind, required=True)
