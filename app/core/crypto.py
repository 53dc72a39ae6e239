"""Encryption of what the database must not be able to read, with versioned keys: AES-256-GCM, or SM4-GCM.

What is sealed begins with the number of its algorithm and the version of its key. The associated data names the place
(scope, table, column), so that a ciphertext moved elsewhere does not open.
"""

import base64
import binascii
import hashlib
import hmac
import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag

from app.core.algorithms import AES_256_GCM, BY_LENGTH, BY_NAME

HEADER = 3
"""How many bytes at the beginning say by which algorithm, and which key, what follows was sealed."""
_NONCE = 12
_LAST_VERSION = 2**16 - 1
KEY_LENGTH = 32


class CannotDecrypt(Exception):
    """The ciphertext was altered, moved to another place, or made with a key that is not in the ring."""


def version_of(sealed: bytes) -> int:
    """The version of the key that sealed what begins with these bytes; 0 where nothing did."""
    return int.from_bytes(sealed[1:HEADER], "big") if len(sealed) >= HEADER else 0


@dataclass(frozen=True)
class Cipher:
    """Seals and opens small values with one key of a ring, the newest unless another is named; the others only open."""

    keys: Mapping[int, bytes] = field(repr=False)
    sealing: int | None = None
    """The version that seals while a newer one is only made known: processes that run must be able to open it first."""

    def __post_init__(self) -> None:
        """Refuse an empty ring, keys of a length that no algorithm has, and versions that two bytes cannot hold."""
        if not self.keys or any(len(key) not in BY_LENGTH for key in self.keys.values()):
            raise ValueError("a key ring holds at least one key of 32 bytes, or 16 for SM4")
        if not all(0 < version <= _LAST_VERSION for version in self.keys):
            raise ValueError("a key's version is a number from 1 to 65535")
        if self.sealing is not None and self.sealing not in self.keys:
            raise ValueError("the key that seals is not in the ring")

    @classmethod
    def parse(cls, text: str, sealing: int | None = None) -> "Cipher":
        """Read a ring written as `1:<base64>,2:<base64>`, for SM4 `3:sm4:<base64>`; raises ValueError."""
        try:
            pairs = [part.split(":", 1) for part in text.split(",")]
            ring = cls({int(version): _key(kept) for version, kept in pairs}, sealing)
        except (binascii.Error, ValueError) as error:
            raise ValueError("malformed key ring") from error
        if len(ring.keys) != len(pairs):
            raise ValueError("a version stands twice in the key ring")
        return ring

    @property
    def sealer(self) -> int:
        """The version of the key that seals."""
        return self.sealing or max(self.keys)

    def seal(self, plain: bytes, place: str) -> bytes:
        """Encrypt `plain` for `place`."""
        version = self.sealer
        nonce = os.urandom(_NONCE)
        key = self.keys[version]
        algorithm = BY_LENGTH[len(key)]
        header = bytes([algorithm.number]) + version.to_bytes(2, "big")
        return header + nonce + algorithm.encrypt(key).encrypt(nonce, plain, header + place.encode())

    def open(self, sealed: bytes, place: str) -> bytes:
        """Decrypt what `seal` made for the same `place`; raises CannotDecrypt."""
        header, nonce = sealed[:HEADER], sealed[HEADER : HEADER + _NONCE]
        key = self.keys.get(version_of(header))
        if len(sealed) <= HEADER + _NONCE or key is None or header[0] != BY_LENGTH[len(key)].number:
            raise CannotDecrypt(place)
        try:
            return BY_LENGTH[len(key)].encrypt(key).decrypt(nonce, sealed[HEADER + _NONCE :], header + place.encode())
        except InvalidTag as error:
            raise CannotDecrypt(place) from error


def _key(kept: str) -> bytes:
    """A key as a ring writes it, with the name of its algorithm unless it is AES; raises ValueError."""
    name, _, text = kept.rpartition(":")
    key = base64.b64decode(text, validate=True)
    algorithm = BY_NAME.get(name or AES_256_GCM.name)
    if algorithm is None or len(key) != algorithm.key_length:
        raise ValueError("a key that does not fit its algorithm")
    return key


@dataclass(frozen=True)
class BlindIndex:
    """Finds encrypted values: a keyed digest that is equal for equal values of the same kind, and says nothing else.

    Its key is apart from the key ring and never rotates by itself: every digest that is stored depends on it.
    """

    key: bytes = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse a key of another length than 256 bits."""
        if len(self.key) != KEY_LENGTH:
            raise ValueError("the blind index key has 32 bytes")

    @classmethod
    def parse(cls, text: str) -> "BlindIndex":
        """Read a key written as base64; raises ValueError."""
        try:
            return cls(base64.b64decode(text, validate=True))
        except binascii.Error as error:
            raise ValueError("malformed blind index key") from error

    def digest(self, kind: str, value: str) -> str:
        """The hexadecimal HMAC-SHA256 of `value`, different for each `kind` (`phone`, `identity_number`).

        Raises ValueError for a kind with a colon, whose digests could be those of another kind.
        """
        if ":" in kind:
            raise ValueError("a kind has no colon")
        return hmac.new(self.key, f"{kind}:{value}".encode(), hashlib.sha256).hexdigest()
