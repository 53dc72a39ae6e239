"""How a refund goes on. Pure."""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum

from app.payments.rules.payments import KEY_KEPT, Step

MOST_ATTEMPTS = 5
_FIRST_FOLLOW_UP = timedelta(minutes=10)
_GROWTH = 4
"""The last follow-up is made after less than `KEY_KEPT`."""


class RefundState(StrEnum):
    """`unknown`: our call was not answered. A refund can fail after it succeeded: the bank sent the money back.

    `paid_otherwise`: every attempt failed, and the institution paid it to the payer past the gateway. The last one.
    """

    REQUESTED = "requested"
    UNKNOWN = "unknown"
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    PAID_OTHERWISE = "paid_otherwise"


class OtherwiseReason(StrEnum):
    """Why a refund was paid past the gateway."""

    CHANNEL_CLOSED = "channel_closed"
    """The card or wallet that had paid takes nothing any more."""
    GATEWAY_REFUSES = "gateway_refuses"
    PAYER_ASKED = "payer_asked"


_ARRIVED = (RefundState.SUCCEEDED, RefundState.PAID_OTHERWISE)
IN_FLIGHT = (RefundState.REQUESTED, RefundState.UNKNOWN, RefundState.PENDING)
_RANK: Mapping[str, int] = {state: rank for rank, state in enumerate(RefundState)}
_WORDS: Mapping[str, RefundState] = {
    "pending": RefundState.PENDING,
    "requires_action": RefundState.PENDING,
    "succeeded": RefundState.SUCCEEDED,
    "failed": RefundState.FAILED,
    "canceled": RefundState.FAILED,
}


def told(status: str) -> RefundState | None:
    """Our word for a gateway's status; None for a word newer than this code."""
    return _WORDS.get(status)


def moves(now: str, to: str) -> bool:
    """Whether a fact that says `to` changes a refund that is in `now`: forward by rank, never back."""
    return _RANK[to] > _RANK[now]


def counted(now: str, to: str, amount: int) -> tuple[int, int]:
    """What a move from `now` to `to` adds to the payment's `refunded` and `in_flight`, in fen.

    What a given-up refund keeps `in_flight` comes on top: see `service/refunds.py`.
    """
    refunded = (to in _ARRIVED) - (now in _ARRIVED)
    in_flight = (to in IN_FLIGHT) - (now in IN_FLIGHT)
    return refunded * amount, in_flight * amount


def next_step(state: str, *, at_gateway: bool, age: timedelta) -> Step | None:
    """What to do for a refund now; None when nothing is left. As for payments, never a second one."""
    if state not in IN_FLIGHT:
        return None
    if at_gateway:
        return Step.ASK
    return Step.FIND if state == RefundState.UNKNOWN or age > KEY_KEPT else Step.CREATE


def follow_up(attempt: int) -> timedelta | None:
    """How long after its failure attempt number `attempt` is followed by another; None when people must look."""
    return _FIRST_FOLLOW_UP * _GROWTH ** (attempt - 1) if attempt < MOST_ATTEMPTS else None
