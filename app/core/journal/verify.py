"""Verifying chains: every entry hashed again, held against its columns, its neighbors and the head.

A change by the database's administrator is found unless the whole rest of the chain was written anew with it; against
that stand the checkpoints that are kept elsewhere.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, cast

import orjson
from sqlalchemy import Engine, Table, or_

from app.core.discovery import owners
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
    seq: int = 0
    _hash: str = GENESIS
    _last: Any = None
    _known: set[int] = field(default_factory=set)
    """Numbers already named."""

    def entries(self, page: list[Any]) -> Iterator[Finding]:
        """What is wrong with the next entries."""
        for entry in page:
            yield from self._entry(entry)

    def end(self, seq: int, hash: str) -> Iterator[Finding]:
        """What the head says about the last entries."""
        yield from self._gap(seq)
        if seq == self.seq and hash != self._hash:
            yield from self._changed_last("the head vouches for another hash")

    def _entry(self, entry: Any) -> Iterator[Finding]:
        whole = entry.seq == self.seq + 1
        yield from self._gap(entry.seq - 1)
        fault = _fault(entry, self.scope)
        if fault:
            yield self._finding(entry, Kind.CHANGED, fault)
        elif whole and orjson.loads(entry.text)["previous"] != self._hash:
            yield from self._changed_last("its successor vouches for another hash")
        self.seq, self._hash, self._last = entry.seq, entry.hash, entry

    def _gap(self, until: int) -> Iterator[Finding]:
        for seq in range(self.seq + 1, until + 1):
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


def verify(scope: Scope, on: Database) -> Iterator[Finding]:
    """Every fault in the chain of `scope`. Sealing goes on meanwhile; it only waits for the last page."""
    walk = Walk(scope)
    with unit(scope, on=on) as reading:
        head = reading.first(reading.select(tables_of(scope).head))
    while head and (page := _page(scope, walk.seq, head.seq, on)):
        yield from walk.entries(page)
    with unit(scope, on=on) as last:
        yield from _end(last, walk)


def verify_all(discovery: Engine, on: Database) -> Iterator[Finding]:
    """Every fault in every chain of the platform."""
    for scope in sorted(chains(discovery), key=str):
        yield from verify(scope, on)


def chains(discovery: Engine) -> set[Scope]:
    """Every scope that has a head or an entry: a head that vanished leaves its entries, and the other way round."""
    models = [model for tables in (TENANT_TABLES, PERSON_TABLES) for model in (tables.head, tables.entry)]
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
        return
    yield from walk.entries(_between(last, walk.seq, head.seq))
    yield from walk.end(head.seq, head.hash)
    entry = tables_of(last.scope).entry
    outside = last.select(entry).where(or_(entry.seq < 1, entry.seq > head.seq))
    for stranger in last.all(outside.order_by(entry.seq)):
        yield Finding(last.scope, Kind.INSERTED, stranger.seq, str(stranger.id), "outside the chain")
