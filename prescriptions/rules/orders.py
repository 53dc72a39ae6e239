"""The life of a routing order at a pharmacy: which event leads where, and what stands against acting. Pure.

The order is the right to supply its prescription. While it lives nobody else may, and it ends in exactly one way.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from prescriptions.rules.ends import VISIT_FAILED, CloseReason, WithdrawReason


class OrderState(StrEnum):
    """Where a routing order stands."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    CHECKED = "checked"
    """The pharmacy's own pharmacist checked and signed."""
    PREPARING = "preparing"
    PREPARED = "prepared"
    """Prepared by one and verified by another: ready to be handed over."""
    FULFILLED = "fulfilled"
    DECLINED = "declined"
    TIMED_OUT = "timed_out"
    RELEASED = "released"
    REVOKED = "revoked"
    EXPIRED = "expired"


class OrderEvent(StrEnum):
    """What can happen to a routing order."""

    ACCEPTED = "accepted"
    DECLINED = "declined"
    TIMED_OUT = "timed_out"
    CHECKED = "checked"
    BEGUN = "begun"
    VERIFIED = "verified"
    SPOILED = "spoiled"
    """A courier brought the parcel back, and it is not intact: it is prepared anew."""
    HANDED_OVER = "handed_over"
    RELEASED = "released"
    REVOKED = "revoked"
    EXPIRED = "expired"


class DeclineReason(StrEnum):
    """Why a pharmacy does not accept an order."""

    OUT_OF_STOCK = "out_of_stock"
    CLOSED = "closed"
    NOT_SUPPLIED = "not_supplied"
    UNREADABLE = "unreadable"
    OTHER = "other"


class ReleaseReason(StrEnum):
    """Why a pharmacy gives back an order that it had accepted."""

    OUT_OF_STOCK = "out_of_stock"
    CLOSED = "closed"
    CHECK_FAILED = "check_failed"
    OTHER = "other"


class ArrivalReason(StrEnum):
    """Why an order ends the moment it arrives."""

    NOT_LICENSED = "not_licensed"
    QUOTE_UNKNOWN = "quote_unknown"
    PRICE_RISEN = "price_risen"


class Against(StrEnum):
    """What stands against acting on an order that is in the right state."""

    EXPIRED = "order_expired"
    OFFER_OVER = "offer_over"
    NOT_SETTLED = "order_not_settled"
    SAME_PERSON = "preparer_verifies"
    NOT_LICENSED = "not_licensed"
    SIGNATURES_INVALID = "signatures_invalid"


BY_RESIDENT = "by_resident"
REASONS = (*DeclineReason, *ReleaseReason, *ArrivalReason, BY_RESIDENT, *WithdrawReason, VISIT_FAILED, *CloseReason)
"""Why an order ended: by the pharmacy, by the resident, or because its prescription did."""
_WAY = (OrderState.OFFERED, OrderState.ACCEPTED, OrderState.CHECKED, OrderState.PREPARING, OrderState.PREPARED)
LIVE = frozenset(_WAY)
"""States in which the prescription is this pharmacy's to supply."""
NAMED = (LIVE - {OrderState.OFFERED}) | {OrderState.FULFILLED}
"""States in which the pharmacy knows for whom it is."""
ENDED = frozenset(OrderState) - LIVE - {OrderState.FULFILLED}
"""Ends without hand-over."""
CONTENT_KEPT = timedelta(days=30)
"""For how long after such an end the pharmacy keeps what it was sent: for a complaint about that end. The signed
prescription stays with its hospital, and what was handed over stays here (处方管理办法 2007, article 50).
"""
_BEFORE_PREPARING = (OrderState.ACCEPTED, OrderState.CHECKED)
_MOVES: Mapping[tuple[OrderState, OrderEvent], OrderState] = {
    (OrderState.OFFERED, OrderEvent.ACCEPTED): OrderState.ACCEPTED,
    (OrderState.OFFERED, OrderEvent.DECLINED): OrderState.DECLINED,
    (OrderState.OFFERED, OrderEvent.TIMED_OUT): OrderState.TIMED_OUT,
    (OrderState.ACCEPTED, OrderEvent.CHECKED): OrderState.CHECKED,
    (OrderState.CHECKED, OrderEvent.BEGUN): OrderState.PREPARING,
    (OrderState.PREPARING, OrderEvent.VERIFIED): OrderState.PREPARED,
    (OrderState.PREPARED, OrderEvent.SPOILED): OrderState.CHECKED,
    (OrderState.PREPARED, OrderEvent.HANDED_OVER): OrderState.FULFILLED,
    **{(state, OrderEvent.RELEASED): OrderState.RELEASED for state in _BEFORE_PREPARING},
    **{(state, OrderEvent.REVOKED): OrderState.REVOKED for state in LIVE},
    **{(state, OrderEvent.EXPIRED): OrderState.EXPIRED for state in LIVE},
}


def move(state: OrderState, event: OrderEvent) -> OrderState | None:
    """Where `event` leads an order in `state`; None where it changes nothing."""
    return _MOVES.get((state, event))


def needed(event: OrderEvent) -> OrderState:
    """The first state in which `event` can happen."""
    return next(state for state in _WAY if (state, event) in _MOVES)


def refusal(state: OrderState, needed: OrderState) -> str:
    """Why what needs the order to be `needed` cannot be done in `state`, as a code that says what to do next.

    `order_ended`: nothing, and nothing may be handed over; `order_fulfilled`: nothing, it was handed over; `order_not_`
    and a state: that step is to be taken first; `order_already_` and a state: the time for it is over.
    """
    if state in ENDED:
        return "order_ended"
    if state is OrderState.FULFILLED:
        return "order_fulfilled"
    at = _WAY.index(state)
    return f"order_not_{_WAY[at + 1]}" if at < _WAY.index(needed) else f"order_already_{state}"


@dataclass(frozen=True)
class Times:
    """Until when an order may be accepted, and until when it may be supplied."""

    offer_until: datetime
    expires_at: datetime

    def due(self, state: OrderState, now: datetime) -> datetime | None:
        """When an order that comes into `state` now ends by itself, or is forgotten; None once it is fulfilled."""
        if state not in LIVE:
            return now + CONTENT_KEPT if state in ENDED else None
        return min(self.offer_until, self.expires_at) if state is OrderState.OFFERED else self.expires_at

    def up(self, state: OrderState, now: datetime) -> OrderEvent | None:
        """What time has done to an order in `state`; the prescription's end comes before the offer's."""
        if state not in LIVE:
            return None
        if self.expires_at <= now:
            return OrderEvent.EXPIRED
        over = state is OrderState.OFFERED and self.offer_until <= now
        return OrderEvent.TIMED_OUT if over else None

    def against(self, state: OrderState, now: datetime) -> Against | None:
        """What time has against acting, even if nobody has noticed yet."""
        happened = self.up(state, now)
        if happened is OrderEvent.EXPIRED:
            return Against.EXPIRED
        return Against.OFFER_OVER if happened else None


def signed_for(document: Mapping[str, Any], prescription: str, expires_at: datetime) -> bool:
    """Whether a signed document is that of the order: the same prescription, with the same end."""
    try:
        return document["id"] == prescription and datetime.fromisoformat(document["expires_at"]) == expires_at
    except (KeyError, TypeError, ValueError):
        return False
