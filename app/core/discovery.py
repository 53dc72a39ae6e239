"""Finding scopes with work, without seeing anybody's rows.

The `discovery` role reads two columns, the owner and `due_at`, of rows whose `due_at` is set; what it finds is then
done in a unit bound to that owner. One question for all tables, the oldest work of each first. Of the journal it reads
the owner, so that `verify` knows every chain.

Where many rows may wait for long, what a look costs follows from how many owners have work, not from how many rows wait
or waited: see `_walk`.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import Column, Connection, DateTime, Engine, Table, Text, TextualSelect, text

from app.core.db import Placement, key_column, placement_of
from app.core.journal.models import Pending, PersonPending
from app.core.scope import Scope
from app.core.send.models import Delivery
from app.core.statements import execute

AT_ONCE = (Pending.__table__, PersonPending.__table__)
"""Entries wait for nothing: one that was written where the clock runs fast is sealed at once too."""
BY_OWNER = (*AT_ONCE, Delivery.__table__)
"""Where a hundred thousand rows may wait: entries for a worker, deliveries for an endpoint that does not answer."""
LIMIT = 200
"""Scopes per look; the next look finds the others."""
MOST_KEPT = 100
"""Choices of tables whose question is kept: kinds of work that have enough of it are left out of one."""
TYPES: Mapping[str, str] = {Placement.TENANT: "bigint", Placement.PERSON: "uuid", Placement.KEY: "text"}
"""Of owners."""
WALK = """WITH RECURSIVE walk AS (
    (SELECT {columns} FROM {table} WHERE {holds} ORDER BY {first} LIMIT 1)
    UNION ALL
    SELECT later.* FROM walk, LATERAL (
        SELECT {columns} FROM {table} WHERE {key} > walk.owner AND {holds} ORDER BY {first} LIMIT 1
    ) AS later
)"""
EVERY = "{walk} SELECT owner FROM walk"
OF_EACH = "{walk} SELECT owner FROM walk WHERE {wanted} ORDER BY due_at LIMIT {limit}"
"""Who has work, from the first row that waits of each owner."""
OLDEST = "{walk} SELECT min(due_at) AS due_at FROM walk"
"""From the first row of each owner: of tenants there are few, and each may have a hundred thousand."""
OLDEST_OF_MANY = "SELECT min(due_at) AS due_at FROM (SELECT due_at FROM {table} LIMIT {limit}) AS first_ones"
"""From some of the rows: persons are many, with few rows each, so that a step for each of them would cost more."""
MOST_READ = 20_000
OF_ALL = """SELECT owner FROM (SELECT {key} AS owner, due_at FROM {table}) AS rows_of_all
    WHERE {wanted} GROUP BY owner ORDER BY min(due_at) LIMIT {limit}"""
"""Who has work, from all rows that are due."""
Passing = Collection[Scope]
"""Scopes that need not be found now."""


def due(engine: Engine, wanted: Mapping[Table, Passing], now: datetime) -> dict[Table, list[Scope]]:
    """For each table the scopes that have work due in it, without those passed over; all in one question."""
    names = {table.name: table for table in wanted}
    values: dict[str, Any] = {table.name: _passed(table, passing) for table, passing in wanted.items()}
    found: dict[Table, list[Scope]] = {table: [] for table in wanted}
    if not wanted:
        return found
    with engine.connect() as connection:
        for name, owner in execute(connection, _question(tuple(wanted)), values | {"now": now}):
            found[names[name]].append(_scope(names[name], owner))
    return found


@lru_cache(MOST_KEPT)
def _question(tables: tuple[Table, ...]) -> TextualSelect:
    """The question that a worker asks several times a second: one prepared statement.

    It is put together as text, from our own words alone: of so many tables SQLAlchemy writes one in 40 ms, at the first
    looks of every process and at each new choice of tables.
    """
    return text(" UNION ALL ".join(_look(table) for table in tables)).columns(name=Text, owner=Text)


@cache
def _look(table: Table) -> str:
    wanted = f"owner != ALL(CAST(:{table.name} AS {TYPES[str(placement_of(table))]}[]))"
    if table not in AT_ONCE:
        wanted += " AND due_at <= :now"
    each = _walk(table, waiting=True) if table in BY_OWNER else ""
    whom = (OF_EACH if each else OF_ALL).format(
        walk=each, table=table.name, key=_owner(table).name, wanted=wanted, limit=LIMIT
    )
    return f"SELECT '{table.name}' AS name, CAST(owner AS text) AS owner FROM ({whom}) AS of_{table.name}"  # noqa: S608  # our own words


def _walk(table: Table, *, waiting: bool) -> str:
    """Each owner of a row of `table` once, or of one that is `waiting`, with the `due_at` of the first of theirs.

    One step down an index for each owner. Whoever groups the rows instead reads all of them, and where a million waited
    and went, the pages that they left: several times a second.

    Entries stand in their primary key in the order of their writing, all but: that is their first, for discovery may
    not ask for their ids.
    """
    key = _owner(table).name
    columns, holds = (f"{key} AS owner, due_at", "due_at IS NOT NULL") if waiting else (f"{key} AS owner", "true")
    first = f"{key}, due_at" if waiting and table not in AT_ONCE else key
    return WALK.format(table=table.name, key=key, columns=columns, holds=holds, first=first)


def _scope(table: Table, owner: str) -> Scope:
    """The scope of a row of `table`; of a value-keyed one the owner is the value."""
    if placement_of(table) is Placement.KEY:
        return Scope.for_key(table.name, owner)
    return Scope.parse(f"{placement_of(table)}:{owner}")


def _passed(table: Table, passing: Passing) -> list[Any]:
    """The owners that `passing` has in the family of `table`."""
    return [owner for scope in passing if (owner := owner_in(table, scope)) is not None]


def owner_in(table: Table, scope: Scope) -> Any:
    """What the owner column of `table` holds in `scope`; None where none of its rows can lie there."""
    if placement_of(table) is not Placement.KEY:
        return getattr(scope, str(placement_of(table)))
    name, _, value = str(scope.key).partition(":")
    return value if name == table.name else None


def owners(engine: Engine, table: Table) -> set[Scope]:
    """Every scope that has a row in `table`."""
    with engine.connect() as connection:
        found = connection.scalars(text(EVERY.format(walk=_walk(table, waiting=False))))
        return {_scope(table, str(owner)) for owner in found}


def oldest(connection: Connection, table: Table) -> datetime | None:
    """Since when, at least, a row of `table`, one of `AT_ONCE`, waits; None where none does.

    It is asked at every look at the figures, so it reads no table in full: of a tenant's rows the first, nearly its
    oldest, as `_walk` says, of persons' rows `MOST_READ`.
    """
    if placement_of(table) is Placement.TENANT:
        question = OLDEST.format(walk=_walk(table, waiting=True))
    else:
        question = OLDEST_OF_MANY.format(table=table.name, limit=MOST_READ)
    found: datetime | None = connection.scalar(text(question).columns(due_at=DateTime(timezone=True)))
    return found


def _owner(table: Table) -> Column[Any]:
    return table.c[str(key_column(table))]
