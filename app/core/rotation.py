"""Changing the keys of field encryption while the platform runs: what an older key sealed is sealed with the newest.

Scope by scope, table by table, some rows in each unit; where it got to need not be noted, because every ciphertext says
which key made it. A row that somebody holds is passed by and counted as left; nobody waits for more than one unit.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple, cast

import structlog
from sqlalchemy import Engine, MetaData, Table, func, select, tuple_, update
from sqlalchemy.exc import DBAPIError

from app.core.crypto import HEADER, CannotDecrypt, version_of
from app.core.db import Placement, key_column, placement_of
from app.core.discovery import owner_in, owners
from app.core.encrypted import encrypted_columns, place_of
from app.core.journal.models import Pending, PersonPending, tables_of
from app.core.journal.verify import chains
from app.core.scope import Scope
from app.core.unit import Database, Unit, run, unit

WINDOW = 200
"""Rows of one unit: some tens of milliseconds."""
PENDING = tuple(cast(Table, model.__table__) for model in (Pending, PersonPending))
"""Where payloads of relays wait for some milliseconds; sealing moves them on as they are."""
log = structlog.get_logger()


@dataclass
class Tally:
    """How many values there are of each key version, and how many rows of each table were changed."""

    versions: dict[str, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    changed: Counter[str] = field(default_factory=Counter)

    def add(self, other: "Tally") -> None:
        """Count what `other` counted, too."""
        self.changed += other.changed
        for table, versions in other.versions.items():
            self.versions[table] += versions

    def left(self, newest: int) -> dict[str, int]:
        """For each table how many values an older key sealed."""
        return {table: found.total() - found[newest] for table, found in self.versions.items()}


class At(NamedTuple):
    """How far a walk over a scope's rows of one table has got."""

    table: Table
    after: tuple[Any, ...] = ()


def scopes(metadata: MetaData, discovery: Engine) -> list[Scope]:
    """Every scope in which something may be encrypted."""
    found = chains(discovery)
    for table in metadata.sorted_tables:
        if placement_of(table) is Placement.KEY and encrypted_columns(table):
            found |= owners(discovery, table)
    return sorted(found, key=lambda scope: (str(scope), scope.key or ""))


def walk(metadata: MetaData, scope: Scope, on: Database, *, change: bool) -> Tally:
    """Count the encrypted values in the rows of `scope`, and with `change` first seal them with the newest key."""
    tables = [table for table in metadata.sorted_tables if encrypted_columns(table)]
    todo, tally = [At(table) for table in tables if owner_in(table, scope) is not None], Tally()
    while todo:
        part, todo = run(scope, partial(_some, todo, change), on=on)
        tally.add(part)
    return tally


def pending(discovery: Engine, sealing: Database) -> Tally:
    """Count the payloads that wait to be sealed into a chain."""
    tally = Tally()
    for table in PENDING:
        for scope in owners(discovery, table):
            waiting = tables_of(scope).pending
            with unit(scope, on=sealing) as reading:
                relays = [relay for row in reading.all(reading.select(waiting)) for relay in row.relays]
            payloads = (relay["payload"] for relay in relays if "payload" in relay)  # else poisoned: sealing names it
            tally.versions[table.name].update(version_of(bytes.fromhex(one)) for one in payloads)
    return tally


def over(metadata: MetaData, found: Iterable[Scope], on: Database, *, change: bool) -> Tally:
    """`walk` in each of those scopes; one that the database cannot serve now raises at the end, after the others."""
    tally, failed = Tally(), None
    for scope in found:
        try:
            tally.add(walk(metadata, scope, on, change=change))
        except DBAPIError as error:
            log.error("scope_not_walked", scope=str(scope), error=type(error.orig).__name__)
            failed = error
    if failed:
        raise failed
    return tally


def _some(todo: Sequence[At], change: bool, opened: Unit) -> tuple[Tally, list[At]]:  # by `partial`
    """A window's worth of rows, of as many tables as it takes; gives also what is left to do."""
    tally, left, room = Tally(), list(todo), WINDOW
    while left and room:
        at = left.pop(0)
        rows = _window(opened, at, room)
        renewed = _renew(opened, at.table, [key for key, versions in rows if _old(opened, versions)]) if change else {}
        for key, versions in rows:
            tally.versions[at.table.name].update(renewed.get(key, versions))
        tally.changed[at.table.name] += len(renewed)
        room -= len(rows)
        if not room:
            left.insert(0, At(at.table, rows[-1][0]))
    return tally, left


def _old(opened: Unit, versions: Sequence[int]) -> bool:
    return any(version != opened.cipher.sealer for version in versions)


def _window(opened: Unit, at: At, most: int) -> list[tuple[tuple[Any, ...], list[int]]]:
    """The next rows: the key of each, and which versions made what it holds."""
    key = list(at.table.primary_key.columns)
    headers = [func.substr(column, 1, HEADER) for column in encrypted_columns(at.table)]
    query = select(*key, *headers).where(_mine(opened, at.table)).order_by(*key).limit(most)
    if at.after:
        query = query.where(tuple_(*key) > tuple_(*at.after))
    rows = [(tuple(row[: len(key)]), row[len(key) :]) for row in opened.execute(query)]
    return [(known, [version_of(header) for header in found if header is not None]) for known, found in rows]


def _renew(opened: Unit, table: Table, keys: Sequence[tuple[Any, ...]]) -> dict[tuple[Any, ...], list[int]]:
    """Seal the values of those rows anew, held until the unit ends; gives their versions now. Some may be missing."""
    if not keys:
        return {}
    key, columns = list(table.primary_key.columns), encrypted_columns(table)
    held = select(*key, *columns).where(_mine(opened, table), tuple_(*key).in_(keys))
    renewed: dict[tuple[Any, ...], list[int]] = {}
    for row in opened.execute(held.with_for_update(skip_locked=True)).mappings().all():
        known = {column.name: row[column.name] for column in key}
        fresh = {c.name: _resealed(opened, c, row[c.name], known) for c in columns if row[c.name] is not None}
        if any(fresh[name] != row[name] for name in fresh):
            mine = [column == known[column.name] for column in key]
            opened.execute(update(table).where(_mine(opened, table), *mine).values(fresh))
            renewed[tuple(known.values())] = [version_of(sealed) for sealed in fresh.values()]
    return renewed


def _resealed(opened: Unit, column: Any, sealed: bytes, key: Mapping[str, Any]) -> bytes:
    """`sealed`, by the newest key; as it is where no key of the ring opens it, which is an alarm."""
    if version_of(sealed) == opened.cipher.sealer:
        return sealed
    place = place_of(column, opened.scope, key)
    try:
        return opened.cipher.seal(opened.cipher.open(sealed, place), place)
    except CannotDecrypt:
        log.error("value_unreadable", scope=str(opened.scope), table=column.table.name, column=column.name)
        return sealed


def _mine(opened: Unit, table: Table) -> Any:
    return table.c[str(key_column(table))] == owner_in(table, opened.scope)
