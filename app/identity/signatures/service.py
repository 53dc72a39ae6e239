"""Making and ending signing keys, signing with one's own, checking anybody's."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.dialects.postgresql import insert

from app.core.errors import Forbidden, NotFound, WrongState
from app.core.ids import MalformedId, PublicId, new_id
from app.core.journal.record import record
from app.core.scope import Scope
from app.core.unit import Caller, Effect, Unit, run
from app.identity.credentials import STAFF
from app.identity.signatures import es256
from app.identity.signatures.models import SigningKey

SIGNING_KEY_ID = "sgk"
ACTIVE = "active"
REVOKED = "revoked"
_CHECKS: Mapping[str, Callable[[dict[str, Any], str, bytes], bool]] = {es256.ALGORITHM: es256.holds}


@dataclass(frozen=True)
class Signature:
    """A signature with everything that is needed to check it."""

    algorithm: str
    key_id: str
    """The public id of the key."""
    public_key: dict[str, Any] = field(repr=False)
    value: str = field(repr=False)
    """Base64url without padding."""
    signed_at: datetime


def sign(unit: Unit, staff_id: uuid.UUID, content: bytes) -> Signature:
    """Sign `content` with the active key of a member of the unit's tenant, which is held until the unit ends.

    Raises WrongState `no_signing_key`.
    """
    query = unit.select(SigningKey).where(SigningKey.staff_id == staff_id, SigningKey.state == ACTIVE)
    key = unit.first(query.with_for_update(read=True))
    if key is None:
        raise WrongState("make a signing key first", code="no_signing_key")
    value = es256.sign(unit.cipher.open(key.private_key, _place(unit.scope, key.id)), content)
    return Signature(key.algorithm, str(public_id(key)), key.public_key, value, unit.now)


def verify(signature: Signature, content: bytes) -> bool:
    """Whether `signature` is one of exactly `content`; False for an unknown algorithm. Pure."""
    check = _CHECKS.get(signature.algorithm)
    return check is not None and check(signature.public_key, signature.value, content)


def make(scope: Scope, by: Caller, effect: Effect | None = None) -> SigningKey:
    """Make a key for the member of the staff who asks; raises Forbidden for a client, WrongState `signing_key_exists`.

    The private part never leaves the platform.
    """
    owner = staff_of(by)

    def work(opened: Unit) -> SigningKey:
        key = _new(opened, owner)
        if key is None:
            raise WrongState("revoke the former key first", code="signing_key_exists")
        record(opened, "signing_key.made", public_id(key), 1, {"algorithm": key.algorithm, "staff": by.actor})
        return key

    return run(scope, work, by, effect=effect)


def revoke(known: PublicId, by: Caller, *, of_all: bool, effect: Effect | None = None) -> SigningKey:
    """End a key, one's own or, with `of_all`, anybody's; what it signed before stays signed.

    Raises NotFound, Forbidden, WrongState where it was revoked.
    """

    def work(opened: Unit) -> SigningKey:
        key = opened.get(SigningKey, known.id, lock=True)
        if key is None:
            raise NotFound
        if not of_all and key.staff_id != staff_of(by):
            raise Forbidden("only its owner and an administrator can revoke a key")
        if key.state == REVOKED:
            raise WrongState("the key was revoked before", code="signing_key_revoked")
        key.state, key.revoked_at, key.version = REVOKED, opened.now, key.version + 1
        record(opened, "signing_key.revoked", known, key.version, {"algorithm": key.algorithm})
        return key

    return run(known.scope, work, by, effect=effect)


def public_id(key: SigningKey) -> PublicId:
    """A key's public id."""
    return PublicId(SIGNING_KEY_ID, Scope.for_tenant(key.tenant_id), key.id)


def staff_of(by: Caller) -> uuid.UUID:
    """The affiliation that acts; raises Forbidden for a client of the tenant."""
    kind, _, name = by.actor.partition(":")
    try:
        return PublicId.parse(name, STAFF).id
    except MalformedId:
        raise Forbidden(f"a {kind} signs nothing") from None


def _new(opened: Unit, owner: uuid.UUID) -> SigningKey | None:
    """A fresh key; None where there is an active one."""
    id, (private, public) = new_id(), es256.new_key()
    row = {
        "tenant_id": opened.scope.require_tenant(), "id": id, "staff_id": owner, "algorithm": es256.ALGORITHM,
        "public_key": public, "private_key": opened.cipher.seal(private, _place(opened.scope, id)), "state": ACTIVE,
        "created_at": opened.now, "version": 1,
    }  # fmt: skip
    opened.session.execute(insert(SigningKey).values(row).on_conflict_do_nothing())
    return opened.get(SigningKey, id)


def _place(scope: Scope, key_id: uuid.UUID) -> str:
    return f"tenant:{scope.require_tenant()}/signing_keys/private_key/{key_id}"
