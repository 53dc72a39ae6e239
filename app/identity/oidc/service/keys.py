"""The keys that sign ID tokens: ES256, encrypted at rest, replaced by command.

The ring is one row. Its newest key signs; a retired one stays published until the last token that it signed has ended,
and is known somewhat longer for what is shown at sign-out.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet
from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from app.core.ids import new_id
from app.core.scope import Scope
from app.core.unit import Unit, database, run, unit
from app.identity.oidc.models import KeyRing
from app.identity.oidc.rules import ID_TOKEN_LIFE, KEY_KEPT, LEEWAY

ALGORITHM = "ES256"
RING = "0" * 32
"""The key of the one row."""
_SCOPE = Scope.for_key(KeyRing.__tablename__, RING)
_PUBLISHED = int((ID_TOKEN_LIFE + LEEWAY).total_seconds())
Entry = dict[str, Any]


@dataclass(frozen=True)
class Signer:
    """The key that signs now."""

    kid: str
    key: ECKey = field(repr=False)


def sign(claims: Mapping[str, Any]) -> str:
    """`claims` as a JWT of the platform's newest key; the first call ever makes that key."""
    signer = _signer(_ring()[-1])
    return jwt.encode({"alg": ALGORITHM, "typ": "JWT", "kid": signer.kid}, dict(claims), signer.key, [ALGORITHM])


def published() -> dict[str, Any]:
    """The JWK set (RFC 7517) that everybody may read."""
    now = int(database().clock.now().timestamp())
    living = [one for one in _ring() if one["retired_at"] is None or one["retired_at"] + _PUBLISHED > now]
    return {"keys": [_shown(one) for one in living]}


def claims_of(text: str) -> dict[str, Any] | None:
    """The claims of an ID token that this platform signed, however old; None for every other text."""
    known = KeySet.import_key_set({"keys": [_shown(one) for one in _ring()]})
    try:
        return dict(jwt.decode(text, known, algorithms=[ALGORITHM]).claims)
    except (JoseError, ValueError, TypeError):
        return None


def rotate() -> str:
    """Sign with a fresh key from now on; returns its `kid`."""

    def work(opened: Unit) -> str:
        ring = _locked(opened)
        now = int(opened.now.timestamp())
        kept = [one for one in ring if not _is_over(one, now)]
        retired = [{**one, "retired_at": one["retired_at"] or now} for one in kept]
        fresh = _fresh(opened, opened.now)
        values = {"keys": [*retired, fresh]}
        opened.session.execute(update(KeyRing).where(KeyRing.key == RING).values(values))
        return str(fresh["kid"])

    _ring()
    return run(_SCOPE, work)


def _ring() -> list[Entry]:
    """Every key that is known, oldest first; the first one is made here."""
    with unit(_SCOPE) as reading:
        row = reading.first(reading.select(KeyRing))
    return list(row.keys) if row else run(_SCOPE, _begun)


def _begun(opened: Unit) -> list[Entry]:
    """The ring, made where nobody else just did."""
    first = insert(KeyRing).values(key=RING, keys=[_fresh(opened, opened.now)])
    opened.session.execute(first.on_conflict_do_nothing(index_elements=["key"]))
    return _locked(opened)


def _locked(opened: Unit) -> list[Entry]:
    return list(opened.session.scalars(opened.select(KeyRing).with_for_update()).one().keys)


def _fresh(opened: Unit, now: datetime) -> Entry:
    kid = new_id().hex
    key = ECKey.generate_key("P-256")
    private = opened.cipher.seal(key.as_der(private=True), _place(kid))
    public = {
        name: str(value) for name, value in key.as_dict(private=False).items() if name in ("kty", "crv", "x", "y")
    }
    return {
        "kid": kid, "public": public, "private": private.hex(), "made_at": int(now.timestamp()), "retired_at": None,
    }  # fmt: skip


def _is_over(one: Entry, now: int) -> bool:
    return one["retired_at"] is not None and one["retired_at"] + int(KEY_KEPT.total_seconds()) < now


def _signer(one: Entry) -> Signer:
    private = database().cipher.open(bytes.fromhex(one["private"]), _place(one["kid"]))
    return Signer(one["kid"], ECKey.import_key(private))


def _shown(one: Entry) -> dict[str, Any]:
    return {**one["public"], "kid": one["kid"], "use": "sig", "alg": ALGORITHM}


def _place(kid: str) -> str:
    return f"platform/oidc_key_rings/keys/{kid}"
