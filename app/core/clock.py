"""The time of day, injected so that rules stay pure and tests choose it."""

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Says what time it is."""

    def now(self) -> datetime:
        """The present instant, with zone UTC."""
        ...


class SystemClock:
    """The machine's clock, in UTC."""

    def now(self) -> datetime:
        """The present instant, with zone UTC and microseconds."""
        return datetime.now(UTC)
