"""Stamps of signatures: wanted in the unit that signs, fetched by the worker, so that nobody waits for an authority."""

import hashlib
import secrets
from collections.abc import Collection, Mapping
from datetime import timedelta
from functools import partial

import structlog

from app.core.ids import PublicId, new_id
from app.core.journal.record import Facts, record
from app.core.scope import Scope
from app.core.timers import Timer
from app.core.unit import Unit, run
from app.identity.signatures.authority import certifying
from app.identity.signatures.models import SignatureStamp
from app.identity.signatures.stamps.connector import StampAuthority, StampUnavailable
from app.identity.signatures.stamps.tokens import Stamped

STAMP_ID = "sgt"
LEASE = timedelta(minutes=1)
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(hours=1)
DOUBLINGS = 10
MISSED_AFTER = timedelta(days=1)
"""A signature that is not stamped by then is an alarm, at each further try."""
NONCE_BITS = 63
log = structlog.get_logger()


def want_stamp(opened: Unit, value: str) -> None:
    """Let the signature `value` be stamped, where this platform has a time-stamp authority."""
    if certifying().stamps is not None:
        opened.add(
            SignatureStamp(
                id=new_id(), digest=digest_of(value), tries=0, due_at=opened.now, created_at=opened.now, version=0
            )
        )


def digest_of(value: str) -> str:
    """What of a signature is stamped: the SHA-256 of its text, hexadecimal."""
    return hashlib.sha256(value.encode()).hexdigest()


def stamps_of(opened: Unit, values: Collection[str]) -> Mapping[str, bytes]:
    """The stamps that the unit's tenant has of these signatures, by digest."""
    digests = sorted(map(digest_of, values))
    found = opened.all(opened.select(SignatureStamp).where(SignatureStamp.digest.in_(digests)))
    return {row.digest: row.token for row in found if row.token is not None}


def stamp(scope: Scope) -> int:
    """Fetch the stamps that are due in a tenant; returns how many questions that took."""
    authority, done = certifying().stamps, 0
    while authority is not None and (row := run(scope, _lease)) is not None:
        _fetch(authority, scope, row)
        done += 1
    return done


STAMPING = Timer("stamp-signatures", (SignatureStamp,), stamp, asks=True)


def _lease(opened: Unit) -> SignatureStamp | None:
    due = opened.select(SignatureStamp).where(SignatureStamp.due_at <= opened.now)
    row = opened.first(due.order_by(SignatureStamp.due_at).with_for_update(skip_locked=True))
    if row is not None:
        row.due_at, row.tries = opened.now + LEASE, row.tries + 1
    return row


def _fetch(authority: StampAuthority, scope: Scope, row: SignatureStamp) -> None:
    try:
        made = authority.stamp(bytes.fromhex(row.digest), secrets.randbits(NONCE_BITS))
    except StampUnavailable as silent:
        run(scope, partial(_put_off, known=row, why=str(silent)))
    else:
        run(scope, partial(_keep, known=row, made=made))


def _keep(opened: Unit, known: SignatureStamp, made: Stamped) -> None:
    row = opened.get(SignatureStamp, known.id, lock=True)
    if row is None or row.token is not None:
        return
    row.token, row.stamped_at, row.due_at, row.version = made.token, made.at, None, 1
    facts: Facts = {"digest": row.digest, "at": int(made.at.timestamp())}
    record(opened, "signature.stamped", PublicId(STAMP_ID, opened.scope, row.id), 1, facts)


def _put_off(opened: Unit, known: SignatureStamp, why: str) -> None:
    row = opened.get(SignatureStamp, known.id, lock=True)
    if row is None or row.token is not None:
        return
    row.due_at = opened.now + min(FIRST_PAUSE * 2 ** min(row.tries, DOUBLINGS), LONGEST_PAUSE)
    is_missed = opened.now - row.created_at >= MISSED_AFTER
    tell = log.error if is_missed else log.warning
    tell("signature_unstamped" if is_missed else "stamp_authority_silent", tries=row.tries, reason=why)
