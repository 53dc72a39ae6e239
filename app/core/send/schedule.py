"""When a delivery is tried again: Standard Webhooks' schedule, 75 hours in ten tries. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta

SCHEDULE: tuple[float, ...] = (5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400)
"""Seconds to wait after the first, second, ... failed try (Standard Webhooks, section on retry schedules)."""
JITTER = 0.2
LONGEST_WAIT = 86400
THROTTLED = frozenset({429, 502, 504})
THROTTLED_WAIT = 60


def next_try(failed: int, now: datetime, chance: float, schedule: Sequence[float], least: float = 0) -> datetime | None:
    """When to try again after `failed` tries; None when the schedule is used up.

    `chance` is between 0 and 1 and spreads the wait by a fifth either way, so that a receiver that comes back is not
    hit by everything at once; `least` is the receiver's own wish in seconds (Retry-After), honored up to a day.
    """
    if failed > len(schedule):
        return None
    wait = schedule[failed - 1] * (1 + JITTER * (2 * chance - 1))
    return now + timedelta(seconds=max(wait, min(least, LONGEST_WAIT)))


def least_wait(status: int, retry_after: str | None) -> float:
    """How many seconds a receiver that answered `status` wants to be left alone."""
    asked = float(retry_after) if retry_after and retry_after.isdecimal() else 0.0
    return max(asked, THROTTLED_WAIT if status in THROTTLED else 0.0)
