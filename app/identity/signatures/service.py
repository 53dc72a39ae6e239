"""Making and ending signing keys, signing with one's own, checking anybody's."""

import uuid
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
from app.identity.signatures.algorithms import ALGORITHMS, NEWEST
from app.identity.signatures.authority import Reason, certifying
from app.identity.signatures.certificates import revoke_of_key, valid_now, want
from app.identity.signatures.certifying import certify
from app.identity.signatures.content import private_part, sealed_private
from app.identity.signatures.models import SigningKey
from app.identity.signatures.names import ACTIVE, REVOKED, public_id
from app.identity.signatures.stamps.stamping import want_stamp


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

    Raises WrongState `no_signing_key`, and `no_certificate` where none of the key holds now.
    """
    query = unit.select(SigningKey).where(SigningKey.staff_id == staff_id, SigningKey.state == ACTIVE)
    key = unit.first(query.with_for_update(read=True))
    if key is None:
        raise WrongState("make a signing key first", code="no_signing_key")
    if valid_now(unit, key.id) is None:
        raise WrongState("no certificate of your key holds now: ask for one", code="no_certificate")
    value = ALGORITHMS[key.algorithm].sign(private_part(unit, key), content)
    want_stamp(unit, value)
    return Signature(key.algorithm, str(public_id(key)), key.public_key, value, unit.now)


def verify(signature: Signature, content: bytes) -> bool:
    """Whether `signature` is one of exactly `content`; False for an unknown algorithm. Pure."""
    known = ALGORITHMS.get(signature.algorithm)
    return known is not None and known.holds(signature.public_key, signature.value, content)


def make(scope: Scope, by: Caller, effect: Effect | None = None) -> SigningKey:
    """Make a key for the member of the staff who asks; raises Forbidden for a client, WrongState `signing_key_exists`.

    The private part never leaves the platform. The authority is asked for a certificate: the platform's own answers at
    once, another one by and by.
    """
    owner = staff_of(by)

    def work(opened: Unit) -> SigningKey:
        key = _new(opened, owner)
        if key is None:
            raise WrongState("revoke the former key first", code="signing_key_exists")
        record(opened, "signing_key.made", public_id(key), 1, {"algorithm": key.algorithm, "staff": by.actor})
        want(opened, key)
        return key

    key = run(scope, work, by, effect=effect)
    if certifying().authority.at_once:
        certify(scope)
    return key


def revoke(known: PublicId, reason: Reason, by: Caller, *, of_all: bool, effect: Effect | None = None) -> SigningKey:
    """End a key, one's own or, with `of_all`, anybody's, and its certificates; what it signed before stays signed.

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
        _end(opened, key, reason)
        return key

    return run(known.scope, work, by, effect=effect)


def revoke_of(opened: Unit, staff_id: uuid.UUID, reason: Reason) -> None:
    """End the active key of a member who signs no more, if they have one."""
    query = opened.select(SigningKey).where(SigningKey.staff_id == staff_id, SigningKey.state == ACTIVE)
    key = opened.first(query.with_for_update())
    if key is not None:
        _end(opened, key, reason)


def staff_of(by: Caller) -> uuid.UUID:
    """The affiliation that acts; raises Forbidden for a client of the tenant."""
    kind, _, name = by.actor.partition(":")
    try:
        return PublicId.parse(name, STAFF).id
    except MalformedId:
        raise Forbidden(f"a {kind} signs nothing") from None


def _new(opened: Unit, owner: uuid.UUID) -> SigningKey | None:
    """A fresh key; None where there is an active one."""
    id, (private, public) = new_id(), NEWEST.new_key()
    row = {
        "tenant_id": opened.scope.require_tenant(), "id": id, "staff_id": owner, "algorithm": NEWEST.name,
        "public_key": public, "private_key": sealed_private(opened, id, private), "state": ACTIVE,
        "created_at": opened.now, "version": 1,
    }  # fmt: skip
    opened.session.execute(insert(SigningKey).values(row).on_conflict_do_nothing())
    return opened.get(SigningKey, id)


def _end(opened: Unit, key: SigningKey, reason: Reason) -> None:
    key.state, key.revoked_at, key.version = REVOKED, opened.now, key.version + 1
    facts = {"algorithm": key.algorithm, "reason": reason.value}
    record(opened, "signing_key.revoked", public_id(key), key.version, facts)
    revoke_of_key(opened, key, reason)
