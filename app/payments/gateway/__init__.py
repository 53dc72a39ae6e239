"""A client for any payment gateway that speaks Stripe's wire format.

It knows nothing of the application: base address, key, clock and waiting are handed in. Amounts are
integer fen, times are UTC. Every effect needs an idempotency key, and only a call with the same key is
ever repeated. After an effect the caller knows one of three things: it happened (an object came back),
it did not (``CardDeclined``, ``InvalidRequest``, ``AuthenticationFailed``, ``IdempotencyConflict``,
``RateLimited``, ``GatewayUnavailable``), or nobody knows yet (``OutcomeUnknown``): then repeat it with the
same key, or look.
"""

from app.payments.gateway.client import GatewayClient
from app.payments.gateway.errors import (
    AuthenticationFailed,
    CardDeclined,
    GatewayError,
    GatewayUnavailable,
    IdempotencyConflict,
    InvalidRequest,
    OutcomeUnknown,
    RateLimited,
    WebhookPayloadInvalid,
    WebhookSignatureInvalid,
)
from app.payments.gateway.objects import Event, EventPage, NextAction, PaymentIntent, Refund
from app.payments.gateway.retries import RetryPolicy
from app.payments.gateway.transport import Timeouts
from app.payments.gateway.webhooks import verify_webhook

__all__ = [
    "AuthenticationFailed",
    "CardDeclined",
    "Event",
    "EventPage",
    "GatewayClient",
    "GatewayError",
    "GatewayUnavailable",
    "IdempotencyConflict",
    "InvalidRequest",
    "NextAction",
    "OutcomeUnknown",
    "PaymentIntent",
    "RateLimited",
    "Refund",
    "RetryPolicy",
    "Timeouts",
    "WebhookPayloadInvalid",
    "WebhookSignatureInvalid",
    "verify_webhook",
]
