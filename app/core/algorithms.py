"""Algorithms of field encryption: each has a number that stands first in what it sealed, so that several stand side
by side, and a length of its keys that no other has.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_TAG = 16


class Encrypt(Protocol):
    """Seals and opens with one key; `nonce` has 12 bytes and is never used twice with a key."""

    def __init__(self, key: bytes) -> None: ...

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes) -> bytes:
        """The ciphertext with its tag behind it."""
        ...

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes) -> bytes:
        """What was sealed; raises InvalidTag."""
        ...


class Sm4Gcm:
    """SM4 (GB/T 32907-2016) in Galois/counter mode, as RFC 8998 uses it."""

    def __init__(self, key: bytes) -> None:
        """With a key of 128 bits."""
        self._key = algorithms.SM4(key)

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes) -> bytes:
        """The ciphertext with its tag behind it."""
        sealing = Cipher(self._key, modes.GCM(nonce)).encryptor()
        sealing.authenticate_additional_data(associated_data)
        return sealing.update(data) + sealing.finalize() + sealing.tag

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes) -> bytes:
        """What was sealed; raises InvalidTag."""
        if len(data) < _TAG:
            raise InvalidTag
        opening = Cipher(self._key, modes.GCM(nonce, data[-_TAG:])).decryptor()
        opening.authenticate_additional_data(associated_data)
        return opening.update(data[:-_TAG]) + opening.finalize()


@dataclass(frozen=True)
class Algorithm:
    """How a key of `key_length` bytes seals; `name` is how a key ring writes it."""

    number: int
    name: str
    key_length: int
    encrypt: type[Encrypt]


AES_256_GCM = Algorithm(1, "aes", 32, AESGCM)
SM4_GCM = Algorithm(2, "sm4", 16, Sm4Gcm)
BY_LENGTH: Mapping[int, Algorithm] = {one.key_length: one for one in (AES_256_GCM, SM4_GCM)}
BY_NAME: Mapping[str, Algorithm] = {one.name: one for one in (AES_256_GCM, SM4_GCM)}
