"""Making time stamps, signed by a certificate under a root of its own."""

from __future__ import annotations

import base64
import hashlib
import itertools
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.asn1 import TLV, GeneralizedTime, SetOf, decode_der, encode_der
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from deploy.sandbox.server import Refusal
from deploy.sandbox.tsa import wire

POLICY = x509.ObjectIdentifier("1.3.6.1.4.1.32473.1")
"""Under the number that RFC 5612 keeps for examples."""
LIFE = timedelta(days=3650)
_HASH = hashes.SHA256()
_GRANTED, _REFUSED = 0, 2
_ECDSA = ec.ECDSA(_HASH)
_SHA256 = wire.Algorithm(name=wire.SHA256, parameters=None)


class Stamps:
    """An authority with a key and a root."""

    def __init__(self) -> None:
        now = datetime.now(UTC) - timedelta(minutes=1)
        above, self._key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
        root = _certificate("Sandbox Time Root", "Sandbox Time Root", above.public_key(), above, now)
        self._own = _certificate("Sandbox Time", "Sandbox Time Root", self._key.public_key(), above, now)
        self.root = base64.b64encode(root.public_bytes(Encoding.PEM)).decode()
        self._numbers = itertools.count(1)

    def reply(self, query: bytes, *, lie: bool) -> bytes:
        """The answer to a query (DER), a wrong one if it shall `lie`; raises Refusal for what is none."""
        try:
            asked = decode_der(wire.Query, query)
        except ValueError as error:
            raise Refusal("send a time-stamp query") from error
        info = wire.Info(
            version=1, policy=POLICY, number=next(self._numbers), at=GeneralizedTime(datetime.now(UTC)),
            imprint=wire.Imprint(by=_SHA256, digest=bytes(32)) if lie else asked.imprint, nonce=asked.nonce,
        )  # fmt: skip
        return _reply(_GRANTED, self._token(encode_der(info)))

    def refusal(self) -> bytes:
        """An answer without a stamp."""
        return _reply(_REFUSED, None)

    def _token(self, content: bytes) -> wire.Token:
        signed = wire.Signed(
            version=3, digests=SetOf([_SHA256]), content=wire.Content(kind=wire.TST_INFO, content=content),
            certificates=[self._own], signers=SetOf([self._signer(content)]),
        )  # fmt: skip
        return wire.Token(kind=wire.SIGNED_DATA, signed=signed)

    def _signer(self, content: bytes) -> wire.Signer:
        named = wire.Certificates(named=[wire.Named(digest=self._own.fingerprint(_HASH))])
        said = [
            _attribute(wire.CONTENT_TYPE, encode_der(wire.TST_INFO)),
            _attribute(wire.MESSAGE_DIGEST, encode_der(hashlib.sha256(content).digest())),
            _attribute(wire.SIGNING_CERTIFICATE_V2, encode_der(named)),
        ]
        issuer = decode_der(TLV, self._own.issuer.public_bytes())
        return wire.Signer(
            version=1, whose=wire.IssuerAndSerial(issuer=issuer, serial=self._own.serial_number), digest=_SHA256,
            attributes=SetOf(said), how=wire.Algorithm(name=wire.ECDSA_SHA256, parameters=None),
            signature=self._key.sign(wire.to_be_signed(said), _ECDSA),
        )  # fmt: skip


def _reply(code: int, token: wire.Token | None) -> bytes:
    return encode_der(wire.Reply(status=wire.Status(code=code, text=None), token=token))


def _attribute(kind: x509.ObjectIdentifier, value: bytes) -> wire.Attribute:
    return wire.Attribute(kind=kind, values=SetOf([decode_der(TLV, value)]))


def _certificate(
    name: str, issuer: str, key: ec.EllipticCurvePublicKey, by: ec.EllipticCurvePrivateKey, now: datetime
) -> x509.Certificate:
    is_root = name == issuer
    made = (
        x509.CertificateBuilder().subject_name(_name(name)).issuer_name(_name(issuer)).public_key(key)
        .serial_number(x509.random_serial_number()).not_valid_before(now).not_valid_after(now + LIFE)
        .add_extension(x509.BasicConstraints(ca=is_root, path_length=0 if is_root else None), critical=True)
        .add_extension(_usage(is_root=is_root), critical=True)
    )  # fmt: skip
    if not is_root:
        made = made.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
    return made.sign(by, _HASH)


def _usage(*, is_root: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not is_root, content_commitment=not is_root, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=is_root, crl_sign=is_root, encipher_only=False, decipher_only=False,
    )  # fmt: skip


def _name(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
