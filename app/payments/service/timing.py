"""When the worker goes on with a payment or a refund, and with what."""

from app.core.unit import Unit
from app.payments.models import Payment, Refund
from app.payments.rules import refunds
from app.payments.rules.payments import Step, next_step, pause


def payment_step(unit: Unit, payment: Payment) -> Step | None:
    """What to ask of the gateway about a payment next."""
    return next_step(
        payment.state, at_gateway=payment.channel_id is not None, confirmed=payment.confirmed,
        stopping=payment.stopping, age=unit.now - payment.created_at,
    )  # fmt: skip


def refund_step(unit: Unit, refund: Refund) -> Step | None:
    """What to ask of the gateway about a refund next."""
    return refunds.next_step(refund.state, at_gateway=refund.channel_id is not None, age=unit.now - refund.created_at)


def reschedule_payment(unit: Unit, payment: Payment) -> None:
    """Set when to go on, by how often was tried."""
    payment.due_at = unit.now + pause(payment.tries) if payment_step(unit, payment) else None


def reschedule_refund(unit: Unit, refund: Refund) -> None:
    """Set when to go on, by how often was tried."""
    refund.due_at = unit.now + pause(refund.tries) if refund_step(unit, refund) else None
