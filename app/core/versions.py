"""Changing only what one has seen: the version that a caller expects a row to have."""

from typing import Protocol

from app.core.errors import PreconditionFailed


class Versioned(Protocol):
    """A row whose version grows by one with each change."""

    @property
    def version(self) -> int:
        """How often the row was changed, beginning with 1."""
        ...


def expect_version(row: Versioned, expected: int | None) -> None:
    """Raise PreconditionFailed (412) unless `row` has the `expected` version; None expects nothing.

    Called inside the unit that changes the row, after the row was read with a lock.
    """
    if expected is not None and row.version != expected:
        raise PreconditionFailed("it was changed since you read it: read it again")
