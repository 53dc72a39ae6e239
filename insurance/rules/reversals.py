"""When people are told of a scheme that does not answer, and what people may know of a reversal. Pure."""

from datetime import timedelta
from enum import StrEnum

from insurance.rules.settlements import State

PATIENCE = timedelta(days=1)
"""So long a scheme is asked to settle, and to take back what it settled: a day in all, by the clock, however often that
was. Whoever waits, with money paid or medicines wanted, is let go then. A default without a legal source.
"""
RARELY = timedelta(hours=4)
"""How far apart it is asked to reverse what was given up: one that comes back takes it back without anybody's help."""


class ReversedBy(StrEnum):
    """How the scheme took back what it settled, or may have settled, past the connection."""

    SCHEME_CONFIRMED = "scheme_confirmed"
    """It says so itself, or that it has nothing of that number."""
    PAID_BACK = "paid_back"
    """The institution paid it back to the scheme."""


def is_left_to_people(state: str, asked_for: timedelta) -> bool:
    """Whether people shall know that a scheme was asked about a settlement in `state` for so long."""
    return state == State.REVERSING and asked_for >= PATIENCE


def is_doubted(state: str, asked_for: timedelta) -> bool:
    """Whether a settlement in `state`, about which a scheme was asked for so long, shall not be settled any more."""
    return state == State.COMMITTING and asked_for >= PATIENCE
