"""How a payment goes on: states, what a gateway's word changes, the next step, when to ask. Pure."""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum

KEY_KEPT = timedelta(hours=20)
"""So long a call is repeated under its key; gateways keep keys for 24 hours."""
FIRST_PAUSE = timedelta(seconds=5)
LIVELY_PAUSE = timedelta(seconds=30)
LIVELY_TRIES = 120
"""About an hour, in which a lost webhook is made up for within `LIVELY_PAUSE`."""
LONGEST_PAUSE = timedelta(hours=4)


class PaymentState(StrEnum):
    """`unknown`: our call was not answered, so it may or may not have had its effect."""

    CREATED = "created"
    UNKNOWN = "unknown"
    REQUIRES_ACTION = "requires_action"
    PROCESSING = "processing"
    FAILED = "failed"
    CANCELED = "canceled"
    SUCCEEDED = "succeeded"


_RANK: Mapping[str, int] = {state: rank for rank, state in enumerate(PaymentState)}
_WORDS: Mapping[str, PaymentState] = {
    "requires_confirmation": PaymentState.CREATED,
    "requires_action": PaymentState.REQUIRES_ACTION,
    "processing": PaymentState.PROCESSING,
    "succeeded": PaymentState.SUCCEEDED,
    "canceled": PaymentState.CANCELED,
}


class Step(StrEnum):
    """What to ask of the gateway next."""

    FIND = "find"
    CREATE = "create"
    CONFIRM = "confirm"
    CANCEL = "cancel"
    ASK = "ask"


def told(status: str, *, failed: bool) -> PaymentState | None:
    """Our word for a gateway's status, `failed` where its last attempt did; None for a word newer than this code."""
    if status == "requires_payment_method":
        return PaymentState.FAILED if failed else PaymentState.CREATED
    return _WORDS.get(status)


def moves(now: str, to: str) -> bool:
    """Whether a fact that says `to` changes a payment that is in `now`: forward by rank, never back.

    Success outranks everything, because the money is there whatever was said before; nothing undoes it but a refund.
    """
    return _RANK[to] > _RANK[now]


def may_succeed(state: str, *, at_gateway: bool) -> bool:
    """Whether this payment could still succeed: a failed attempt can be repeated as long as its intent is open."""
    if state == PaymentState.FAILED:
        return at_gateway
    return state not in (PaymentState.CANCELED, PaymentState.SUCCEEDED)


def under_way(state: str) -> bool:
    """Whether this attempt has not ended yet."""
    return _RANK[state] < _RANK[PaymentState.FAILED]


def gave_nothing(state: str) -> bool:
    """Whether this attempt has ended without money; a failed one whose intent is open may still be paid, rarely."""
    return state in (PaymentState.FAILED, PaymentState.CANCELED)


def next_step(state: str, *, at_gateway: bool, confirmed: bool, stopping: bool, age: timedelta) -> Step | None:
    """What to do for a payment now; None when nothing is left.

    Never a second intent: a creation that was not answered is looked for, then repeated under its key while the gateway
    keeps that. Also what shall be stopped is created first where it may exist: only an intent that is known can be
    canceled for certain.
    """
    if not may_succeed(state, at_gateway=at_gateway) or (state == PaymentState.FAILED and not stopping):
        return None
    if not at_gateway:
        return Step.FIND if state == PaymentState.UNKNOWN or age > KEY_KEPT else Step.CREATE
    if stopping:
        return Step.CANCEL
    return Step.ASK if confirmed else Step.CONFIRM


def pause(tries: int) -> timedelta:
    """How long to wait before asking again: from 5 s to 30 s for an hour, then doubling to four hours."""
    if tries <= LIVELY_TRIES:
        return min(FIRST_PAUSE * (1 << min(tries, 8)), LIVELY_PAUSE)
    return min(LIVELY_PAUSE * (1 << min(tries - LIVELY_TRIES, 10)), LONGEST_PAUSE)
