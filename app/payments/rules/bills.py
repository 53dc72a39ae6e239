"""How a bill ends. Pure.

A bill is ended by what comes first: a payment that succeeded, or the certainty that none can succeed any more. While it
is being canceled a payment that succeeded still pays it, because until the gateway has confirmed the cancellation the
payer was free to pay, and something must be true at once; who asked to cancel hears that it was paid, and may refund.
Every other success (the bill is paid by another payment, or canceled) is late: it goes back in full, by itself.
"""

from collections.abc import Iterable
from enum import StrEnum


class BillState(StrEnum):
    """`canceling` while payments that may still succeed are being ended at the gateway."""

    OPEN = "open"
    PAID = "paid"
    CANCELING = "canceling"
    CANCELED = "canceled"


def payable(state: str) -> bool:
    """Whether a new payment may begin."""
    return state == BillState.OPEN


def pays(state: str) -> bool:
    """Whether a payment that succeeded now pays the bill; otherwise it is late and goes back."""
    return state in (BillState.OPEN, BillState.CANCELING)


def canceling(state: str, may_succeed: Iterable[bool]) -> BillState:
    """The state after a wish to cancel, or after a payment of a bill that is being canceled changed."""
    if not pays(state):
        return BillState(state)
    return BillState.CANCELING if any(may_succeed) else BillState.CANCELED
