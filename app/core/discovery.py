"""Finding scopes with work, without seeing anybody's rows.

The `discovery` role reads two columns, the owner and `due_at`, of rows whose `due_at` is set; what it finds is then
done in a unit bound to that owner. One question for all tables, the oldest work of each first. Of the journal it reads
the owner, so that `verify` knows every chain.

Where many rows may wait for long, what a look costs follows from how many owners have work, not from how many rows wait
or waited: see `_walk`.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime
from functools import cache, partial
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    CompoundSelect,
    Engine,
    Select,
    Subquery,
    Table,
    Text,
    all_,
    bindparam,
    cast,
    func,
    literal,
    select,
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY

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


Passing = Collection[Scope]
"""Scopes that need not be found now."""


def due(engine: Engine, wanted: Mapping[Table, Passing], now: datetime) -> dict[Table, list[Scope]]:
    """For each table the scopes that have work due in it, without those passed over; all in one question."""
    names = {table.name: table for table in wanted}
    values: dict[str, Any] = {table.name: _passed(table, passing) for table, passing in wanted.items()}
    found: dict[Table, list[Scope]] = {table: [] for table in wanted}
    with engine.connect() as connection:
        for name, owner in execute(connection, _question(tuple(wanted)), values | {"now": now}):
            found[names[name]].append(_scope(names[name], owner))
    return found


@cache
def _question(tables: tuple[Table, ...]) -> CompoundSelect[str, str]:
    """The question that a worker asks several times a second: built once, and one prepared statement."""
    return union_all(*(_look(table) for table in tables))


def _look(table: Table) -> Select[str, str]:
    oldest = _of_each(table) if table in BY_OWNER else _of_all(table)
    return select(literal(table.name), cast(oldest.c.owner, Text))


def _of_each(table: Table) -> Subquery:
    """Who has work, from the first row that waits of each owner."""
    first = _walk(table, waiting=True).c
    query = select(first.owner).where(*_wanted(table, first.owner, first.due_at))
    return query.order_by(first.due_at).limit(LIMIT).subquery()


def _of_all(table: Table) -> Subquery:
    """Who has work, from all rows that are due."""
    owner, _ = _owner(table)
    query = select(owner.label("owner")).where(*_wanted(table, owner, table.c.due_at))
    return query.group_by(owner).order_by(func.min(table.c.due_at)).limit(LIMIT).subquery()


def _wanted(table: Table, owner: Any, due_at: Any) -> Iterator[ColumnElement[bool]]:
    """That `owner` is not passed over, and the time has come."""
    yield owner != all_(bindparam(table.name, type_=ARRAY(owner.type)))
    if table not in AT_ONCE:
        yield due_at <= bindparam("now", type_=due_at.type)


def _walk(table: Table, *, waiting: bool) -> CTE:
    """Each owner of a row of `table` once, or of one that is `waiting`, with the `due_at` of the first of theirs.

    One step down an index for each owner. Whoever groups the rows instead reads all of them, and where a million waited
    and went, the pages that they left: several times a second.
    """
    later = table.alias(f"{table.name}_later")
    first = _first(table, table.c, waiting=waiting).cte(f"{table.name}_owners", recursive=True)
    beyond = later.c[str(key_column(table))] > first.c.owner
    step = _first(table, later.c, waiting=waiting).where(beyond).lateral()
    return first.union_all(select(*step.c).select_from(first.join(step, true())))


def _first(table: Table, columns: Any, *, waiting: bool) -> Select[Any]:
    """The first row of the first owner. Entries stand in their primary key in the order of their writing, all but: that
    is their first, for discovery may not ask for their ids.
    """
    owner = columns[key_column(table)]
    query: Select[Any] = select(owner.label("owner")).order_by(owner).limit(1)
    if not waiting:
        return query
    query = query.add_columns(columns.due_at).where(columns.due_at.is_not(None))
    return query if table in AT_ONCE else query.order_by(columns.due_at)


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
    _, make = _owner(table)
    with engine.connect() as connection:
        return {make(value) for value in connection.scalars(select(_walk(table, waiting=False).c.owner))}


def _owner(table: Table) -> tuple[Any, Callable[[Any], Scope]]:
    makes: dict[Placement | None, Callable[[Any], Scope]] = {
        Placement.TENANT: Scope.for_tenant,
        Placement.PERSON: Scope.for_person,
        Placement.KEY: partial(Scope.for_key, table.name),
    }
    return table.c[str(key_column(table))], makes[placement_of(table)]
