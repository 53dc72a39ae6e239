"""A clock that is put forward by hand."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from app.core.looks import QUARTER, quarter_of


@dataclass
class Clock:
    """The machine's time, so much ahead."""

    ahead: timedelta = timedelta(0)

    def now(self) -> datetime:
        """The present instant of this clock."""
        return datetime.now(UTC) + self.ahead

    def forward(self, **time: float) -> None:
        """Let time pass."""
        self.ahead += timedelta(**time)

    def set(self, at: datetime) -> None:
        """Let it be `at` now."""
        self.ahead = at - datetime.now(UTC)

    def in_a_quarter(self) -> None:
        """Let a quarter of an hour have just begun: what is noted once in one is then noted once in a test."""
        self.set(quarter_of(self.now()) + QUARTER)
