"""Bodies and answers of staff, affiliations and API clients."""

from marshmallow import Schema, fields, validate

from app.core.ids import PublicId
from app.core.scope import Scope
from app.edge.schema import IdOf, Input, Instant, Text, Version, Word
from app.identity.api import CLIENT, CLIENT_STATES, Role
from tenants.models import Staff
from tenants.names import PERSON_ID, STAFF_ID, TENANT_ID
from tenants.queries import Affiliated
from tenants.rules import Kind
from tenants.schemas import CODE, NAME
from tenants.states import StaffState


def _person(row: Staff) -> PublicId | None:
    return None if row.person_id is None else PublicId(PERSON_ID, Scope.for_person(row.person_id), row.person_id)


def _tenant(one: Affiliated) -> PublicId | None:
    return None if one.profile_id is None else PublicId(TENANT_ID, Scope.for_tenant(one.row.tenant), one.profile_id)


class MemberIn(Input):
    """What a member of the staff shall be; doctors, nurses and pharmacists with their registration."""

    name = Text(CODE, required=True)
    roles = fields.List(fields.Enum(Role, by_value=True), required=True, validate=validate.Length(1, len(Role)))
    subjects = fields.List(Text(CODE), load_default=list, validate=validate.Length(max=50))
    registration_number = Text(CODE, load_default=None, allow_none=True)
    registration_until = fields.Date(load_default=None, allow_none=True, format="%Y-%m-%d")
    registration_authority = Text(NAME, load_default=None, allow_none=True)
    home_institution = Text(NAME, load_default=None, allow_none=True)
    title = Text(CODE, load_default=None, allow_none=True)


class MemberOut(Schema):
    """A member of the staff."""

    id = IdOf(STAFF_ID, lambda row: PublicId(STAFF_ID, Scope.for_tenant(row.tenant_id), row.id))
    person = IdOf(PERSON_ID, _person, allow_none=True, required=True)
    name = fields.String(required=True)
    title = fields.String(allow_none=True, required=True)
    roles = fields.List(Word(Role), required=True)
    subjects = fields.List(fields.String(), required=True)
    registration_number = fields.String(allow_none=True, required=True)
    registration_until = fields.Date(allow_none=True, required=True)
    registration_authority = fields.String(allow_none=True, required=True)
    home_institution = fields.String(allow_none=True, required=True)
    state = Word(StaffState, required=True)
    version = Version(required=True)


class InvitationOut(Schema):
    """A fresh invitation; the token is shown this once."""

    member = fields.Nested(MemberOut, required=True)
    token = fields.String(allow_none=True)


class AcceptanceIn(Input):
    """The token that somebody was invited with."""

    token = Text(200, required=True)


class AffiliationOut(Schema):
    """A tenant that the caller may act for, and as what."""

    id = IdOf(STAFF_ID, lambda one: PublicId(STAFF_ID, Scope.for_tenant(one.row.tenant), one.row.id))
    tenant = IdOf(TENANT_ID, _tenant, allow_none=True, required=True)
    tenant_name = fields.String(required=True, attribute="row.tenant_name")
    tenant_kind = Word(Kind, required=True, attribute="row.tenant_kind")
    roles = fields.List(Word(Role), required=True, attribute="row.roles")
    state = Word(StaffState, required=True, attribute="row.state")


class ActingTokenOut(Schema):
    """An access token of a member of the staff."""

    access_token = fields.String(required=True)


class ClientIn(Input):
    """A system of the tenant and what it may do."""

    name = Text(NAME, required=True)
    permissions = fields.List(Text(CODE), required=True, validate=validate.Length(1, 50))
    jwks = fields.Dict(keys=fields.String(), load_default=None, allow_none=True)


class ClientOut(Schema):
    """An API client."""

    id = IdOf(CLIENT, lambda row: PublicId(CLIENT, Scope.for_tenant(row.tenant_id), row.id))
    name = fields.String(required=True)
    permissions = fields.List(fields.String(), required=True)
    state = Word(CLIENT_STATES, required=True)
    registered_by = fields.String(
        required=True, allow_none=True, metadata={"description": "Who answers for it, as the journal names authors"}
    )
    review_since = Instant(
        required=True, allow_none=True,
        metadata={"description": "Since when it waits for a review: whoever answered for it has left, or is not known"},
    )  # fmt: skip
    version = Version(required=True)


class ClientSecretOut(Schema):
    """A fresh client; the secret is shown this once, and null where it has keys."""

    client = fields.Nested(ClientOut, required=True)
    client_secret = fields.String(allow_none=True)
