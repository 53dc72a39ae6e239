"""The client: payment intents, refunds and events of one gateway account."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from app.payments.gateway.deadline import limited_session
from app.payments.gateway.errors import GatewayUnavailable, OutcomeUnknown
from app.payments.gateway.forms import (
    Value,
    checked_amount,
    checked_id,
    checked_key,
    checked_metadata,
    encode,
)
from app.payments.gateway.objects import EventPage, PaymentIntent, Refund
from app.payments.gateway.parsing import Unreadable, parse_event_page, parse_intent, parse_refund
from app.payments.gateway.retries import USUAL_RETRIES, Caller, RetryPolicy
from app.payments.gateway.transport import USUAL_TIMEOUTS, Request, SessionFactory, Timeouts, Transport

MAX_PAGE = 100

T = TypeVar("T")
Parser = Callable[[Mapping[str, Any]], T]


class GatewayClient:
    """A gateway account. One client may serve many threads.

    ``sleep`` (seconds) and ``jitter`` (0 to 1) are how it waits between repeats. A ``session_factory`` of
    one's own should mount ``LimitedAdapter``; without it an answer that drips has no total time limit.
    """

    def __init__(
        self,
        base_url: str,
        api_key: str,
        *,
        timeouts: Timeouts = USUAL_TIMEOUTS,
        retries: RetryPolicy = USUAL_RETRIES,
        session_factory: SessionFactory = limited_session,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        transport = Transport(base_url, api_key, session_factory)
        desk = _Desk(Caller(transport, timeouts, retries, sleep, jitter))
        self._base_url = transport.base_url
        self.payment_intents = PaymentIntents(desk)
        self.refunds = Refunds(desk)
        self.events = Events(desk)

    def __repr__(self) -> str:
        return f"GatewayClient({self._base_url!r})"


class _Desk:
    """Sends requests and reads what comes back."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def look(self, path: str, parse: Parser[T], params: Mapping[str, Value] | None = None) -> T:
        try:
            return parse(self._caller.call(Request("GET", path, encode(params or {}))))
        except Unreadable as reason:
            problem = str(reason)
        raise GatewayUnavailable(f"the answer is unreadable: {problem}")

    def act(self, path: str, key: str, params: Mapping[str, Value], parse: Parser[T]) -> T:
        try:
            return parse(self._caller.call(Request("POST", path, encode(params), checked_key(key))))
        except Unreadable as reason:
            problem = str(reason)
        raise OutcomeUnknown(f"the answer is unreadable: {problem}")


class PaymentIntents:
    """Payments. Every effect takes a key of its own, kept by the gateway for at least 24 hours."""

    def __init__(self, desk: _Desk) -> None:
        self._desk = desk

    def create(
        self,
        *,
        amount: int,
        payment_method_types: Sequence[str],
        idempotency_key: str,
        currency: str = "cny",
        metadata: Mapping[str, str] | None = None,
        description: str | None = None,
    ) -> PaymentIntent:
        """A payment of ``amount`` fen by one of ``payment_method_types`` (card, alipay, wechat_pay).

        Raises ``ValueError`` before anything is sent, and the errors of this package.
        """
        params: dict[str, Value] = {
            "amount": checked_amount(amount),
            "currency": currency,
            "payment_method_types": list(payment_method_types),
            "metadata": checked_metadata(metadata or {}),
            "description": description,
        }
        return self._desk.act("/v1/payment_intents", idempotency_key, params, parse_intent)

    def retrieve(self, intent_id: str) -> PaymentIntent:
        """The payment as it is now. Raises ``InvalidRequest`` (404) where there is none."""
        return self._desk.look(f"/v1/payment_intents/{checked_id(intent_id)}", parse_intent)

    def confirm(
        self,
        intent_id: str,
        *,
        idempotency_key: str,
        payment_method: str | None = None,
        payment_method_type: str | None = None,
        return_url: str | None = None,
    ) -> PaymentIntent:
        """Try to pay, by a stored ``payment_method`` (its id) or by a new one of ``payment_method_type``.

        Alipay needs a ``return_url``. The answer's ``next_action`` tells what the payer must do.
        """
        if (payment_method is None) == (payment_method_type is None):
            raise ValueError("name either a payment method or a type of one")
        wechat: Value = {"wechat_pay": {"client": "web"}} if payment_method_type == "wechat_pay" else None
        params: dict[str, Value] = {
            "payment_method": payment_method,
            "payment_method_data": {"type": payment_method_type},
            "payment_method_options": wechat,
            "return_url": return_url,
        }
        path = f"/v1/payment_intents/{checked_id(intent_id)}/confirm"
        return self._desk.act(path, idempotency_key, params, parse_intent)

    def cancel(self, intent_id: str, *, idempotency_key: str, reason: str | None = None) -> PaymentIntent:
        """End a payment that is not made. Raises ``InvalidRequest`` where it is made or under way.

        ``reason``: duplicate, fraudulent, requested_by_customer or abandoned.
        """
        path = f"/v1/payment_intents/{checked_id(intent_id)}/cancel"
        return self._desk.act(path, idempotency_key, {"cancellation_reason": reason}, parse_intent)


class Refunds:
    """Money back. An accepted refund is pending: events, or a look, tell how it ends."""

    def __init__(self, desk: _Desk) -> None:
        self._desk = desk

    def create(
        self,
        *,
        payment_intent: str,
        amount: int,
        idempotency_key: str,
        metadata: Mapping[str, str] | None = None,
        reason: str | None = None,
    ) -> Refund:
        """Give ``amount`` fen of a payment back. Raises ``InvalidRequest`` beyond what was paid.

        ``reason``: duplicate, fraudulent or requested_by_customer.
        """
        params: dict[str, Value] = {
            "payment_intent": checked_id(payment_intent),
            "amount": checked_amount(amount),
            "metadata": checked_metadata(metadata or {}),
            "reason": reason,
        }
        return self._desk.act("/v1/refunds", idempotency_key, params, parse_refund)

    def retrieve(self, refund_id: str) -> Refund:
        """The refund as it is now. Raises ``InvalidRequest`` (404) where there is none."""
        return self._desk.look(f"/v1/refunds/{checked_id(refund_id)}", parse_refund)


class Events:
    """The gateway's feed, for what webhooks did not bring. Events are kept there for 30 days."""

    def __init__(self, desk: _Desk) -> None:
        self._desk = desk

    def list(
        self,
        *,
        types: Sequence[str] = (),
        limit: int = MAX_PAGE,
        starting_after: str | None = None,
        ending_before: str | None = None,
        created_from: int | None = None,
    ) -> EventPage:
        """Up to ``limit`` (1 to 100) events, newest first: older than ``starting_after`` or newer than
        ``ending_before`` (ids), not before ``created_from`` (Unix seconds)."""
        if not 1 <= limit <= MAX_PAGE:
            raise ValueError(f"a page has 1 to {MAX_PAGE} events")
        params: dict[str, Value] = {
            "types": list(types),
            "limit": limit,
            "starting_after": starting_after,
            "ending_before": ending_before,
            "created": {"gte": created_from},
        }
        return self._desk.look("/v1/events", parse_event_page, params)
