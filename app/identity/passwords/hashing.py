"""argon2id (RFC 9106) by argon2-cffi: passwords to hashes and back, a few at a time.

19 MiB, two passes, one lane: the least that OWASP's Password Storage Cheat Sheet names, chosen because a process
verifies several at once: `MOST_AT_ONCE` of them take 76 MiB, however many people sign in. Others wait, and are told to
come back where that takes too long.
"""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from app.core.outside import Gate
from app.identity.credentials import new_secret

MEMORY_KIB = 19 * 1024
PASSES = 2
LANES = 1
MOST_AT_ONCE = 4
GATE = Gate(MOST_AT_ONCE, patience=2.0)
_HASHER = PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=LANES, hash_len=32, salt_len=16)


def hashed(password: str) -> str:
    """The hash of a normalized password, with its parameters and salt; raises TryLater where too many are made."""
    with GATE.passed():
        return _HASHER.hash(password)


def is_right(password: str, stored: str | None) -> bool:
    """Whether `stored` is the hash of `password`; None costs as much as a hash and is nobody's. Raises TryLater."""
    with GATE.passed():
        try:
            _HASHER.verify(stored or _nobodys(), password)
        except VerifyMismatchError:
            return False
    return stored is not None


def is_outdated(stored: str) -> bool:
    """Whether the hash was made with other parameters than new ones are."""
    return _HASHER.check_needs_rehash(stored)


@cache
def _nobodys() -> str:
    """The hash of something that nobody knows."""
    return _HASHER.hash(new_secret())
