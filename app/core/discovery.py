"""Finding scopes with work, without seeing anybody's rows.

The `discovery` role reads two columns, the owner and `due_at`, of rows whose `due_at` is set; what it finds is then
done in a unit bound to that owner. One query per table, oldest work first.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, Table, func, select

from app.core.db import Placement, key_column, placement_of
from app.core.scope import Scope

LIMIT = 50
"""Scopes per look; the next look finds the others."""


def due(engine: Engine, table: Table, now: datetime) -> list[Scope]:
    """The scopes that have work due in `table`."""
    placement = placement_of(table)
    make: Callable[[Any], Scope] = Scope.for_tenant if placement is Placement.TENANT else Scope.for_person
    owner = table.c[str(key_column(table))]
    query = select(owner).where(table.c.due_at <= now).group_by(owner).order_by(func.min(table.c.due_at))
    with engine.connect() as connection:
        return [make(value) for value in connection.scalars(query.limit(LIMIT))]
