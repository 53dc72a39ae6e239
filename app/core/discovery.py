"""Finding scopes with work, without seeing anybody's rows.

The `discovery` role reads two columns, the owner and `due_at`, of rows whose `due_at` is set; what it finds is then
done in a unit bound to that owner. One question for all tables, the oldest work of each first. Of the journal it reads
the owner, so that `verify` knows every chain.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from functools import cache, partial
from typing import Any

from sqlalchemy import (
    CompoundSelect,
    Engine,
    Select,
    Table,
    Text,
    all_,
    bindparam,
    cast,
    func,
    literal,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY

from app.core.db import Placement, key_column, placement_of
from app.core.journal.models import Pending, PersonPending
from app.core.scope import Scope
from app.core.statements import execute

AT_ONCE = (Pending.__table__, PersonPending.__table__)
"""Entries wait for nothing: one that was written where the clock runs fast is sealed at once too."""
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
    owner, _ = _owner(table)
    query = select(owner.label("owner")).where(owner != all_(bindparam(table.name, type_=ARRAY(owner.type))))
    if table not in AT_ONCE:
        query = query.where(table.c.due_at <= bindparam("now", type_=table.c.due_at.type))
    oldest = query.group_by(owner).order_by(func.min(table.c.due_at)).limit(LIMIT).subquery()
    return select(literal(table.name), cast(oldest.c.owner, Text))


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
    owner, make = _owner(table)
    with engine.connect() as connection:
        return {make(value) for value in connection.scalars(select(owner).distinct())}


def _owner(table: Table) -> tuple[Any, Callable[[Any], Scope]]:
    makes: dict[Placement | None, Callable[[Any], Scope]] = {
        Placement.TENANT: Scope.for_tenant,
        Placement.PERSON: Scope.for_person,
        Placement.KEY: partial(Scope.for_key, table.name),
    }
    return table.c[str(key_column(table))], makes[placement_of(table)]
