"""Which pharmacy comes next, and how quotes are ordered before a resident. Pure.

No pharmacy can pay for its place: what the resident would pay decides, then the total, then the pharmacy's number.
"""

from dataclasses import dataclass
from enum import StrEnum


class ChoiceState(StrEnum):
    """What became of a quote that a resident was shown; the ends are those of its order."""

    SHOWN = "shown"
    WAITING = "waiting"
    """Ranked, and not yet its turn."""
    OFFERED = "offered"
    """Its order lives."""
    DROPPED = "dropped"
    """The resident chose anew."""
    FULFILLED = "fulfilled"
    DECLINED = "declined"
    TIMED_OUT = "timed_out"
    RELEASED = "released"
    REVOKED = "revoked"
    EXPIRED = "expired"


MOVED_ON = frozenset({ChoiceState.DECLINED, ChoiceState.TIMED_OUT, ChoiceState.RELEASED})
"""Ends after which the next choice may follow unasked; the others are somebody's will, or the prescription's end."""


@dataclass(frozen=True)
class Cost:
    """What a resident was shown; amounts in fen."""

    total: int
    own: int | None
    """None where nobody knew what the insurance would pay."""

    @property
    def pays(self) -> int:
        """The most that the resident was told they would pay."""
        return self.total if self.own is None else self.own


def may_follow(former: Cost, following: Cost) -> bool:
    """Whether `following` may be offered without asking: what the resident pays does not rise."""
    return following.pays <= former.pays


@dataclass(frozen=True)
class Standing:
    """A quote among others."""

    pharmacy: int
    available: bool
    cost: Cost


def place(quote: Standing) -> tuple[bool, int, int, int]:
    """The key by which quotes are sorted: the cheapest for the resident first, what is not available last."""
    return (not quote.available, quote.cost.pays, quote.cost.total, quote.pharmacy)
