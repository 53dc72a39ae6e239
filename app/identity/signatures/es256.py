"""ES256 (RFC 7518, section 3.4): ECDSA over P-256 with SHA-256; the signature is r and s, 32 bytes each. Pure."""

import base64
import binascii
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)

ALGORITHM = "ES256"
_SIZE = 32
_ECDSA = ec.ECDSA(SHA256())


def new_key() -> tuple[bytes, dict[str, str]]:
    """A fresh key: the private part as PKCS 8 bytes, the public one as a JWK."""
    key = ec.generate_private_key(ec.SECP256R1())
    public = key.public_key().public_numbers()
    jwk = {"kty": "EC", "crv": "P-256", "x": _text(_bytes(public.x)), "y": _text(_bytes(public.y))}
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()), jwk


def sign(private_key: bytes, content: bytes) -> str:
    """The signature of `content`, as base64url without padding; raises ValueError for bytes that are no such key."""
    key = load_der_private_key(private_key, password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise ValueError("not a key of this algorithm")
    r, s = decode_dss_signature(key.sign(content, _ECDSA))
    return _text(_bytes(r) + _bytes(s))


def holds(public_key: dict[str, Any], value: str, content: bytes) -> bool:
    """Whether `value` is a signature of exactly `content` by the owner of `public_key`, however malformed both are."""
    try:
        raw = _raw(value)
        numbers = ec.EllipticCurvePublicNumbers(_number(public_key["x"]), _number(public_key["y"]), ec.SECP256R1())
        if (public_key["kty"], public_key["crv"], len(raw)) != ("EC", "P-256", 2 * _SIZE):
            return False
        der = encode_dss_signature(int.from_bytes(raw[:_SIZE], "big"), int.from_bytes(raw[_SIZE:], "big"))
        numbers.public_key().verify(der, content, _ECDSA)
    except (InvalidSignature, ValueError, KeyError, TypeError, binascii.Error):
        return False
    return True


def _bytes(number: int) -> bytes:
    return number.to_bytes(_SIZE, "big")


def _number(text: str) -> int:
    return int.from_bytes(_raw(text), "big")


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _raw(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
