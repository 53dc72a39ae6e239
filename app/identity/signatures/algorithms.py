"""The algorithms of signatures, by the name that stands beside every value: a later one joins the former ones here.

SM2 with SM3 (GM/T 0003, GM/T 0004) would be another entry; nothing that was signed before changes then. Pure.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.hashes import SHA256

from app.identity.signatures import es256


@dataclass(frozen=True)
class Algorithm:
    """How one algorithm makes keys, signs and checks."""

    name: str
    """As JWS names it (RFC 7518)."""
    digest: str
    """The digest within it, as `hashlib` names it."""
    certificate_hash: SHA256
    """The same digest, for what is signed with such a key in X.509."""
    new_key: Callable[[], tuple[bytes, dict[str, str]]]
    """A private part as PKCS 8 bytes, and the public one as a JWK."""
    sign: Callable[[bytes, bytes], str]
    """The signature by a private part of some content."""
    holds: Callable[[dict[str, Any], str, bytes], bool]
    """Whether a public part's signature is one of some content."""


ES256 = Algorithm(es256.ALGORITHM, "sha256", SHA256(), es256.new_key, es256.sign, es256.holds)
ALGORITHMS: Mapping[str, Algorithm] = {one.name: one for one in (ES256,)}
"""Those that are known; what another one signed does not hold."""
NEWEST = ES256
"""With which new keys are made."""
