"""The code against which medicines are handed over, and what a wrong one costs. Pure."""

from dataclasses import dataclass
from enum import StrEnum

DIGITS = 6
MOST_WRONG = 5
"""So many wrong codes lock the order, until its resident asks for a new code."""


class Verdict(StrEnum):
    """What becomes of a try with a code."""

    RIGHT = "right"
    WRONG = "wrong"
    LOCKED = "locked"


@dataclass(frozen=True)
class Tried:
    """The verdict, and the count that the order has now."""

    verdict: Verdict
    wrong: int

    @property
    def locks(self) -> bool:
        """Whether this try is the one that locks the order."""
        return self.verdict is Verdict.WRONG and self.wrong >= MOST_WRONG


def tried(*, right: bool, wrong: int, locked: bool) -> Tried:
    """What a try means after so many `wrong` ones; a locked order refuses the right code too, and counts on."""
    if locked:
        return Tried(Verdict.LOCKED, wrong + 1)
    return Tried(Verdict.RIGHT, wrong) if right else Tried(Verdict.WRONG, wrong + 1)
