"""When a scheme that does not answer is asked no more, and what people may know of a reversal. Pure."""

from enum import StrEnum

from insurance.rules.settlements import State

MOST_REVERSALS = 150
"""So often a scheme is asked to take a settlement back: the tries take a day, at most ten minutes apart. One that is
silent for longer, or refuses, does not answer by itself. A default without a legal source.
"""


MOST_SETTLINGS = MOST_REVERSALS
"""So often it is asked to settle: whoever waits for it, with money paid or medicines wanted, is let go after a day."""


class ReversedBy(StrEnum):
    """How the scheme took back what it settled, or may have settled, past the connection."""

    SCHEME_CONFIRMED = "scheme_confirmed"
    """It says so itself, or that it has nothing of that number."""
    PAID_BACK = "paid_back"
    """The institution paid it back to the scheme."""


def is_left_to_people(state: str, tries: int) -> bool:
    """Whether a scheme that was asked `tries` times about a settlement in `state` is not asked again by itself."""
    return state == State.REVERSING and tries >= MOST_REVERSALS


def is_doubted(state: str, tries: int) -> bool:
    """Whether a settlement in `state`, about which a scheme was asked `tries` times, shall not be settled any more."""
    return state == State.COMMITTING and tries >= MOST_SETTLINGS
