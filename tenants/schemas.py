"""Bodies and answers of the tenants endpoints."""

import uuid

from marshmallow import Schema, fields, validate

from app.core.ids import PublicId
from app.core.scope import Scope
from app.edge.paging import PageQuery
from app.edge.schema import Input, Instant, PublicIdField, Text, Version
from app.identity.api import CLIENT, Role
from tenants.models import Staff
from tenants.names import APPLICATION_ID, PERSON_ID, PLATFORM, STAFF_ID, TENANT_ID
from tenants.rules import APPLICANTS, Document, Kind

NAME = 200
CODE = 100
MOST_DOCUMENTS = 20


def _tenant(number: int | None, profile: uuid.UUID) -> str | None:
    return None if number is None else str(PublicId(TENANT_ID, Scope.for_tenant(number), profile))


def _person(row: Staff) -> str | None:
    return None if row.person_id is None else str(PublicId(PERSON_ID, Scope.for_person(row.person_id), row.person_id))


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
    """A paper as it was shown."""

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
    version = Version()


class MemberIn(Input):
    """What a member of the staff shall be; doctors and pharmacists with their registration."""

    name = Text(CODE, required=True)
    roles = fields.List(fields.Enum(Role, by_value=True), required=True, validate=validate.Length(1, len(Role)))
    subjects = fields.List(Text(CODE), load_default=list, validate=validate.Length(max=50))
    registration_number = Text(CODE, load_default=None, allow_none=True)
    registration_until = fields.Date(load_default=None, allow_none=True, format="%Y-%m-%d")


class MemberOut(Schema):
    """A member of the staff."""

    id = fields.Function(lambda row: str(PublicId(STAFF_ID, Scope.for_tenant(row.tenant_id), row.id)))
    person = fields.Function(_person, allow_none=True)
    name = fields.String()
    roles = fields.List(fields.String())
    subjects = fields.List(fields.String())
    registration_number = fields.String(allow_none=True)
    registration_until = fields.Date(allow_none=True)
    state = fields.String()
    version = Version()


class InvitationOut(Schema):
    """A fresh invitation; the token is shown this once."""

    member = fields.Nested(MemberOut)
    token = fields.String(allow_none=True)


class AcceptanceIn(Input):
    """The token that somebody was invited with."""

    token = Text(200, required=True)


class AffiliationOut(Schema):
    """A tenant that the caller may act for, and as what."""

    id = fields.Function(lambda row: str(PublicId(STAFF_ID, Scope.for_tenant(row.tenant), row.id)))
    tenant_name = fields.String()
    tenant_kind = fields.String()
    roles = fields.List(fields.String())
    state = fields.String()


class ActingTokenOut(Schema):
    """An access token of a member of the staff."""

    access_token = fields.String()


class DirectoryQuery(PageQuery):
    """What to look for."""

    kind = fields.String(validate=validate.OneOf([kind.value for kind in APPLICANTS]), load_default=None)
    name = Text(NAME, load_default=None)
    subject = Text(CODE, load_default=None)


class DirectoryOut(Schema):
    """Published facts of a tenant."""

    id = fields.Function(lambda row: _tenant(row.tenant, row.profile_id))
    name = fields.String()
    kind = fields.String()
    state = fields.String()
    licenses = fields.List(fields.Nested(DocumentOut))


class ClientIn(Input):
    """A system of the tenant and what it may do."""

    name = Text(NAME, required=True)
    permissions = fields.List(Text(CODE), required=True, validate=validate.Length(1, 50))


class ClientOut(Schema):
    """An API client."""

    id = fields.Function(lambda row: str(PublicId(CLIENT, Scope.for_tenant(row.tenant_id), row.id)))
    name = fields.String()
    permissions = fields.List(fields.String())
    state = fields.String()
    version = Version()


class ClientSecretOut(Schema):
    """A fresh client; the secret is shown this once."""

    client = fields.Nested(ClientOut)
    client_secret = fields.String(allow_none=True)
