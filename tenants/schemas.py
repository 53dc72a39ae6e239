"""Bodies and answers of applications, tenants, licenses and the directory."""

import uuid

from marshmallow import Schema, fields, validate

from app.core.ids import PublicId
from app.core.scope import Scope
from app.edge.paging import PageQuery
from app.edge.schema import Input, Instant, PublicIdField, Text, Version
from tenants.names import APPLICATION_ID, LICENSE_ID, PLATFORM, REVIEW_ID, TENANT_ID
from tenants.rules import APPLICANTS, Document, Kind

NAME = 200
CODE = 100
MOST_DOCUMENTS = 20


def _tenant(number: int | None, profile: uuid.UUID) -> str | None:
    return None if number is None else str(PublicId(TENANT_ID, Scope.for_tenant(number), profile))


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


class DocumentOut(Schema):
    """A paper."""

    kind = fields.String()
    number = fields.String()
    issuer = fields.String()
    subjects = fields.List(fields.String())
    valid_until = fields.String()


class ApplicationOut(Schema):
    """An application and what became of it."""

    id = fields.Function(lambda row: str(PublicId(APPLICATION_ID, PLATFORM, row.id)))
    name = fields.String()
    kind = fields.String()
    documents = fields.List(fields.Nested(DocumentOut))
    state = fields.String()
    reason = fields.String(allow_none=True)
    tenant = fields.Function(lambda row: _tenant(row.opened, row.id), allow_none=True)
    version = Version()
    submitted_at = Instant()
    decided_at = Instant(allow_none=True)


class ReasonIn(Input):
    """Why."""

    reason = Text(500, required=True)


class TenantOut(Schema):
    """The caller's own tenant."""

    id = fields.Function(lambda row: _tenant(row.tenant_id, row.id))
    name = fields.String()
    kind = fields.String()
    state = fields.String()
    capabilities = fields.List(fields.String())
    version = Version()


class LicenseOut(DocumentOut):
    """A license of the caller's tenant, or a paper that waits to become one."""

    id = fields.Function(lambda row: str(PublicId(LICENSE_ID, Scope.for_tenant(row.tenant_id), row.id)))
    state = fields.String()
    reason = fields.String(allow_none=True)
    version = Version()
    submitted_at = Instant()
    decided_at = Instant(allow_none=True)


class LicenseReviewOut(Schema):
    """A paper that a tenant handed in, and what became of it; `license` is the tenant's own row."""

    id = fields.Function(lambda row: str(PublicId(REVIEW_ID, PLATFORM, row.id)))
    license = fields.String(attribute="source")
    document = fields.Nested(DocumentOut)
    state = fields.String()
    reason = fields.String(allow_none=True)
    version = Version()
    submitted_at = Instant()
    decided_at = Instant(allow_none=True)


class PublishedLicenseOut(DocumentOut):
    """A valid license as the directory shows it; what it allows ends with its last day."""

    id = fields.String()


class DirectoryQuery(PageQuery):
    """What to look for."""

    kind = fields.String(validate=validate.OneOf([kind.value for kind in APPLICANTS]), load_default=None)
    name = Text(NAME, load_default=None)
    subject = Text(CODE, load_default=None)


class DirectoryOut(Schema):
    """Published facts of a tenant, and what its licenses allow today."""

    id = fields.Function(lambda row: _tenant(row.tenant, row.profile_id))
    name = fields.String()
    kind = fields.String()
    state = fields.String()
    licenses = fields.List(fields.Nested(PublishedLicenseOut))
    capabilities = fields.List(fields.String())
