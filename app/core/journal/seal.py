"""Sealing: pending entries get their place in the chain, and their relays and deliveries come to be.

One transaction per tenant (or person), whose head row is the lock; a crash frees it and leaves everything pending.
A late commit gets a later number, so that a cursor over the numbers never skips an entry.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import Insert

from app.core.journal.models import tables_of
from app.core.journal.seal_statements import DELIVERIES, ENDPOINTS, Sealing, sealing
from app.core.journal.text import Written, canonical, digest
from app.core.relays import RelayState
from app.core.scope import Scope, ScopeKind
from app.core.send.models import DeliveryState
from app.core.unit import Database, Unit, run

BATCH = 500
SIGNED_WITHIN = timedelta(days=1)
"""How long an entry waits at most for a checkpoint: a chain is signed once a day, and not all at the same hour."""
log = structlog.get_logger()


@dataclass(frozen=True)
class Sealed:
    """An entry with its place."""

    source: Any
    seq: int
    text: str
    hash: str


@dataclass(frozen=True)
class Handed:
    """What a sealing brought: how many entries, and whether relays and deliveries came of them."""

    entries: int = 0
    relays: bool = False
    deliveries: bool = False


def seal(scope: Scope, public: frozenset[str], on: Database) -> int:
    """Seal what waits in `scope`, at most one batch; returns how many entries."""
    return hand_on(scope, public, on).entries


def hand_on(scope: Scope, public: frozenset[str], on: Database) -> Handed:
    """Seal what waits in `scope`, at most one batch. Nothing when another is at it.

    `public` are the event types that endpoints may hear.
    """
    handed = run(scope, lambda unit: _seal(unit, public), on=on)
    if handed is None:  # an alarm: whoever opened the scope did not open its chain
        log.error("journal_headless", scope=str(scope))
    return handed or Handed()


def _seal(unit: Unit, public: frozenset[str]) -> Handed | None:
    """What came of it; None where there is no chain to seal to."""
    statements = sealing(unit.scope)
    owner = {"owner": unit.scope.tenant or unit.scope.person}
    head = unit.execute(statements.lock, owner).first()
    if head is None:
        return None if unit.execute(statements.head, owner).first() is None else Handed()
    batch = in_order(_taken_out(unit, statements, owner))
    if not batch:
        return Handed()
    sealed = _chain(batch, str(unit.scope), head.seq, head.hash)
    _insert(unit, statements.entries, [_entry_row(unit, one) | _mine(unit) for one in sealed])
    relays, deliveries = _relays(unit, sealed), _deliveries(unit, [one for one in sealed if one.source.type in public])
    _insert(unit, statements.relays, relays)
    _insert(unit, DELIVERIES, deliveries)
    grown = {"to_seq": sealed[-1].seq, "to_hash": sealed[-1].hash, "to_sign_at": unit.now + SIGNED_WITHIN}
    unit.execute(statements.grow, owner | grown)
    return Handed(len(sealed), bool(relays), bool(deliveries))


def _mine(unit: Unit) -> dict[str, Any]:
    """The owner's column of every row that this unit makes."""
    return {tables_of(unit.scope).owner: unit.scope.tenant or unit.scope.person}


def _insert(unit: Unit, into: Insert, rows: Sequence[dict[str, Any]]) -> None:
    """Insert `rows`, of which there may be none."""
    if rows:
        unit.execute_each(into, rows)


def _taken_out(unit: Unit, statements: Sealing, owner: dict[str, Any]) -> list[Any]:
    """The oldest entries, and every lower version of their subjects, however late it was written."""
    oldest = list(unit.execute(statements.oldest, {**owner, "most": BATCH}))
    if len(oldest) < BATCH:
        return oldest
    highest: dict[str, int] = {}
    for entry in oldest:
        highest[entry.subject] = max(entry.subject_version, highest.get(entry.subject, 0))
    below = {"subjects": list(highest), "version": max(highest.values())}
    lower = unit.execute(statements.lower, {**owner, **below})
    late = [entry.id for entry in lower if entry.subject_version < highest[entry.subject]]
    return oldest + list(unit.execute(statements.late, {**owner, "ids": late}))


def in_order(batch: Sequence[Any]) -> list[Any]:
    """By id, which is by time of writing, but each subject's entries in the order of its versions."""
    by_id = sorted(batch, key=lambda entry: entry.id)
    of_subject: dict[str, list[Any]] = {}
    for entry in sorted(by_id, key=lambda entry: (entry.subject_version, entry.id), reverse=True):
        of_subject.setdefault(entry.subject, []).append(entry)
    return [of_subject[entry.subject].pop() for entry in by_id]


def _chain(batch: Sequence[Any], scope: str, seq: int, previous: str) -> list[Sealed]:
    sealed: list[Sealed] = []
    for entry in batch:
        seq += 1
        written = Written(
            str(entry.id), scope, entry.due_at, entry.actor, entry.request_id, entry.type, entry.subject,
            entry.subject_version, entry.facts, tuple(entry.roles or ()),
        )  # fmt: skip
        try:
            text = canonical(written, seq, previous)
        except Exception as error:
            _poisoned(entry, error)
            raise
        previous = digest(text)
        sealed.append(Sealed(entry, seq, text, previous))
    return sealed


def _entry_row(unit: Unit, one: Sealed) -> dict[str, Any]:
    """The row of a sealed entry; whose data it is, only in a tenant, where a feed tells of it."""
    source = one.source
    row = {
        "id": source.id, "seq": one.seq, "at": source.due_at, "type": source.type,
        "subject": source.subject, "subject_version": source.subject_version, "text": one.text, "hash": one.hash,
    }  # fmt: skip
    return row if unit.scope.tenant is None else row | {"resident_id": source.resident_id}


def _relays(unit: Unit, sealed: Sequence[Sealed]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for one in sealed:
        try:
            rows += [_relay_row(unit, one, at, relay) | _mine(unit) for at, relay in enumerate(one.source.relays)]
        except Exception as error:
            _poisoned(one.source, error)
            raise
    return rows


def _poisoned(entry: Any, error: Exception) -> None:
    """An alarm: nothing of the scope is sealed until somebody has looked at the entry, so it is named."""
    log.error("journal_poisoned", entry=str(entry.id), type=entry.type, error=type(error).__name__)


def _relay_row(unit: Unit, one: Sealed, position: int, relay: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": uuid.UUID(relay["id"]), "seq": one.seq, "position": position, "subject": one.source.subject,
        "taker": relay["taker"], "type": relay["type"], "version": relay["version"],
        "payload": bytes.fromhex(relay["payload"]), "state": RelayState.PENDING, "due_at": unit.now, "tries": 0,
    }  # fmt: skip


def _deliveries(unit: Unit, public: Sequence[Sealed]) -> list[dict[str, Any]]:
    if not public or unit.scope.kind is not ScopeKind.TENANT:
        return []
    endpoints = unit.execute(ENDPOINTS, {"owner": unit.scope.require_tenant()}).all()
    return [
        {
            "endpoint_id": endpoint.id, "entry_id": one.source.id, "state": DeliveryState.PENDING,
            "due_at": unit.now, "tries": 0, "resident_id": one.source.resident_id,
        } | _mine(unit)
        for one in public
        for endpoint in endpoints
        if one.source.type in endpoint.types
    ]  # fmt: skip
