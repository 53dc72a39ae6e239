"""Signing keys, their certificates, and what everybody may know of the authority, over HTTP."""

from typing import Any

from flask_smorest import Blueprint

from app.core.access import PUBLIC
from app.core.errors import NotFound
from app.core.scope import Scope
from app.core.unit import unit
from app.edge.endpoint import Call, endpoint
from app.edge.files import Download, File
from app.edge.paging import Keyset, Page, PageQuery, page_of
from app.edge.paths import own_id
from app.identity.signatures import certificates, names, service
from app.identity.signatures.authority import certifying
from app.identity.signatures.models import SigningCertificate, SigningKey
from app.identity.signatures.own_authority import OwnAuthority
from app.identity.signatures.schemas import (
    AuthorityOut,
    KeyRevocationIn,
    RevokedQuery,
    SigningCertificateOut,
    SigningKeyOut,
)
from app.identity.signatures.x509 import encoded

blueprint = Blueprint("signing-keys", __name__, description="The keys with which staff signs, and who certifies them")
OF_ALL = "signing_keys.manage"
CRL = "application/pkix-crl"
_KEYS = Keyset("signing_keys", (SigningKey.id,), descending=True)
_CERTIFICATES = Keyset("signing_certificates", (SigningCertificate.id,), descending=True)


@endpoint(
    blueprint, "POST", "/signing-keys", permission="signing_keys.make", answer=SigningKeyOut, status=201, fresh=True
)
def make(call: Call) -> SigningKey:
    """Make a key for oneself; the private part never leaves the platform. A certificate follows."""
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
    permission="signing_keys.revoke", body=KeyRevocationIn, answer=SigningKeyOut, fresh=True,
)  # fmt: skip
def revoke(call: Call, body: dict[str, Any], signing_key_id: str) -> SigningKey:
    """Revoke one's own key; an administrator revokes anybody's. What it signed before stays signed."""
    known = own_id(signing_key_id, names.SIGNING_KEY_ID, call.principal.scope)
    return service.revoke(known, body["reason"], call.by, of_all=call.principal.may(OF_ALL), effect=call.effect)


@endpoint(
    blueprint, "POST", "/signing-keys/<signing_key_id>/certificates",
    permission="signing_keys.make", answer=SigningCertificateOut, status=201, fresh=True,
)  # fmt: skip
def ask_for_certificate(call: Call, signing_key_id: str) -> SigningCertificate:
    """Ask for a certificate of one's own key, as after one's license was prolonged; the worker gets it."""
    known = own_id(signing_key_id, names.SIGNING_KEY_ID, call.principal.scope)
    return certificates.ask(known, service.staff_of(call.by), call.by, call.effect)


@endpoint(
    blueprint, "GET", "/signing-certificates",
    permission="signing_keys.read", query=PageQuery, answer=page_of(SigningCertificateOut),
)  # fmt: skip
def list_certificates(call: Call, query: dict[str, Any]) -> Page[SigningCertificate]:
    """The certificates of one's own keys, newest first; an administrator reads everybody's."""
    with unit(Scope.for_tenant(call.tenant)) as reading:
        found = reading.select(SigningCertificate)
        if not call.principal.may(OF_ALL):
            found = found.where(SigningCertificate.staff_id == service.staff_of(call.by))
        return _CERTIFICATES.page(reading, found, query)


@endpoint(blueprint, "GET", "/certificate-authority", permission=PUBLIC, answer=AuthorityOut)
def authority(_: Call) -> dict[str, list[str]]:
    """The roots that are trusted, so that anybody can check a signature that they were shown."""
    return {"roots": sorted(encoded(root) for root in certifying().trust.roots)}


@endpoint(
    blueprint, "GET", "/certificate-authority/revoked",
    permission=PUBLIC, query=RevokedQuery, answer=Download((CRL,)),
)  # fmt: skip
def revoked(_: Call, query: dict[str, Any]) -> File:
    """The signed list of a tenant's revoked certificates (RFC 5280, section 5), for a day; each of them names it."""
    known, own = query["tenant"], certifying().authority
    if known.scope.tenant is None or not isinstance(own, OwnAuthority):
        raise NotFound
    with unit(known.scope) as reading:
        found, now = certificates.revoked_in(reading, own.name), reading.now
    return File(own.revoked_list(f"{names.CRL_PATH}{known}", found, now), CRL, f"{known}.crl")
