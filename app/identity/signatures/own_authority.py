"""The platform's own certificate authority: an issuing key under a root whose key is kept offline (RFC 5280)."""

import base64
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID, ObjectIdentifier

from app.identity.signatures.authority import Issued, Reason, Revoked, Wanted
from app.identity.signatures.x509 import encoded

LIFE = timedelta(days=365)
"""Of a signer's certificate, where the license holds longer."""
ISSUING_LIFE = timedelta(days=5 * 365)
ROOT_LIFE = timedelta(days=20 * 365)
CRL_LIFE = timedelta(days=1)
"""For how long a list of revoked certificates may be kept."""
ROOT_NAME, ISSUING_NAME = "Cloud Hospital Root", "Cloud Hospital Signers"
DOCUMENT_SIGNING = ObjectIdentifier("1.3.6.1.5.5.7.3.36")
"""RFC 9336."""
_FLAGS = {
    Reason.KEY_COMPROMISE: x509.ReasonFlags.key_compromise,
    Reason.AFFILIATION_CHANGED: x509.ReasonFlags.affiliation_changed,
    Reason.SUPERSEDED: x509.ReasonFlags.superseded,
    Reason.CESSATION_OF_OPERATION: x509.ReasonFlags.cessation_of_operation,
    Reason.PRIVILEGE_WITHDRAWN: x509.ReasonFlags.privilege_withdrawn,
}
"""An unspecified reason is left out of a list (5.3.1)."""
_HASH = SHA256()


@dataclass(frozen=True)
class OwnAuthority:
    """Fills `CertificateAuthority`; its answers need nobody else."""

    key: ec.EllipticCurvePrivateKey = field(repr=False)
    certificate: x509.Certificate = field(repr=False)
    root: x509.Certificate = field(repr=False)
    address: str = ""
    """Where the platform is reached."""
    name: str = "platform"
    at_once: bool = True

    @classmethod
    def parse(cls, text: str, address: str = "") -> "OwnAuthority":
        """Read base64 of PEM: the issuing key, its certificate, the root's. Raises ValueError."""
        pem = base64.b64decode(text, validate=True)
        key, certificates = load_pem_private_key(pem, password=None), x509.load_pem_x509_certificates(pem)
        if not isinstance(key, ec.EllipticCurvePrivateKey) or len(certificates) != len(("issuing", "root")):
            raise ValueError("an authority is a key, its certificate and that of the root")
        issuing, root = certificates
        if issuing.public_key() != key.public_key():
            raise ValueError("the authority's certificate is not that of its key")
        issuing.verify_directly_issued_by(root)
        return cls(key, issuing, root, address)

    @cached_property
    def chain(self) -> tuple[str, ...]:
        """What stands above every certificate."""
        return encoded(self.certificate), encoded(self.root)

    def issue(self, wanted: Wanted, now: datetime) -> Issued:
        """A certificate that is valid from now on, at most to the end of what was asked; ValueError for no request."""
        asked = x509.load_der_x509_csr(wanted.request)
        if not asked.is_signature_valid:
            raise ValueError("a request that its key did not sign")
        made = (
            _builder(asked.subject, self.certificate.subject, asked.public_key(), wanted.id.int, now)
            .not_valid_after(min(now + LIFE, wanted.not_after, self.certificate.not_valid_after_utc))
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signer=True), critical=True)
            .add_extension(x509.ExtendedKeyUsage([DOCUMENT_SIGNING]), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False)
            .add_extension(x509.CRLDistributionPoints([_point(self.address + wanted.crl)]), critical=False)
        )
        return Issued((encoded(made.sign(self.key, _HASH)), *self.chain))

    def revoke(self, serial: str, revoked: Revoked) -> None:
        """Nobody has to be told: the list is made of what the platform knows."""

    def status(self, serial: str) -> Revoked | None:
        """Good: what the platform revokes it knows already."""
        return None

    def revoked_list(self, path: str, revoked: Iterable[tuple[str, Revoked]], now: datetime) -> bytes:
        """The signed list (DER) of the revoked certificates of one tenant, by number, that is fetched at `path`."""
        scope = x509.IssuingDistributionPoint(
            [x509.UniformResourceIdentifier(self.address + path)], None, False, False, None, False, False
        )
        made = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.certificate.subject)
            .last_update(now)
            .next_update(now + CRL_LIFE)
            .add_extension(x509.CRLNumber(int(now.timestamp() * 1_000_000)), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False)
            .add_extension(scope, critical=True)
        )
        for serial, one in revoked:
            made = made.add_revoked_certificate(_entry(serial, one))
        return made.sign(self.key, _HASH).public_bytes(Encoding.DER)


def new_root(now: datetime) -> bytes:
    """A fresh root: its key and its certificate, PEM. To be kept offline."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = _named(ROOT_NAME)
    made = _authority(_builder(name, name, key.public_key(), x509.random_serial_number(), now), 1, now + ROOT_LIFE)
    return _pem(key) + made.sign(key, _HASH).public_bytes(Encoding.PEM)


def new_issuer(root: bytes, now: datetime) -> str:
    """A fresh issuing key under `root` (as `new_root` made it), as `OwnAuthority.parse` reads it; raises ValueError."""
    above, key = load_pem_private_key(root, password=None), ec.generate_private_key(ec.SECP256R1())
    certificate = x509.load_pem_x509_certificate(root)
    if not isinstance(above, ec.EllipticCurvePrivateKey) or above.public_key() != certificate.public_key():
        raise ValueError("a root is a key and its certificate")
    named = _builder(_named(ISSUING_NAME), certificate.subject, key.public_key(), x509.random_serial_number(), now)
    identified = x509.AuthorityKeyIdentifier.from_issuer_public_key(above.public_key())
    made = _authority(named, 0, now + ISSUING_LIFE).add_extension(identified, critical=False).sign(above, _HASH)
    pems = _pem(key) + made.public_bytes(Encoding.PEM) + certificate.public_bytes(Encoding.PEM)
    return base64.b64encode(pems).decode()


def _builder(
    subject: x509.Name, issuer: x509.Name, key: CertificatePublicKeyTypes, serial: int, now: datetime
) -> x509.CertificateBuilder:
    made = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key)
    identifier = x509.SubjectKeyIdentifier.from_public_key(key)
    return made.serial_number(serial).not_valid_before(now).add_extension(identifier, critical=False)


def _authority(made: x509.CertificateBuilder, below: int, until: datetime) -> x509.CertificateBuilder:
    limits = x509.BasicConstraints(ca=True, path_length=below)
    return made.not_valid_after(until).add_extension(limits, critical=True).add_extension(_usage(), critical=True)


def _usage(*, signer: bool = False) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=signer, content_commitment=signer, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=not signer, crl_sign=not signer, encipher_only=False, decipher_only=False,
    )  # fmt: skip


def _point(url: str) -> x509.DistributionPoint:
    return x509.DistributionPoint([x509.UniformResourceIdentifier(url)], None, None, None)


def _entry(serial: str, revoked: Revoked) -> x509.RevokedCertificate:
    made = x509.RevokedCertificateBuilder().serial_number(int(serial, 16)).revocation_date(revoked.at)
    flag = _FLAGS.get(revoked.reason)
    return (made.add_extension(x509.CRLReason(flag), critical=False) if flag else made).build()


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
