"""Sealing: pending entries get their place in the chain, and their relays and deliveries come to be.

One transaction per tenant (or person), whose head row is the lock; a crash frees it and leaves everything pending.
A late commit gets a later number, so that a cursor over the numbers never skips an entry.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import delete, insert, select, update

from app.core.journal.models import Tables, tables_of
from app.core.journal.text import Written, canonical, digest
from app.core.relays import RelayState
from app.core.relays import tables_of as relay_tables_of
from app.core.scope import Scope, ScopeKind
from app.core.send.models import Delivery, DeliveryState, Endpoint, EndpointState
from app.core.unit import Database, Unit, run

BATCH = 500
log = structlog.get_logger()


@dataclass(frozen=True)
class Sealed:
    """An entry with its place."""

    source: Any
    seq: int
    text: str
    hash: str


def seal(scope: Scope, public: frozenset[str], on: Database) -> int:
    """Seal what waits in `scope`, at most one batch; returns how many entries. Nothing when another is at it.

    `public` are the event types that endpoints may hear.
    """
    sealed = run(scope, lambda unit: _seal(unit, public), on=on)
    if sealed is None:  # an alarm: whoever opened the scope did not open its chain
        log.error("journal_headless", scope=str(scope))
    return sealed or 0


def _seal(unit: Unit, public: frozenset[str]) -> int | None:
    """How many were sealed; None where there is no chain to seal to."""
    tables = tables_of(unit.scope)
    head = unit.first(unit.select(tables.head).with_for_update(skip_locked=True))
    if head is None:
        return None if unit.first(unit.select(tables.head)) is None else 0
    batch = in_order(_waiting(unit, tables))
    if not batch:
        return 0
    sealed = _chain(batch, str(unit.scope), head.seq, head.hash)
    owner = getattr(head, tables.owner)
    unit.session.execute(insert(tables.entry), [_entry_row(tables.owner, owner, one) for one in sealed])
    _hand_over(unit, sealed, owner, public)
    key = getattr(tables.head, tables.owner)
    unit.session.execute(update(tables.head).where(key == owner).values(seq=sealed[-1].seq, hash=sealed[-1].hash))
    pending_key = getattr(tables.pending, tables.owner)
    ids = [one.source.id for one in sealed]
    unit.session.execute(delete(tables.pending).where(pending_key == owner, tables.pending.id.in_(ids)))
    return len(sealed)


def _waiting(unit: Unit, tables: Tables) -> list[Any]:
    """The oldest entries, and every lower version of their subjects, however late it was written."""
    pending = tables.pending
    oldest = unit.all(unit.select(pending).order_by(pending.id).limit(BATCH))
    if len(oldest) < BATCH:
        return oldest
    highest: dict[str, int] = {}
    for entry in oldest:
        highest[entry.subject] = max(entry.subject_version, highest.get(entry.subject, 0))
    lower = unit.select(pending).where(pending.subject.in_(highest), pending.subject_version < max(highest.values()))
    known = {entry.id for entry in oldest}
    late = (entry for entry in unit.all(lower) if entry.subject_version < highest[entry.subject])
    return oldest + [entry for entry in late if entry.id not in known]


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
            entry.subject_version, entry.facts,
        )  # fmt: skip
        text = canonical(written, seq, previous)
        previous = digest(text)
        sealed.append(Sealed(entry, seq, text, previous))
    return sealed


def _entry_row(column: str, owner: Any, one: Sealed) -> dict[str, Any]:
    source = one.source
    return {
        column: owner, "id": source.id, "seq": one.seq, "at": source.due_at, "type": source.type,
        "subject": source.subject, "subject_version": source.subject_version, "text": one.text, "hash": one.hash,
    }  # fmt: skip


def _hand_over(unit: Unit, sealed: Sequence[Sealed], owner: Any, public: frozenset[str]) -> None:
    tables = relay_tables_of(unit.scope)
    relays = [
        _relay_row(unit, one, position, relay) | {tables.owner: owner}
        for one in sealed
        for position, relay in enumerate(one.source.relays)
    ]
    if relays:
        unit.session.execute(insert(tables.relay), relays)
    if unit.scope.kind is ScopeKind.TENANT and any(one.source.type in public for one in sealed):
        _deliver(unit, [one for one in sealed if one.source.type in public], owner)


def _relay_row(unit: Unit, one: Sealed, position: int, relay: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": uuid.UUID(relay["id"]), "seq": one.seq, "position": position, "subject": one.source.subject,
        "taker": relay["taker"], "type": relay["type"], "version": relay["version"],
        "payload": bytes.fromhex(relay["payload"]), "state": RelayState.PENDING, "due_at": unit.now, "tries": 0,
    }  # fmt: skip


def _deliver(unit: Unit, sealed: Sequence[Sealed], owner: int) -> None:
    query = select(Endpoint.id, Endpoint.types).where(
        Endpoint.tenant_id == owner, Endpoint.state == EndpointState.ACTIVE
    )
    endpoints = unit.session.execute(query).all()
    rows = [
        {
            "tenant_id": owner, "endpoint_id": endpoint.id, "entry_id": one.source.id,
            "state": DeliveryState.PENDING, "due_at": unit.now, "tries": 0,
        }
        for one in sealed
        for endpoint in endpoints
        if one.source.type in endpoint.types
    ]  # fmt: skip
    if rows:
        unit.session.execute(insert(Delivery), rows)
