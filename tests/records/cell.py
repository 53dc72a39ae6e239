"""What a line of the table of purposes is in action."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, NamedTuple

from tests.scheduling.clock import Clock


class Cell(NamedTuple):
    """One line of the table in action."""

    read: Callable[[], Any]
    ends: Callable[[], Any]
    """What brings the end about; the clock moves, or the thing does."""
    refused: Callable[[], Any] | None = None
    """What is refused then, where it is not the same reading."""


def passed(clock: Clock, time: timedelta) -> None:
    """So much time, and a little."""
    clock.ahead += time + timedelta(seconds=1)
