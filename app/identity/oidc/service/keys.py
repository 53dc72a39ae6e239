"""The keys that sign ID tokens: ES256, encrypted at rest, replaced by command.

The ring is one row. Its newest key signs; a retired one stays published until the last token that it signed has ended,
and is known somewhat longer for what is shown at sign-out.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet
from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from app.core.crypto import Cipher
from app.core.ids import new_id
from app.core.scope import Scope
from app.core.unit import Unit, database, run, unit
from app.identity.oidc.models import KeyRing
from app.identity.oidc.rules import ID_TOKEN_LIFE, KEY_KEPT, LEEWAY

ALGORITHM = "ES256"
RING = "0" * 32
"""The key of the one row."""
_SCOPE = Scope.for_key(KeyRing.__tablename__, RING)
_PLACE = f"{_SCOPE}/private/{RING}"
_PUBLISHED = int((ID_TOKEN_LIFE + LEEWAY).total_seconds())
Entry = dict[str, Any]
"""Of a key: `kid`, `public` (a JWK), `made_at`, `retired_at` (seconds)."""


@dataclass(frozen=True)
class Ring:
    """Every key that is known, oldest first, and their private halves, encrypted."""

    entries: list[Entry]
    private: bytes = field(repr=False)

    @classmethod
    def of(cls, row: KeyRing) -> "Ring":
        """What a row holds."""
        return cls(list(row.keys), row.private)

    def opened(self, cipher: Cipher) -> dict[str, str]:
        """The private halves by `kid`: DER, hexadecimal."""
        halves: dict[str, str] = orjson.loads(cipher.open(self.private, _PLACE))
        return halves


def sign(claims: Mapping[str, Any]) -> str:
    """`claims` as a JWT of the platform's newest key; the first call ever makes that key."""
    ring = _ring()
    kid = str(ring.entries[-1]["kid"])
    key = ECKey.import_key(bytes.fromhex(ring.opened(database().cipher)[kid]))
    return jwt.encode({"alg": ALGORITHM, "typ": "JWT", "kid": kid}, dict(claims), key, [ALGORITHM])


def published() -> dict[str, Any]:
    """The JWK set (RFC 7517) that everybody may read."""
    now = int(database().clock.now().timestamp())
    living = [one for one in _ring().entries if one["retired_at"] is None or one["retired_at"] + _PUBLISHED > now]
    return {"keys": [_shown(one) for one in living]}


def claims_of(text: str) -> dict[str, Any] | None:
    """The claims of an ID token that this platform signed, however old; None for every other text."""
    known = KeySet.import_key_set({"keys": [_shown(one) for one in _ring().entries]})
    try:
        return dict(jwt.decode(text, known, algorithms=[ALGORITHM]).claims)
    except (JoseError, ValueError, TypeError):
        return None


def rotate() -> str:
    """Sign with a fresh key from now on; returns its `kid`."""

    def work(opened: Unit) -> str:
        ring = _locked(opened)
        now = int(opened.now.timestamp())
        kept = [one for one in ring.entries if not _is_over(one, now)]
        retired = [{**one, "retired_at": one["retired_at"] or now} for one in kept]
        former = ring.opened(opened.cipher)
        fresh, private = _fresh(opened.now)
        halves = {one["kid"]: former[one["kid"]] for one in kept} | {fresh["kid"]: private}
        values = {"keys": [*retired, fresh], "private": _sealed(opened, halves)}
        opened.session.execute(update(KeyRing).where(KeyRing.key == RING).values(values))
        return str(fresh["kid"])

    _ring()
    return run(_SCOPE, work)


def _ring() -> Ring:
    """The ring; its first key is made here."""
    with unit(_SCOPE) as reading:
        row = reading.first(reading.select(KeyRing))
    return Ring.of(row) if row else run(_SCOPE, _begun)


def _begun(opened: Unit) -> Ring:
    """The ring, made where nobody else just did."""
    fresh, private = _fresh(opened.now)
    values = {"key": RING, "keys": [fresh], "private": _sealed(opened, {fresh["kid"]: private})}
    opened.session.execute(insert(KeyRing).values(values).on_conflict_do_nothing(index_elements=["key"]))
    return _locked(opened)


def _locked(opened: Unit) -> Ring:
    return Ring.of(opened.session.scalars(opened.select(KeyRing).with_for_update()).one())


def _sealed(opened: Unit, halves: Mapping[str, str]) -> bytes:
    return opened.cipher.seal(orjson.dumps(halves), _PLACE)


def _fresh(now: datetime) -> tuple[Entry, str]:
    """A new key's entry, and its private half."""
    kid, key = new_id().hex, ECKey.generate_key("P-256")
    public = {
        name: str(value) for name, value in key.as_dict(private=False).items() if name in ("kty", "crv", "x", "y")
    }
    entry = {"kid": kid, "public": public, "made_at": int(now.timestamp()), "retired_at": None}
    return entry, key.as_der(private=True).hex()


def _is_over(one: Entry, now: int) -> bool:
    return one["retired_at"] is not None and one["retired_at"] + int(KEY_KEPT.total_seconds()) < now


def _shown(one: Entry) -> dict[str, Any]:
    return {**one["public"], "kid": one["kid"], "use": "sig", "alg": ALGORITHM}
