"""The life of a prescription: which event leads where. Pure.

Only its author changes a prescription; that it is supplied is the pharmacy's word. While an order is live, an end waits
for the pharmacy's answer (`stopping`): nothing ends here that may still be handed over there.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Where a prescription stands."""

    DRAFT = "draft"
    DISCARDED = "discarded"
    PENDING_REVIEW = "pending_review"
    """Signed; in the pharmacists' queue."""
    REVIEW_REJECTED = "review_rejected"
    READY = "ready"
    """Reviewed: it may be routed."""
    COMPLETED = "completed"
    CLOSED_UNSUPPLIED = "closed_unsupplied"
    """Given up by the resident."""
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class Stopping(StrEnum):
    """Which end waits for the pharmacy's answer."""

    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    CLOSED = "closed"


class Event(StrEnum):
    """What can happen to a prescription."""

    SIGNED = "signed"
    DISCARDED = "discarded"
    PASSED = "passed"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    CLOSED = "closed"
    OFFERED = "offered"
    """An order was made of it: it has a live one from now on."""
    ORDER_ENDED = "order_ended"
    """The live order ended without hand-over."""
    FULFILLED = "fulfilled"


@dataclass(frozen=True)
class Move:
    """Where a prescription goes, and which end it waits for there."""

    state: State
    stopping: Stopping | None = None


ENDED = frozenset(
    {State.DISCARDED, State.REVIEW_REJECTED, State.COMPLETED, State.CLOSED_UNSUPPLIED, State.WITHDRAWN, State.EXPIRED}
)
TAKEN_BACK = frozenset({State.REVIEW_REJECTED, State.WITHDRAWN})
"""Ends by which nothing was prescribed; in all others the visit that bore it was care, supplied or not."""
CURRENT = frozenset({State.PENDING_REVIEW, State.READY, State.COMPLETED})
"""States in which the medicines of a prescription count as taken, until its last day."""
END_OF: Mapping[Stopping, State] = {
    Stopping.WITHDRAWN: State.WITHDRAWN,
    Stopping.EXPIRED: State.EXPIRED,
    Stopping.CLOSED: State.CLOSED_UNSUPPLIED,
}
_STOPS: Mapping[Event, Stopping] = {
    Event.WITHDRAWN: Stopping.WITHDRAWN,
    Event.EXPIRED: Stopping.EXPIRED,
    Event.CLOSED: Stopping.CLOSED,
}
_BEFORE_ROUTING: Mapping[tuple[State, Event], State] = {
    (State.DRAFT, Event.SIGNED): State.PENDING_REVIEW,
    (State.DRAFT, Event.DISCARDED): State.DISCARDED,
    (State.PENDING_REVIEW, Event.PASSED): State.READY,
    (State.PENDING_REVIEW, Event.REJECTED): State.REVIEW_REJECTED,
    (State.PENDING_REVIEW, Event.WITHDRAWN): State.WITHDRAWN,
    (State.PENDING_REVIEW, Event.EXPIRED): State.EXPIRED,
}


def move(state: State, event: Event, *, live: bool = False, stopping: Stopping | None = None) -> Move | None:
    """What `event` does to a prescription in `state`; None where it changes nothing.

    `live`: whether a pharmacy holds an order of it. `stopping`: the end that already waits for the pharmacy's answer.
    """
    if state is not State.READY:
        found = _BEFORE_ROUTING.get((state, event))
        return Move(found) if found else None
    if event in _STOPS:
        return _stop(_STOPS[event], live=live, stopping=stopping)
    return _order_moved(event, live=live, stopping=stopping)


def _stop(wanted: Stopping, *, live: bool, stopping: Stopping | None) -> Move | None:
    if stopping:
        return None
    return Move(State.READY, wanted) if live else Move(END_OF[wanted])


def _order_moved(event: Event, *, live: bool, stopping: Stopping | None) -> Move | None:
    if event is Event.OFFERED:
        return None if stopping else Move(State.READY)
    if event is Event.FULFILLED and live:
        return Move(State.COMPLETED)
    if event is Event.ORDER_ENDED and live:
        return Move(END_OF[stopping] if stopping else State.READY)
    return None
