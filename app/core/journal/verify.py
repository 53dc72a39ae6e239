"""Verifying chains: every entry hashed again, held against its columns, its neighbors, the head and the checkpoints.

A change by the database's administrator is found by the chain alone unless all that follows was cut off or written anew
with right hashes. Checkpoints show that too, which nobody can sign without the key; where an administrator may have
removed them, those that are kept elsewhere do.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, cast

import orjson
from sqlalchemy import Engine, Table, or_

from app.core.discovery import owners
from app.core.journal.checkpoint_keys import CheckpointKeys, NotSigned, Vouched
from app.core.journal.models import PERSON_TABLES, TENANT_TABLES, tables_of
from app.core.journal.record import GENESIS
from app.core.journal.text import digest, instant
from app.core.scope import Scope
from app.core.unit import Database, Unit, unit

PAGE = 1000


class Kind(StrEnum):
    """What is wrong with an entry."""

    CHANGED = "changed"
    MISSING = "missing"
    INSERTED = "inserted"
    FORGED = "forged"
    """A checkpoint that the platform did not sign."""


@dataclass(frozen=True)
class Finding:
    """One entry that is not as it was sealed; `id` is empty where only its number is known."""

    scope: Scope
    kind: Kind
    seq: int
    id: str
    why: str

    def __str__(self) -> str:
        """A line for an operator."""
        return f"{self.scope} {self.seq} {self.kind} {self.id or '-'}: {self.why}"


@dataclass
class Walk:
    """A walk along one chain; pure. `entries` is fed in the order of its numbers, `end` closes it."""

    scope: Scope
    vouched: Iterable[Vouched] = ()
    """What checkpoints say of the chain."""
    seq: int = 0
    _hash: str = GENESIS
    _last: Any = None
    _known: set[int] = field(default_factory=set)
    """Numbers already named."""
    _hashes: dict[int, set[str]] = field(default_factory=dict)
    """What checkpoints say of entries further on."""

    def __post_init__(self) -> None:
        """Sort what checkpoints say by the numbers of the entries."""
        for one in self.vouched:
            self._hashes.setdefault(one.seq, set()).add(one.hash)

    def entries(self, page: list[Any]) -> Iterator[Finding]:
        """What is wrong with the next entries."""
        for entry in page:
            yield from self._entry(entry)

    def end(self, seq: int, hash: str) -> Iterator[Finding]:
        """What the head says about the last entries."""
        yield from self._gap(seq)
        if seq == self.seq and hash != self._hash:
            yield from self._changed_last("the head vouches for another hash")
        yield from self.cut_off()

    def cut_off(self) -> Iterator[Finding]:
        """The entries for which checkpoints vouch and which were not met."""
        for cut in sorted(self._hashes):
            yield Finding(self.scope, Kind.MISSING, cut, "", "a checkpoint vouches for an entry here")

    def _entry(self, entry: Any) -> Iterator[Finding]:
        whole = entry.seq == self.seq + 1
        yield from self._gap(entry.seq - 1)
        fault = _fault(entry, self.scope)
        if fault:
            yield self._finding(entry, Kind.CHANGED, fault)
        elif whole and orjson.loads(entry.text)["previous"] != self._hash:
            yield from self._changed_last("its successor vouches for another hash")
        self.seq, self._hash, self._last = entry.seq, entry.hash, entry
        if self._hashes.pop(entry.seq, {entry.hash}) != {entry.hash}:
            yield from self._changed_last("a checkpoint vouches for another hash")

    def _gap(self, until: int) -> Iterator[Finding]:
        for seq in range(self.seq + 1, until + 1):
            self._hashes.pop(seq, None)
            yield Finding(self.scope, Kind.MISSING, seq, "", "no such entry")

    def _changed_last(self, why: str) -> Iterator[Finding]:
        if self._last is None:
            yield Finding(self.scope, Kind.CHANGED, 1, "", "does not begin the chain")
        elif self._last.seq not in self._known:
            yield self._finding(self._last, Kind.CHANGED, why)

    def _finding(self, entry: Any, kind: Kind, why: str) -> Finding:
        self._known.add(entry.seq)
        return Finding(self.scope, kind, entry.seq, str(entry.id), why)


def _fault(entry: Any, scope: Scope) -> str:
    """Why the entry is not as it was sealed, as far as the entry itself shows it; empty when it is."""
    if digest(entry.text) != entry.hash:
        return "text and hash differ"
    try:
        text = orjson.loads(entry.text)
        said = (
            text["seq"], text["id"], text["scope"], text["at"], text["type"], text["subject"]["id"],
            text["subject"]["version"],
        )  # fmt: skip
    except (ValueError, KeyError, TypeError):
        return "the text is no entry"
    shown = (
        entry.seq, str(entry.id), str(scope), instant(entry.at), entry.type, entry.subject, entry.subject_version,
    )  # fmt: skip
    return "" if said == shown else "text and columns differ"


def verify(scope: Scope, keys: CheckpointKeys, on: Database, elsewhere: Sequence[Vouched] = ()) -> Iterator[Finding]:
    """Every fault in the chain of `scope` and its checkpoints.

    Sealing goes on meanwhile; it only waits for the last page.

    `elsewhere` is what the checkpoints of the chain say that are kept outside the database.
    """
    with unit(scope, on=on) as reading:
        checkpoints = reading.all(reading.select(tables_of(scope).checkpoint))
        head = reading.first(reading.select(tables_of(scope).head))
    vouched, faults = _held(scope, checkpoints, keys)
    yield from faults
    for gone in sorted({(one.seq, one.hash) for one in elsewhere} - {(one.seq, one.hash) for one in vouched}):
        yield Finding(scope, Kind.MISSING, gone[0], "", "a checkpoint that is kept elsewhere is not in the database")
    walk = Walk(scope, [*vouched, *elsewhere])
    while head and (page := _page(scope, walk.seq, head.seq, on)):
        yield from walk.entries(page)
    with unit(scope, on=on) as last:
        yield from _end(last, walk)


def verify_all(
    discovery: Engine, keys: CheckpointKeys, on: Database, elsewhere: Mapping[Scope, Sequence[Vouched]] | None = None
) -> Iterator[Finding]:
    """Every fault in every chain of the platform, and in those of which only `elsewhere` is left."""
    kept = elsewhere or {}
    for scope in sorted(chains(discovery) | kept.keys(), key=str):
        yield from verify(scope, keys, on, kept.get(scope, ()))


def _held(scope: Scope, checkpoints: list[Any], keys: CheckpointKeys) -> tuple[list[Vouched], list[Finding]]:
    """What those say that the platform signed, and a finding for each other."""
    vouched, faults = [], []
    for row in checkpoints:
        try:
            said = keys.read(row.signed)
        except NotSigned as error:
            faults.append(Finding(scope, Kind.FORGED, row.seq, str(row.id), f"checkpoint: {error}"))
            continue
        vouched += [said] if said.scope == scope else []
        if (said.scope, said.seq) != (scope, row.seq):
            faults.append(Finding(scope, Kind.FORGED, row.seq, str(row.id), "checkpoint: of another entry"))
    return vouched, faults


def chains(discovery: Engine) -> set[Scope]:
    """Every scope that has a head, an entry or a checkpoint: whichever of them vanished, the others are left."""
    families = (TENANT_TABLES, PERSON_TABLES)
    models = [model for tables in families for model in (tables.head, tables.entry, tables.checkpoint)]
    return {scope for model in models for scope in owners(discovery, cast(Table, model.__table__))}


def _page(scope: Scope, after: int, until: int, on: Database) -> list[Any]:
    with unit(scope, on=on) as reading:
        return _between(reading, after, until, PAGE)


def _between(reading: Unit, after: int, until: int, most: int | None = None) -> list[Any]:
    entry = tables_of(reading.scope).entry
    query = reading.select(entry).where(entry.seq > after, entry.seq <= until)
    return reading.all(query.order_by(entry.seq).limit(most))


def _end(last: Unit, walk: Walk) -> Iterator[Finding]:
    """The entries sealed during the walk, and what the head says, which is held so that it says it of all."""
    head = last.first(last.select(tables_of(last.scope).head).with_for_update())
    if head is None:
        yield Finding(last.scope, Kind.MISSING, 0, "", "the head of the chain is gone")
        yield from walk.cut_off()
        return
    yield from walk.entries(_between(last, walk.seq, head.seq))
    yield from walk.end(head.seq, head.hash)
    entry = tables_of(last.scope).entry
    outside = last.select(entry).where(or_(entry.seq < 1, entry.seq > head.seq))
    for stranger in last.all(outside.order_by(entry.seq)):
        yield Finding(last.scope, Kind.INSERTED, stranger.seq, str(stranger.id), "outside the chain")
