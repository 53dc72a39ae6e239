"""The life of a shipment: which event leads where. Pure.

A shipment ends where its order ends, and hands nothing over by itself: that is the order's hand-over, at the door. What
may not be sold online at all is never in an order (药品网络销售监督管理办法 2022: special control); what needs a cold
chain is not shipped, because no courier here has one.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum


class ShipmentState(StrEnum):
    """Where a shipment stands."""

    ASKED = "asked"
    GIVEN = "given"
    """To a courier, who has not taken the parcel along yet."""
    PICKED_UP = "picked_up"
    UNDER_WAY = "under_way"
    INCIDENT = "incident"
    """It cannot be handed over: the courier brings it back."""
    HANDED_OVER = "handed_over"
    RETURNED = "returned"
    """The parcel is back at the pharmacy."""
    LOST = "lost"
    """Its order ended, and for some days nobody had the parcel back."""
    DECLINED = "declined"
    CALLED_OFF = "called_off"


class ShipmentEvent(StrEnum):
    """What can happen to a shipment."""

    GIVEN = "given"
    DECLINED = "declined"
    CALLED_OFF = "called_off"
    PICKED_UP = "picked_up"
    DEPARTED = "departed"
    FAILED = "failed"
    RETURNED = "returned"
    ORDER_FULFILLED = "order_fulfilled"
    """At the door where the parcel is under way, at the counter where no courier has it."""
    ORDER_ENDED = "order_ended"
    NEVER_BACK = "never_back"


class NotShippedReason(StrEnum):
    """Why a pharmacy does not bring an order to the door."""

    TOO_FAR = "too_far"
    NO_COURIER = "no_courier"
    NOT_SHIPPABLE = "not_shippable"
    OTHER = "other"


class IncidentReason(StrEnum):
    """Why a courier cannot hand a parcel over."""

    NOBODY_THERE = "nobody_there"
    NOT_FOUND = "not_found"
    NOT_WANTED = "not_wanted"
    DAMAGED = "damaged"
    OTHER = "other"


class EndReason(StrEnum):
    """Why a shipment ended, or came to nothing, without anybody of the pharmacy."""

    BY_RESIDENT = "by_resident"
    COLLECTED = "collected"
    """The medicines were handed over at the counter."""
    ORDER_ENDED = "order_ended"


SHIPMENT_REASONS = (*NotShippedReason, *IncidentReason, *EndReason)
_S, _E = ShipmentState, ShipmentEvent
OUT = frozenset({_S.PICKED_UP, _S.UNDER_WAY, _S.INCIDENT})
"""States in which a courier has the parcel."""
CARRIED = OUT | {_S.GIVEN}
"""States in which the courier knows where it goes."""
OPEN = CARRIED | {_S.ASKED}
KEPT = timedelta(days=30)
"""For how long after its end the pharmacy reads where a shipment went, and keeps it: for complaints. A default without
a legal source; who got which medicines when is told by the order, which is kept longer.
"""
COMES_BACK = timedelta(days=7)
"""How long after the end of its order a parcel may take to come back, before it counts as lost. A default likewise."""
_MOVES: Mapping[tuple[ShipmentState, ShipmentEvent], ShipmentState] = {
    **{(state, _E.GIVEN): _S.GIVEN for state in (_S.ASKED, _S.GIVEN)},
    **{(state, _E.DECLINED): _S.DECLINED for state in (_S.ASKED, _S.GIVEN)},
    **{
        (state, event): _S.CALLED_OFF
        for state in (_S.ASKED, _S.GIVEN)
        for event in (_E.CALLED_OFF, _E.ORDER_FULFILLED, _E.ORDER_ENDED)
    },
    (_S.GIVEN, _E.PICKED_UP): _S.PICKED_UP,
    (_S.PICKED_UP, _E.DEPARTED): _S.UNDER_WAY,
    (_S.UNDER_WAY, _E.ORDER_FULFILLED): _S.HANDED_OVER,
    **{(state, _E.FAILED): _S.INCIDENT for state in (_S.PICKED_UP, _S.UNDER_WAY)},
    **{(state, _E.ORDER_ENDED): _S.INCIDENT for state in OUT},
    **{(state, _E.RETURNED): _S.RETURNED for state in OUT},
    (_S.INCIDENT, _E.NEVER_BACK): _S.LOST,
}


def move(state: ShipmentState, event: ShipmentEvent) -> ShipmentState | None:
    """Where `event` leads a shipment in `state`; None where it changes nothing."""
    return _MOVES.get((state, event))


def due(state: ShipmentState, event: ShipmentEvent, now: datetime) -> datetime | None:
    """When a shipment that `event` brings into `state` now counts as lost, or is forgotten; None while its order lives.

    So a person's address has its term whatever becomes of the parcel: the order ends by itself.
    """
    if state not in OPEN:
        return now + KEPT
    return now + COMES_BACK if event is ShipmentEvent.ORDER_ENDED else None
