"""Rows whose time has come: found by their `due_at`, and moved each in a unit of its own.

No unit holds two of them, so that a kill loses at most one move, which the next look finds undone; a defect with one
row does not hold up the others.
"""

import uuid
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import structlog
from sqlalchemy import select

from app.core.db import Base
from app.core.scope import Scope
from app.core.unit import Row, Unit, run, unit

BATCH = 50
"""Rows that one look takes; what is left is found by the next."""
Move = Callable[[uuid.UUID, Unit], int]
"""What is to be done with the row of an id; returns how many it moved."""
log = structlog.get_logger()


def due_ids(opened: Unit, model: type[Base], limit: int = BATCH) -> list[uuid.UUID]:
    """Ids of the tenant's rows of `model` whose time has come, the longest due first."""
    row: Any = model  # by the lint of the schema it has these columns
    query = select(row.id).where(row.tenant_id == opened.scope.require_tenant(), row.due_at <= opened.now)
    return list(opened.session.scalars(query.order_by(row.due_at, row.id).limit(limit)))


def take_due(opened: Unit, model: type[Row], id: uuid.UUID) -> Row | None:
    """That row, locked until the unit ends; None where it is not due any more or somebody else has it."""
    row: Any = model
    query = opened.select(model).where(row.id == id, row.due_at <= opened.now)
    return opened.first(query.with_for_update(skip_locked=True))


def each(scope: Scope, model: type[Base], ids: Iterable[uuid.UUID], move: Move) -> int:
    """Call `move` with each of `ids` of `model`; returns the sum of its answers. What fails is logged."""
    moved = 0
    for one in ids:
        try:
            moved += run(scope, partial(move, one))
        except Exception as error:  # a defect with one row must not hold up the others
            known = {"table": model.__tablename__, "id": str(one), "scope": str(scope)}
            log.error("due_row_not_moved", **known, error=type(error).__name__)
    return moved


def each_due(scope: Scope, model: type[Row], move: Callable[[Unit, Row], int]) -> int:
    """Call `move` with each row of `model` that is due in `scope`, locked; answers and logs as `each`."""

    def taken(id: uuid.UUID, opened: Unit) -> int:
        row = take_due(opened, model, id)
        return 0 if row is None else move(opened, row)

    with unit(scope) as reading:
        ids = due_ids(reading, model)
    return each(scope, model, ids, taken)
