"""From a process's settings to who certifies and stamps in it."""

import base64

from cryptography import x509

from app.core.http import Policy
from app.core.signing_settings import SigningSettings
from app.identity.signatures.authority import CertificateAuthority, Certifying
from app.identity.signatures.connectors import authority as outside
from app.identity.signatures.own_authority import OwnAuthority
from app.identity.signatures.stamps import connector as stamps
from app.identity.signatures.x509 import Trust


def certifying_of(settings: SigningSettings, policy: Policy, address: str) -> Certifying:
    """Who certifies, reached as `policy` allows, on a platform at `address`; raises ValueError for malformed settings.

    The own root stays trusted when an outside authority takes over, for what was signed before.
    """
    try:
        own = OwnAuthority.parse(settings.authority, address) if settings.authority else None
        roots, of_stamps = _roots(settings.roots), _roots(settings.stamps_roots)
    except (ValueError, TypeError) as error:
        raise ValueError("CLOUD_SIGNING_AUTHORITY, CLOUD_SIGNING_ROOTS or CLOUD_TSA_ROOTS is malformed") from error
    trust = Trust((*roots, own.root) if own else roots)
    stamping = stamps.over(policy, settings.stamps_url, Trust(of_stamps)) if settings.stamps_url else None
    since = own.root.not_valid_before_utc if own else None
    return Certifying(_authority(settings, policy, own), trust, stamping, since)


def _authority(settings: SigningSettings, policy: Policy, own: OwnAuthority | None) -> CertificateAuthority:
    if own is not None and not settings.authority_url:
        return own
    return outside.over(policy, settings.authority_url, settings.authority_key)


def _roots(text: str) -> tuple[x509.Certificate, ...]:
    return tuple(x509.load_pem_x509_certificates(base64.b64decode(text, validate=True))) if text else ()
