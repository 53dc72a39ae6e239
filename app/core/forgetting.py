"""Forgetting: rows that have had their time are deleted by the worker, in small batches.

When a row may go stands in its `due_at`; for how long what is kept, and why, is said beside each table. Medical records
and signed prescriptions have no such time while their person has an account; the journal has none at all.
"""

from collections.abc import Callable
from functools import cache, partial
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, bindparam, delete, select, tuple_

from app.core.db import Base, Grants, key_column
from app.core.discovery import owner_in
from app.core.scope import Scope
from app.core.timers import Timer
from app.core.unit import Unit, run

FORGOTTEN: Grants = {"app": "SELECT, INSERT, UPDATE, DELETE", "discovery": "SELECT ({owner}, due_at)"}
"""Of tables whose rows a timer deletes."""
ERASED: Grants = {"app": "SELECT, INSERT, UPDATE, DELETE"}
"""Of tables whose rows are deleted with their person's account, or when a rule by which they were kept is over."""
BATCH = 500
"""Rows that one unit deletes: a few milliseconds, so that nobody waits for it."""
BATCHES = 20
"""Units for one scope and table at a time; what is left is found by the next look."""


def forgetting(name: str, *models: type[Base]) -> Timer:
    """A timer that deletes the rows of `models` whose `due_at` has come."""
    return Timer(name, models, forget_in(*models), hurried=False)


def forget_in(*models: type[Base]) -> Callable[[Scope], int]:
    """What deletes, in a scope, the rows of `models` that are due there; returns how many."""

    def forget(scope: Scope) -> int:
        return sum(_forget(scope, table) for table in _tables(*models) if owner_in(table, scope))

    return forget


@cache
def _tables(*models: type[Base]) -> tuple[Table, ...]:
    return tuple(Base.metadata.tables[model.__tablename__] for model in models)


def _forget(scope: Scope, table: Table) -> int:
    gone = 0
    for _ in range(BATCHES):
        batch = run(scope, partial(_batch, table=table))
        gone += batch
        if batch < BATCH:
            break
    return gone


def _batch(opened: Unit, table: Table) -> int:
    """Delete what is due, at most a batch; what somebody else holds is left to the next time."""
    owner = owner_in(table, opened.scope)
    over = opened.execute(_over(table), {"owner": owner, "now": opened.now}).all()
    if over:
        which = tuple_(*table.primary_key.columns).in_([tuple(row) for row in over])
        opened.execute(delete(table).where(_owner(table) == owner, which))
    return len(over)


@cache
def _over(table: Table) -> Select[Any]:
    mine = (_owner(table) == bindparam("owner"), table.c.due_at <= bindparam("now", type_=table.c.due_at.type))
    due = select(*table.primary_key.columns).where(*mine).order_by(table.c.due_at)
    return due.limit(BATCH).with_for_update(skip_locked=True)


def _owner(table: Table) -> ColumnElement[Any]:
    return table.c[str(key_column(table))]
