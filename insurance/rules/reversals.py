"""When a reversal is left to people, and what they may know of it. Pure."""

from enum import StrEnum

from insurance.rules.settlements import State

MOST_REVERSALS = 150
"""So often a scheme is asked to take a settlement back: the tries take a day, at most ten minutes apart. One that is
silent for longer, or refuses, does not answer by itself. A default without a legal source.
"""


class ReversedBy(StrEnum):
    """How the scheme took back what it settled, or may have settled, past the connection."""

    SCHEME_CONFIRMED = "scheme_confirmed"
    """It says so itself, or that it has nothing of that number."""
    PAID_BACK = "paid_back"
    """The institution paid it back to the scheme."""


def is_left_to_people(state: str, tries: int) -> bool:
    """Whether a scheme that was asked `tries` times about a settlement in `state` is not asked again by itself."""
    return state == State.REVERSING and tries >= MOST_REVERSALS
