"""The life of an appointment: which event leads where, and what has to be done on the way. Pure.

A place is held by exactly the appointments in a state of `HOLDING`. One that waits for payment is never let go
directly: the bill is closed first, and whichever comes back, paid or canceled, decides.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Where an appointment stands."""

    HELD = "held"
    """Waits for payment until its hold ends."""
    RELEASING = "releasing"
    """Its bill is being closed; the place waits for the answer."""
    RELEASED = "released"
    """Ended unpaid."""
    CONFIRMED = "confirmed"
    CANCELED_REFUNDING = "canceled_refunding"
    """Given up; what was paid is on its way back."""
    CANCELED = "canceled"


HOLDING = (State.HELD, State.RELEASING, State.CONFIRMED)
"""The states in which an appointment holds a place of its slot."""


class Reason(StrEnum):
    """Why an appointment ends or ended."""

    UNPAID = "unpaid"
    CANCELED = "canceled"
    STOPPED = "stopped"
    """Its shift was stopped."""


class Event(StrEnum):
    """What can happen to an appointment."""

    HOLD_ENDED = "hold_ended"
    CANCELED = "canceled"
    STOPPED = "stopped"
    PAID = "paid"
    BILL_CANCELED = "bill_canceled"
    REFUNDED = "refunded"


class Effect(StrEnum):
    """What a move asks of others, in the same unit."""

    GIVE_NUMBER = "give_number"
    CLOSE_BILL = "close_bill"
    RETURN_PLACE = "return_place"
    REFUND = "refund"


@dataclass(frozen=True)
class Move:
    """Where an appointment goes, why it ends if it does, and what is to be done."""

    state: State
    reason: Reason | None
    effects: frozenset[Effect] = frozenset()


Standing = tuple[State, Reason | None]
_CONFIRM = frozenset({Effect.GIVE_NUMBER})
_CLOSE = frozenset({Effect.CLOSE_BILL})
_RETURN = frozenset({Effect.RETURN_PLACE})
_GIVE_BACK = frozenset({Effect.RETURN_PLACE, Effect.REFUND})


def _released(reason: Reason) -> Move:
    return Move(State.RELEASED, reason, _RETURN)


def _given_up(reason: Reason) -> Move:
    return Move(State.CANCELED_REFUNDING, reason, _GIVE_BACK)


_MOVES: Mapping[tuple[Standing, Event], Move] = {
    ((State.HELD, None), Event.HOLD_ENDED): Move(State.RELEASING, Reason.UNPAID, _CLOSE),
    ((State.HELD, None), Event.CANCELED): Move(State.RELEASING, Reason.CANCELED, _CLOSE),
    ((State.HELD, None), Event.STOPPED): Move(State.RELEASING, Reason.STOPPED, _CLOSE),
    ((State.HELD, None), Event.PAID): Move(State.CONFIRMED, None, _CONFIRM),
    ((State.HELD, None), Event.BILL_CANCELED): _released(Reason.UNPAID),
    # the payment that came at the last moment stands, unless the resident or the hospital gave the place up
    ((State.RELEASING, Reason.UNPAID), Event.PAID): Move(State.CONFIRMED, None, _CONFIRM),
    ((State.RELEASING, Reason.UNPAID), Event.CANCELED): Move(State.RELEASING, Reason.CANCELED),
    ((State.RELEASING, Reason.UNPAID), Event.STOPPED): Move(State.RELEASING, Reason.STOPPED),
    ((State.RELEASING, Reason.UNPAID), Event.BILL_CANCELED): _released(Reason.UNPAID),
    ((State.RELEASING, Reason.CANCELED), Event.PAID): _given_up(Reason.CANCELED),
    ((State.RELEASING, Reason.CANCELED), Event.STOPPED): Move(State.RELEASING, Reason.STOPPED),
    ((State.RELEASING, Reason.CANCELED), Event.BILL_CANCELED): _released(Reason.CANCELED),
    ((State.RELEASING, Reason.STOPPED), Event.PAID): _given_up(Reason.STOPPED),
    ((State.RELEASING, Reason.STOPPED), Event.BILL_CANCELED): _released(Reason.STOPPED),
    ((State.CONFIRMED, None), Event.CANCELED): _given_up(Reason.CANCELED),
    ((State.CONFIRMED, None), Event.STOPPED): _given_up(Reason.STOPPED),
    ((State.CANCELED_REFUNDING, Reason.CANCELED), Event.REFUNDED): Move(State.CANCELED, Reason.CANCELED),
    ((State.CANCELED_REFUNDING, Reason.STOPPED), Event.REFUNDED): Move(State.CANCELED, Reason.STOPPED),
}


def move(standing: Standing, event: Event, *, billed: bool) -> Move | None:
    """What `event` does to an appointment; None where it changes nothing.

    An appointment that was not `billed` (its fee is 0) is canceled at once: there is nothing to give back.
    """
    found = _MOVES.get((standing, event))
    if found and not billed and Effect.REFUND in found.effects:
        return Move(State.CANCELED, found.reason, _RETURN)
    return found
