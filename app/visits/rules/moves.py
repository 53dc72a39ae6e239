"""The life of a text visit: which event leads where, and what has to be done on the way. Pure.

Every end except `completed` gives the whole fee back, unasked. A doctor who signed a prescription gave care: where one
stands, the end of the window takes nothing back. The visit is completed by what is recorded, or waits, `unconcluded`,
for its doctor or medical affairs.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class State(StrEnum):
    """Where a visit stands."""

    AWAITING_PAYMENT = "awaiting_payment"
    PAID = "paid"
    """In the doctor's queue."""
    TAKEN = "taken"
    UNCONCLUDED = "unconcluded"
    """Its window closed while a prescription of it stands: only the conclusion is missing."""
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
    LEFT_OPEN = "left_open"
    """Its time is up, and it waits for its conclusion: for a day, after which its doctor is reminded again."""
    LEFT_ALONE = "left_alone"
    """Its doctor was reminded long enough: it waits on, in the list of medical affairs, and nobody is told again."""
    GIVEN_UP = "given_up"
    """Medical affairs do not count it as care."""


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
BY_RECORD = "by_record"
"""The window closed, and nothing was missing but the doctor's saying so."""
BY_MEDICAL_AFFAIRS = "by_medical_affairs"
REASONS = (
    *DeclineReason, *StopReason, UNPAID, BY_RESIDENT, NO_WORD, NOT_CONCLUDED, BY_RECORD, BY_MEDICAL_AFFAIRS,
)  # fmt: skip
"""Why a visit ended."""
REMIND_AFTER = timedelta(days=1)
"""How often a doctor is reminded of a conclusion that is missing. A default without a legal source."""
REMIND_FOR = timedelta(days=14)
"""For how long after the window closed: who did not conclude by then is away. A default without a legal source."""
WORKED_ON = (State.TAKEN, State.UNCONCLUDED)
"""Its doctor may write: messages, record, acceptance of the evidence, conclusion."""


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
    (State.TAKEN, Event.LEFT_OPEN): Move(State.UNCONCLUDED),
    (State.UNCONCLUDED, Event.LEFT_OPEN): Move(State.UNCONCLUDED),
    (State.UNCONCLUDED, Event.LEFT_ALONE): Move(State.UNCONCLUDED),
    (State.UNCONCLUDED, Event.COMPLETED): Move(State.COMPLETED),
    (State.UNCONCLUDED, Event.TIME_UP): Move(State.ABANDONED, _REFUND),
    (State.UNCONCLUDED, Event.GIVEN_UP): Move(State.ABANDONED, _REFUND),
}


def move(state: State, event: Event) -> Move | None:
    """What `event` does to a visit in `state`; None where it changes nothing."""
    return _MOVES.get((state, event))


@dataclass(frozen=True)
class Conduct:
    """What a doctor did in a visit that they took."""

    wrote: bool
    prescribed: bool
    """Whether a prescription that they signed in it stands."""
    concludable: bool
    """Whether what is recorded is all that a conclusion needs."""
    overdue: timedelta
    """How long ago the window closed."""


def at_time_up(state: State, conduct: Conduct) -> tuple[Event, str | None]:
    """What happens to a visit whose time is up in `state`, and why it ends; None where the new state says it."""
    if state is State.AWAITING_PAYMENT:
        return Event.TIME_UP, UNPAID
    if state not in WORKED_ON:
        return Event.TIME_UP, None
    if not conduct.prescribed:
        return Event.TIME_UP, NOT_CONCLUDED if conduct.wrote else NO_WORD
    if conduct.concludable:
        return Event.COMPLETED, BY_RECORD
    return (Event.LEFT_OPEN if state is State.TAKEN or conduct.overdue < REMIND_FOR else Event.LEFT_ALONE), None
