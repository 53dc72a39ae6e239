"""Bodies and answers of staff, affiliations and API clients."""

from marshmallow import Schema, fields, validate

from app.core.ids import PublicId
from app.core.scope import Scope
from app.edge.schema import Input, Text, Version
from app.identity.api import CLIENT, Role
from tenants.models import Staff
from tenants.names import PERSON_ID, STAFF_ID
from tenants.schemas import CODE, NAME


def _person(row: Staff) -> str | None:
    return None if row.person_id is None else str(PublicId(PERSON_ID, Scope.for_person(row.person_id), row.person_id))


class MemberIn(Input):
    """What a member of the staff shall be; doctors, nurses and pharmacists with their registration."""

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
