"""Refunds that the institution pays past the gateway, since no attempt brought the money back."""

from dataclasses import dataclass

from app.core.ids import PublicId
from app.core.unit import Caller, Effect, Unit, run
from app.payments.models import Refund
from app.payments.rules.refunds import OtherwiseReason, RefundState
from app.payments.service.moving import move_refund
from app.payments.service.refunds import take_given_up


@dataclass(frozen=True)
class Transfer:
    """A payment to the payer that was made already: why so, and under which reference the institution has it."""

    reason: OtherwiseReason
    reference: str


def pay_otherwise(known: PublicId, transfer: Transfer, by: Caller, effect: Effect | None = None) -> Refund:
    """Note that a refund that was given up was paid to its payer by `transfer`: it has ended, the bill counts it as
    refunded, and whoever waits for the money hears of it.

    Raises NotFound, WrongState `refund_not_given_up`.
    """

    def work(opened: Unit) -> Refund:
        bill, payment, refund = take_given_up(opened, known)
        refund.otherwise_reason, refund.transfer_reference = transfer.reason, transfer.reference
        move_refund(opened, bill, payment, refund, RefundState.PAID_OTHERWISE)
        return refund

    return run(known.scope, work, by, effect=effect)
