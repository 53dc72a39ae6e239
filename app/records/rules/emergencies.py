"""The life of an emergency access (break-glass): opened, ended by its doctor or by time, reviewed. Pure.

Sources: 个人信息保护法 2021 art. 13 (4): in an emergency, to protect somebody's life and health, no consent is needed;
art. 18: the person is told, at the latest once the emergency is over. Here they are told at once.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum

REVIEW_WITHIN = 3
"""Working days after the day on which it was opened. A default without a legal source."""


OVERDUE_AGAIN = timedelta(days=7)
"""After which it is said again that a review is late."""
MOST_A_DAY = 20
"""Openings of one doctor on a local day: more than an emergency room asks of one, and too few to go through a register.
A default without a legal source.
"""


class Reason(StrEnum):
    """Why a doctor cannot wait for a consent."""

    UNCONSCIOUS = "unconscious"
    LIFE_AT_RISK = "life_at_risk"
    CANNOT_COMMUNICATE = "cannot_communicate"
    OTHER = "other"


class State(StrEnum):
    """Where an emergency access stands."""

    OPEN = "open"
    ENDED = "ended"
    """Nothing is read by it any more; it waits for its review."""
    JUSTIFIED = "justified"
    UNJUSTIFIED = "unjustified"


class Event(StrEnum):
    """What can happen to an emergency access."""

    CLOSED = "closed"
    """By its doctor, before its time is up."""
    TIME_UP = "time_up"
    FOUND_JUSTIFIED = "found_justified"
    FOUND_UNJUSTIFIED = "found_unjustified"


class Verdict(StrEnum):
    """What a review comes to."""

    JUSTIFIED = "justified"
    UNJUSTIFIED = "unjustified"


REVIEWED = frozenset({State.JUSTIFIED, State.UNJUSTIFIED})
EVENT_OF: Mapping[Verdict, Event] = {
    Verdict.JUSTIFIED: Event.FOUND_JUSTIFIED,
    Verdict.UNJUSTIFIED: Event.FOUND_UNJUSTIFIED,
}
_MOVES: Mapping[tuple[State, Event], State] = {
    (State.OPEN, Event.CLOSED): State.ENDED,
    (State.OPEN, Event.TIME_UP): State.ENDED,
    (State.ENDED, Event.FOUND_JUSTIFIED): State.JUSTIFIED,
    (State.ENDED, Event.FOUND_UNJUSTIFIED): State.UNJUSTIFIED,
}


def move(state: State, event: Event) -> State | None:
    """Where `event` leads an access in `state`; None where it changes nothing."""
    return _MOVES.get((state, event))


def present_state(state: State, ends_at: datetime, now: datetime) -> State:
    """The state at `now`: at the instant of its end an access is open no more, even if nobody has noticed."""
    return State.ENDED if state is State.OPEN and ends_at <= now else state


def is_overdue(state: State, review_by: date, today: date) -> bool:
    """Whether the review of an access should have been made before the local date `today`."""
    return state not in REVIEWED and review_by < today
