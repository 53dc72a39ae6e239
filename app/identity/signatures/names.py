"""Names of ids and states of signing keys and their certificates, and public ids made from rows."""

from enum import StrEnum

from app.core.ids import PublicId
from app.core.scope import Scope
from app.identity.credentials import STAFF
from app.identity.signatures.models import SigningCertificate, SigningKey

SIGNING_KEY_ID = "sgk"
CERTIFICATE_ID = "sgc"
TENANT = "ten"
"""The prefix of a tenant's id, as the slice above makes it."""
ACTIVE, REVOKED = "active", "revoked"
"""Of a key."""
CRL_PATH = "/api/v1/certificate-authority/revoked?tenant="
"""Where a tenant's list of revoked certificates is fetched; the tenant's public id follows."""


class CertificateState(StrEnum):
    """`wanted` until the authority has answered; an issued one still ends with its time by itself."""

    WANTED = "wanted"
    ISSUED = "issued"
    REVOKED = "revoked"
    REFUSED = "refused"


def public_id(key: SigningKey) -> PublicId:
    """A key's public id."""
    return PublicId(SIGNING_KEY_ID, Scope.for_tenant(key.tenant_id), key.id)


def certificate_id(row: SigningCertificate) -> PublicId:
    """A certificate's public id."""
    return PublicId(CERTIFICATE_ID, Scope.for_tenant(row.tenant_id), row.id)


def key_of(row: SigningCertificate) -> PublicId:
    """The public id of a certificate's key."""
    return PublicId(SIGNING_KEY_ID, Scope.for_tenant(row.tenant_id), row.key_id)


def staff_of(row: SigningKey | SigningCertificate) -> PublicId:
    """The public id of the affiliation whose key it is."""
    return PublicId(STAFF, Scope.for_tenant(row.tenant_id), row.staff_id)
