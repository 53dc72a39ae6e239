"""X.509 as it is used here: requests of signers, and whether a chain ends at a trusted root. Pure (RFC 5280)."""

import base64
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_private_key
from cryptography.x509.oid import NameOID

from app.identity.signatures.algorithms import ALGORITHMS

LONGEST_CHAIN = 4
LONGEST_NAME = 64
"""Characters of an attribute (RFC 5280, appendix A.1, upper bounds)."""


@dataclass(frozen=True)
class Subject:
    """Whose certificate it is: a person in a role at a tenant."""

    name: str
    staff: str
    """The affiliation's public id."""
    tenant_name: str
    tenant: str
    """The tenant's public id."""
    role: str
    license_digest: str
    """A keyed digest of the number under which the person is licensed, so that the number is not published."""


def request(private_key: bytes, algorithm: str, subject: Subject) -> bytes:
    """A request for a certificate (PKCS 10, DER), which proves that its sender has the private key."""
    key: Any = load_der_private_key(private_key, password=None)
    made = x509.CertificateSigningRequestBuilder().subject_name(_name(subject))
    return made.sign(key, ALGORITHMS[algorithm].certificate_hash).public_bytes(Encoding.DER)


def encoded(certificate: x509.Certificate) -> str:
    """A certificate as `x5c` writes it: base64 of its DER (RFC 7515, 4.1.6)."""
    return base64.b64encode(certificate.public_bytes(Encoding.DER)).decode()


def decoded(text: str) -> x509.Certificate:
    """What `encoded` wrote; raises ValueError."""
    return x509.load_der_x509_certificate(base64.b64decode(text, validate=True))


def is_of(certificate: x509.Certificate, public_key: dict[str, Any]) -> bool:
    """Whether a certificate is of the key that a JWK names."""
    key = certificate.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey) or key.curve.name != "secp256r1":
        return False
    raw = key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    try:
        return raw[1:] == b"".join(base64.urlsafe_b64decode(f"{public_key[part]}=") for part in ("x", "y"))
    except (KeyError, ValueError):
        return False


@dataclass(frozen=True)
class Trust:
    """The roots at which a chain may end."""

    roots: Collection[x509.Certificate] = field(repr=False)

    def reaches(
        self, chain: Sequence[x509.Certificate], at: datetime, is_fit: Callable[[x509.Certificate], bool] | None = None
    ) -> bool:
        """Whether `chain` ends at a root, each was valid at the instant `at`, and the first one `is_fit`.

        Fit is, where nothing else is said, the certificate of somebody who signs.
        """
        if not 1 < len(chain) <= LONGEST_CHAIN or chain[-1] not in self.roots:
            return False
        return (
            (is_fit or signs)(chain[0])
            and all(one.not_valid_before_utc <= at < one.not_valid_after_utc for one in chain)
            and all(_issued(of, by, below) for below, (of, by) in enumerate(pairwise(chain)))
        )


def _issued(of: x509.Certificate, by: x509.Certificate, below: int) -> bool:
    """Whether `by`, with `below` authorities under it, is an authority that issued `of`."""
    try:
        of.verify_directly_issued_by(by)
        limits = by.extensions.get_extension_for_class(x509.BasicConstraints).value
        usage = by.extensions.get_extension_for_class(x509.KeyUsage).value
    except (ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound):
        return False
    return limits.ca and usage.key_cert_sign and (limits.path_length is None or limits.path_length >= below)


def signs(certificate: x509.Certificate) -> bool:
    """Whether it is one of somebody who signs, and of no authority."""
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
        limits = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
    except (ValueError, x509.ExtensionNotFound):
        return False
    return usage.digital_signature and usage.content_commitment and not limits.ca


def _name(subject: Subject) -> x509.Name:
    parts = (
        (NameOID.ORGANIZATION_NAME, subject.tenant_name[:LONGEST_NAME]),
        (NameOID.ORGANIZATION_IDENTIFIER, subject.tenant),
        (NameOID.ORGANIZATIONAL_UNIT_NAME, subject.role),
        (NameOID.COMMON_NAME, subject.name[:LONGEST_NAME]),
        (NameOID.USER_ID, subject.staff),
        (NameOID.DN_QUALIFIER, subject.license_digest),
    )
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in parts])
