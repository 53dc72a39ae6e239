"""Asking the gateway: one step, outside every unit, under a key that is the step's for ever."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

import structlog

from app.payments.facts import ChannelFact, Source, of_intent, of_refund
from app.payments.gateway import (
    AuthenticationFailed,
    CardDeclined,
    GatewayClient,
    GatewayError,
    IdempotencyConflict,
    InvalidRequest,
    OutcomeUnknown,
    PaymentIntent,
    Refund,
    Timeouts,
)
from app.payments.rules.payments import KEY_KEPT, Step

TIMEOUTS = Timeouts(connect=3, read=8, total=15)
LEASE = timedelta(seconds=60)
"""Longer than the calls of one step take in all."""
CLOCK_SKEW = timedelta(minutes=5)
MOST_PAGES = 50
log = structlog.get_logger()
Subject = TypeVar("Subject", PaymentIntent, Refund)


@dataclass(frozen=True)
class Account:
    """How to reach a merchant's account."""

    id: uuid.UUID
    url: str
    api_key: str = field(repr=False)

    def client(self) -> GatewayClient:
        """A client for a few calls."""
        return GatewayClient(self.url, self.api_key, timeouts=TIMEOUTS)


@dataclass(frozen=True)
class PaymentCall:
    """A step of a payment, with everything that the call needs; `name` and `bill` are public ids."""

    step: Step
    account: Account
    name: str
    bill: str
    amount: int
    currency: str
    method: str
    card: str | None
    return_url: str | None
    channel_id: str
    """Empty while it is not known."""
    created_at: datetime
    age: timedelta

    def perform(self) -> "Said":
        """Make the call; never raises what a gateway may do."""
        return _said(lambda: _PAYMENT_STEPS[self.step](self, self.account.client()), self._look)

    def fact(self, intent: PaymentIntent) -> ChannelFact:
        """What an answer says."""
        return of_intent(self.account.id, Source.ANSWER, intent)

    def _look(self) -> ChannelFact | None:
        if not self.channel_id:
            return None
        return self.fact(self.account.client().payment_intents.retrieve(self.channel_id))


@dataclass(frozen=True)
class RefundCall:
    """A step of a refund, with everything that the call needs."""

    step: Step
    account: Account
    name: str
    amount: int
    payment_channel_id: str
    channel_id: str
    """Empty while it is not known."""
    created_at: datetime
    age: timedelta

    def perform(self) -> "Said":
        """Make the call; never raises what a gateway may do."""
        return _said(lambda: _REFUND_STEPS[self.step](self, self.account.client()), lambda: None)

    def fact(self, refund: Refund) -> ChannelFact:
        """What an answer says."""
        return of_refund(self.account.id, Source.ANSWER, refund)


@dataclass(frozen=True)
class Said:
    """What came of a call: a fact, a definite refusal, both, doubt whether it had its effect, or nothing at all."""

    fact: ChannelFact | None = None
    refusal: str | None = None
    """The gateway's code: the effect did not happen and will not."""
    doubt: bool = False

    @property
    def silent(self) -> bool:
        """Whether the gateway said nothing of use."""
        return self.fact is None and self.refusal is None


class NotThere(Exception):
    """Looked for where it would be, and certainly not there."""


class TooMany(Exception):
    """Not found among as many events as are looked through: no conclusion."""


def _said(call: Callable[[], ChannelFact], look: Callable[[], ChannelFact | None]) -> Said:
    try:
        return Said(call())
    except NotThere:
        return Said(refusal="never_arrived")
    except (CardDeclined, InvalidRequest, IdempotencyConflict) as refused:
        decline = refused.decline_code if isinstance(refused, CardDeclined) else None
        return _refused(decline or refused.code or f"http_{refused.status}", look)
    except OutcomeUnknown:
        return Said(doubt=True)
    except (GatewayError, TooMany) as error:  # it had no effect, and may have one later
        return _silence(error)


def _refused(code: str, look: Callable[[], ChannelFact | None]) -> Said:
    """What the thing is now says more than the refusal: perhaps it is paid, or ended, already."""
    try:
        return Said(look(), code)
    except GatewayError as error:
        return _silence(error)


def _silence(error: Exception) -> Said:
    """An alarm for whoever keeps the account where its key is refused, a note where the gateway is away."""
    note = log.error if isinstance(error, AuthenticationFailed) else log.warning
    note("gateway_silent", error=type(error).__name__)
    return Said()


def _create(call: PaymentCall, client: GatewayClient) -> ChannelFact:
    return call.fact(
        client.payment_intents.create(
            amount=call.amount, currency=call.currency.lower(), payment_method_types=(call.method,),
            idempotency_key=f"{call.name}.create", metadata={"payment": call.name, "bill": call.bill},
        )
    )  # fmt: skip


def _find(call: PaymentCall, client: GatewayClient) -> ChannelFact:
    created = _search(
        client,
        "payment_intent.created",
        PaymentIntent,
        call.created_at,
        lambda m: m.metadata.get("payment") == call.name,
    )
    if created is not None:
        return call.fact(client.payment_intents.retrieve(created.id))
    if call.age > KEY_KEPT:
        raise NotThere
    return _create(call, client)


def _confirm(call: PaymentCall, client: GatewayClient) -> ChannelFact:
    return call.fact(
        client.payment_intents.confirm(
            call.channel_id, idempotency_key=f"{call.name}.confirm", payment_method=call.card,
            payment_method_type=None if call.card else call.method, return_url=call.return_url,
        )
    )  # fmt: skip


def _cancel(call: PaymentCall, client: GatewayClient) -> ChannelFact:
    return call.fact(
        client.payment_intents.cancel(call.channel_id, idempotency_key=f"{call.name}.cancel", reason="abandoned")
    )


def _ask(call: PaymentCall, client: GatewayClient) -> ChannelFact:
    return call.fact(client.payment_intents.retrieve(call.channel_id))


def _create_refund(call: RefundCall, client: GatewayClient) -> ChannelFact:
    return call.fact(
        client.refunds.create(
            payment_intent=call.payment_channel_id, amount=call.amount, idempotency_key=f"{call.name}.create",
            metadata={"refund": call.name}, reason="requested_by_customer",
        )
    )  # fmt: skip


def _find_refund(call: RefundCall, client: GatewayClient) -> ChannelFact:
    created = _search(
        client, "refund.created", Refund, call.created_at, lambda known: known.metadata.get("refund") == call.name
    )
    if created is not None:
        return call.fact(client.refunds.retrieve(created.id))
    if call.age > KEY_KEPT:
        raise NotThere
    return _create_refund(call, client)


def _ask_refund(call: RefundCall, client: GatewayClient) -> ChannelFact:
    return call.fact(client.refunds.retrieve(call.channel_id))


def _search(
    client: GatewayClient, type: str, kind: type[Subject], since: datetime, ours: Callable[[Subject], bool]
) -> Subject | None:
    """The thing that is ours among those made since; raises TooMany where there are more than can be looked through."""
    last, start = None, int((since - CLOCK_SKEW).timestamp())
    for _ in range(MOST_PAGES):
        page = client.events.list(types=(type,), created_from=start, starting_after=last)
        for event in page.events:
            if isinstance(event.subject, kind) and ours(event.subject):
                return event.subject
        if not page.has_more or not page.events:
            return None
        last = page.events[-1].id
    raise TooMany


_PAYMENT_STEPS = {
    Step.CREATE: _create, Step.FIND: _find, Step.CONFIRM: _confirm, Step.CANCEL: _cancel, Step.ASK: _ask,
}  # fmt: skip
_REFUND_STEPS = {Step.CREATE: _create_refund, Step.FIND: _find_refund, Step.ASK: _ask_refund}
