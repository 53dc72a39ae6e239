"""Bodies and answers of signing keys, their certificates and the authority."""

from marshmallow import Schema, fields

from app.edge.schema import IdOf, Input, Instant, PublicIdField, Version, Word
from app.identity.credentials import STAFF
from app.identity.signatures import names
from app.identity.signatures.authority import Reason
from app.identity.signatures.names import CertificateState


class SigningKeyOut(Schema):
    """A signing key without its private part."""

    id = IdOf(names.SIGNING_KEY_ID, names.public_id)
    staff = IdOf(STAFF, names.staff_of)
    algorithm = fields.String()
    public_key = fields.Dict(keys=fields.String(), values=fields.String())
    state = Word([names.ACTIVE, names.REVOKED])
    created_at = Instant()
    revoked_at = Instant(allow_none=True)
    version = Version()


class KeyRevocationIn(Input):
    """Why a key ends (RFC 5280, 5.3.1)."""

    reason = fields.Enum(Reason, by_value=True, required=True)


class SigningCertificateOut(Schema):
    """A certificate of a signing key, or what became of the wish for one; `x5c` (RFC 7515, 4.1.6) ends at the root."""

    id = IdOf(names.CERTIFICATE_ID, names.certificate_id)
    signing_key = IdOf(names.SIGNING_KEY_ID, names.key_of)
    staff = IdOf(STAFF, names.staff_of)
    state = Word(CertificateState)
    authority = fields.String(allow_none=True)
    serial = fields.String(allow_none=True)
    x5c = fields.List(fields.String(), attribute="chain", allow_none=True)
    not_before = Instant(allow_none=True)
    not_after = Instant(allow_none=True)
    revoked_at = Instant(allow_none=True)
    reason = fields.String(allow_none=True)
    created_at = Instant()
    version = Version()


class RevokedQuery(Input):
    """Whose list of revoked certificates."""

    tenant = PublicIdField(names.TENANT, required=True)


class AuthorityOut(Schema):
    """At which roots the chains of signers' certificates may end, each as `x5c` writes it."""

    roots = fields.List(fields.String(), required=True)
