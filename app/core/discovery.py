"""Finding scopes with work, without seeing anybody's rows.

The `discovery` role reads two columns, the owner and `due_at`, of rows whose `due_at` is set; what it finds is then
done in a unit bound to that owner. One query per table, oldest work first. Of the journal it reads the owner, so that
`verify` knows every chain.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, Table, func, select

from app.core.db import Placement, key_column, placement_of
from app.core.scope import Scope

LIMIT = 200
"""Scopes per look; the next look finds the others."""


def due(engine: Engine, table: Table, now: datetime, passing: Iterable[Scope] = ()) -> list[Scope]:
    """The scopes that have work due in `table`, without those of `passing`, which may wait in any number."""
    owner, make = _owner(table)
    query = select(owner).where(table.c.due_at <= now).group_by(owner).order_by(func.min(table.c.due_at)).limit(LIMIT)
    passed = [value for scope in passing if (value := getattr(scope, str(placement_of(table)))) is not None]
    if passed:
        query = query.where(owner.not_in(passed))
    with engine.connect() as connection:
        return [make(value) for value in connection.scalars(query)]


def owners(engine: Engine, table: Table) -> set[Scope]:
    """Every scope that has a row in `table`."""
    owner, make = _owner(table)
    with engine.connect() as connection:
        return {make(value) for value in connection.scalars(select(owner).distinct())}


def _owner(table: Table) -> tuple[Any, Callable[[Any], Scope]]:
    make: Callable[[Any], Scope] = Scope.for_tenant if placement_of(table) is Placement.TENANT else Scope.for_person
    return table.c[str(key_column(table))], make
