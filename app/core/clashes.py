"""Telling a caller which rule of a unique index they ran into."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy.exc import IntegrityError

from app.core.errors import Problem
from app.core.unit import Unit, sqlstate

UNIQUE_VIOLATION = "23505"


@contextmanager
def refusing(unit: Unit, index: str, problem: Callable[[], Problem]) -> Iterator[None]:
    """Write what the unit has to write at the end of the block; raise `problem` where the unique `index` forbids it."""
    try:
        yield
        unit.flush()
    except IntegrityError as error:
        driver: Any = error.orig
        if sqlstate(error) != UNIQUE_VIOLATION or driver.diag.constraint_name != index:
            raise
        raise problem() from error
