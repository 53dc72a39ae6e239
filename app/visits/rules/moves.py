"""The life of a text visit: which event leads where, and what has to be done on the way. Pure.

Every end except `completed` gives the whole fee back, unasked.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Where a visit stands."""

    AWAITING_PAYMENT = "awaiting_payment"
    PAID = "paid"
    """In the doctor's queue."""
    TAKEN = "taken"
    DECLINED = "declined"
    NOT_TAKEN = "not_taken"
    CANCELED = "canceled"
    COMPLETED = "completed"
    STOPPED = "stopped"
    ABANDONED = "abandoned"


class Event(StrEnum):
    """What can happen to a visit."""

    PAID = "paid"
    CANCELED = "canceled"
    TAKEN = "taken"
    DECLINED = "declined"
    COMPLETED = "completed"
    STOPPED = "stopped"
    TIME_UP = "time_up"


class Effect(StrEnum):
    """What a move asks of others, in the same unit."""

    CLOSE_BILL = "close_bill"
    FIX_INSTITUTION = "fix_institution"
    REFUND = "refund"


class DeclineReason(StrEnum):
    """Why a doctor does not take a visit."""

    NOT_MY_FIELD = "not_my_field"
    NO_TIME = "no_time"
    EVIDENCE_INSUFFICIENT = "evidence_insufficient"
    NEEDS_EXAMINATION = "needs_examination"


class StopReason(StrEnum):
    """Why a doctor stops a visit that was taken (互联网诊疗管理办法(试行) 2018: first visits are not for online)."""

    FIRST_VISIT = "first_visit"
    RED_FLAG = "red_flag"
    CHANGED_CONDITION = "changed_condition"
    NEEDS_EXAMINATION = "needs_examination"


UNPAID = "unpaid"
BY_RESIDENT = "by_resident"
NO_WORD = "no_word"
"""The window closed without a word of the doctor's."""
NOT_CONCLUDED = "not_concluded"
"""The window closed after the doctor had written, without a conclusion."""
REASONS = (*DeclineReason, *StopReason, UNPAID, BY_RESIDENT, NO_WORD, NOT_CONCLUDED)
"""Why a visit ended."""


@dataclass(frozen=True)
class Move:
    """Where a visit goes, and what is to be done."""

    state: State
    effects: frozenset[Effect] = frozenset()


_REFUND = frozenset({Effect.REFUND})
_CLOSE = frozenset({Effect.CLOSE_BILL})
_MOVES: Mapping[tuple[State, Event], Move] = {
    (State.AWAITING_PAYMENT, Event.PAID): Move(State.PAID, frozenset({Effect.FIX_INSTITUTION})),
    (State.AWAITING_PAYMENT, Event.CANCELED): Move(State.CANCELED, _CLOSE),
    (State.AWAITING_PAYMENT, Event.TIME_UP): Move(State.CANCELED, _CLOSE),
    # the payment that came while the bill was being closed
    (State.CANCELED, Event.PAID): Move(State.CANCELED, _REFUND),
    (State.PAID, Event.CANCELED): Move(State.CANCELED, _REFUND),
    (State.PAID, Event.TAKEN): Move(State.TAKEN),
    (State.PAID, Event.DECLINED): Move(State.DECLINED, _REFUND),
    (State.PAID, Event.TIME_UP): Move(State.NOT_TAKEN, _REFUND),
    (State.TAKEN, Event.COMPLETED): Move(State.COMPLETED),
    (State.TAKEN, Event.STOPPED): Move(State.STOPPED, _REFUND),
    (State.TAKEN, Event.TIME_UP): Move(State.ABANDONED, _REFUND),
}


def move(state: State, event: Event) -> Move | None:
    """What `event` does to a visit in `state`; None where it changes nothing."""
    return _MOVES.get((state, event))


def reason_of_time_up(state: State, *, doctor_wrote: bool) -> str | None:
    """Why a visit ends whose time is up in `state`; None where the new state says it."""
    if state is State.AWAITING_PAYMENT:
        return UNPAID
    if state is State.TAKEN:
        return NOT_CONCLUDED if doctor_wrote else NO_WORD
    return None
