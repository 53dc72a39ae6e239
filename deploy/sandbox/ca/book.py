"""What the certificate authority has issued and revoked."""

from __future__ import annotations

import base64
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from deploy.sandbox.server import Refusal

LIFE = timedelta(days=365)
NAME = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Sandbox Signing Root")])
_HASH = SHA256()


class Book:
    """Certificates by the caller's id, and the numbers of those that are revoked."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._root = self._certificate(NAME, self._key.public_key(), _now() + 10 * LIFE, is_root=True)
        self._made: dict[str, x509.Certificate] = {}
        self._revoked: dict[str, dict[str, str]] = {}
        self.root = base64.b64encode(self._root.public_bytes(Encoding.PEM)).decode()

    @property
    def made(self) -> int:
        """How many certificates there are."""
        return len(self._made)

    def issued(self, asked: Any) -> list[str]:
        """The chain for a request, the same for the same id; raises Refusal."""
        try:
            request = x509.load_der_x509_csr(base64.b64decode(asked["request"], validate=True))
            until = min(_now() + LIFE, datetime.fromisoformat(asked["not_after"]))
            known = str(asked["id"])
        except (KeyError, TypeError, ValueError) as error:
            raise Refusal("malformed_request") from error
        if not request.is_signature_valid:
            raise Refusal("key_not_proved")
        with self._lock:
            if known not in self._made:
                self._made[known] = self._certificate(request.subject, request.public_key(), until)
            return self._chain(self._made[known])

    def of_another(self) -> list[str]:
        """A certificate that nobody asked for."""
        return self._chain(self._certificate(NAME, ec.generate_private_key(ec.SECP256R1()).public_key(), _now() + LIFE))

    def revoke(self, told: Any) -> None:
        """Revoke a certificate of ours by its number; raises Refusal."""
        try:
            serial = format(int(told["serial"], 16), "x")
        except (KeyError, TypeError, ValueError) as error:
            raise Refusal("malformed_request") from error
        if serial not in {format(one.serial_number, "x") for one in self._made.values()}:
            raise Refusal("unknown_certificate")
        at, reason = told.get("at", _now().isoformat()), told.get("reason", "key_compromise")
        self._revoked.setdefault(serial, {"status": "revoked", "at": at, "reason": reason})

    def status(self, serial: str) -> dict[str, str]:
        """What is to be said of the certificate with that number."""
        return self._revoked.get(serial, {"status": "good"})

    def _chain(self, first: x509.Certificate) -> list[str]:
        return [base64.b64encode(one.public_bytes(Encoding.DER)).decode() for one in (first, self._root)]

    def _certificate(
        self, name: x509.Name, key: CertificatePublicKeyTypes, until: datetime, *, is_root: bool = False
    ) -> x509.Certificate:
        made = x509.CertificateBuilder().subject_name(name).issuer_name(NAME).public_key(key)
        made = made.serial_number(x509.random_serial_number()).not_valid_before(_now()).not_valid_after(until)
        made = made.add_extension(x509.BasicConstraints(ca=is_root, path_length=None), critical=True)
        return made.add_extension(_usage(is_root=is_root), critical=True).sign(self._key, _HASH)


def _usage(*, is_root: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not is_root, content_commitment=not is_root, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=is_root, crl_sign=is_root, encipher_only=False, decipher_only=False,
    )  # fmt: skip


def _now() -> datetime:
    return datetime.now(UTC) - timedelta(seconds=1)
