"""Keys of checkpoints and what they sign: a compact JWS (RFC 7515), so that anybody can check it with the public key.

The private key is given to workers from outside the database, as the key ring of field encryption is; to check, the
public one is enough.
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson
import rfc8785
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from app.core.journal.text import instant
from app.core.scope import Scope

ALGORITHM = "ES256"
"""Written into every checkpoint; another one stands beside it when there is a key of another kind."""
CURVE = "P-256"
TYPE = "checkpoint+jws"
VERSION = 1


class NotSigned(Exception):
    """A text that is no checkpoint: its signature does not hold, or its key is not known."""


@dataclass(frozen=True)
class Vouched:
    """What a checkpoint says: at `at`, the chain of `scope` had the entry `seq` with that hash."""

    scope: Scope
    seq: int
    hash: str
    at: datetime


@dataclass(frozen=True)
class CheckpointKeys:
    """A ring of keys by number: the highest signs, all of them check. Those that only check may be public ones."""

    keys: Mapping[str, ECKey] = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse an empty ring, and keys of another kind."""
        if not self.keys or any(key.curve_name != CURVE for key in self.keys.values()):
            raise ValueError("a ring of checkpoint keys holds at least one key, all of curve P-256")

    @classmethod
    def parse(cls, text: str) -> "CheckpointKeys":
        """Read a ring written as `1:<base64>,2:<base64>` of DER (PKCS 8, or public: RFC 5280); raises ValueError."""
        try:
            pairs = [part.split(":", 1) for part in text.split(",")]
            keys = {str(int(number)): _key(base64.b64decode(value, validate=True)) for number, value in pairs}
        except (binascii.Error, ValueError, JoseError) as error:
            raise ValueError("malformed ring of checkpoint keys") from error
        if len(keys) != len(pairs):
            raise ValueError("a number stands twice in the ring of checkpoint keys")
        return cls(keys)

    @property
    def signer(self) -> str:
        """The number of the key that signs."""
        return max(self.keys, key=int)

    @property
    def can_sign(self) -> bool:
        """Whether the newest key is a private one."""
        return bool(self.keys[self.signer].is_private)

    def sign(self, vouched: Vouched) -> str:
        """The checkpoint that says `vouched`."""
        said: dict[str, Any] = {
            "v": VERSION, "scope": str(vouched.scope), "seq": vouched.seq, "hash": vouched.hash,
            "at": instant(vouched.at),
        }  # fmt: skip
        header = {"alg": ALGORITHM, "kid": self.signer, "typ": TYPE}
        return jws.serialize_compact(header, rfc8785.dumps(said), self.keys[self.signer], algorithms=[ALGORITHM])

    def read(self, signed: str) -> Vouched:
        """What the checkpoint says; raises NotSigned."""
        try:
            number = jws.extract_compact(signed.encode()).headers()["kid"]
            read = jws.deserialize_compact(signed, self.keys[number], algorithms=[ALGORITHM])
            return _vouched(read.headers(), orjson.loads(read.payload))
        except (JoseError, KeyError, TypeError, ValueError) as error:
            raise NotSigned("no checkpoint of a known key") from error


def _key(der: bytes) -> ECKey:
    return ECKey.import_key(der)


def _vouched(header: Mapping[str, Any], said: Mapping[str, Any]) -> Vouched:
    if (header["typ"], said["v"]) != (TYPE, VERSION):
        raise ValueError("signed, and no checkpoint")
    at = datetime.strptime(said["at"], "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
    return Vouched(Scope.parse(said["scope"]), said["seq"], said["hash"], at)
