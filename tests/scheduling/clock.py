"""A clock that is put forward by hand."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


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
