"""Signing keys over HTTP."""

from typing import Any

from flask_smorest import Blueprint
from marshmallow import Schema, fields

from app.core.ids import PublicId
from app.core.scope import Scope
from app.core.unit import unit
from app.edge.endpoint import Call, endpoint
from app.edge.paging import Keyset, Page, PageQuery, page_of
from app.edge.paths import own_id
from app.edge.schema import IdOf, Instant, Version, Word
from app.identity.credentials import STAFF
from app.identity.signatures import service
from app.identity.signatures.models import SigningKey

blueprint = Blueprint("signing-keys", __name__, description="The keys with which staff signs")
OF_ALL = "signing_keys.manage"
_KEYS = Keyset("signing_keys", (SigningKey.id,), descending=True)


class SigningKeyOut(Schema):
    """A signing key without its private part."""

    id = IdOf(service.SIGNING_KEY_ID, service.public_id)
    staff = IdOf(STAFF, lambda row: PublicId(STAFF, Scope.for_tenant(row.tenant_id), row.staff_id))
    algorithm = fields.String()
    public_key = fields.Dict(keys=fields.String(), values=fields.String())
    state = Word([service.ACTIVE, service.REVOKED])
    created_at = Instant()
    revoked_at = Instant(allow_none=True)
    version = Version()


@endpoint(
    blueprint, "POST", "/signing-keys", permission="signing_keys.make", answer=SigningKeyOut, status=201, fresh=True
)
def make(call: Call) -> SigningKey:
    """Make a key for oneself; the private part never leaves the platform."""
    return service.make(Scope.for_tenant(call.tenant), call.by, call.effect)


@endpoint(
    blueprint, "GET", "/signing-keys", permission="signing_keys.read", query=PageQuery, answer=page_of(SigningKeyOut)
)
def keys(call: Call, query: dict[str, Any]) -> Page[SigningKey]:
    """One's own keys, newest first; an administrator reads everybody's."""
    with unit(Scope.for_tenant(call.tenant)) as reading:
        found = reading.select(SigningKey)
        if not call.principal.may(OF_ALL):
            found = found.where(SigningKey.staff_id == service.staff_of(call.by))
        return _KEYS.page(reading, found, query)


@endpoint(
    blueprint, "POST", "/signing-keys/<signing_key_id>/revocation",
    permission="signing_keys.revoke", answer=SigningKeyOut, fresh=True,
)  # fmt: skip
def revoke(call: Call, signing_key_id: str) -> SigningKey:
    """Revoke one's own key; an administrator revokes anybody's. What it signed before stays signed."""
    known = own_id(signing_key_id, service.SIGNING_KEY_ID, call.principal.scope)
    return service.revoke(known, call.by, of_all=call.principal.may(OF_ALL), effect=call.effect)
