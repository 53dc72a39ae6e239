"""What a gateway says, in our words, whatever brought it: a webhook, the answer to a call, a look-up."""

import uuid
from dataclasses import dataclass, field
from enum import StrEnum

import orjson

from app.core.ids import MalformedId, PublicId
from app.core.scope import Scope
from app.payments.gateway import Event, NextAction, PaymentIntent, Refund
from app.payments.models import GatewayFact
from app.payments.names import PAYMENT_ID, REFUND_ID
from app.payments.rules import payments, refunds


class Source(StrEnum):
    """What brought a fact."""

    WEBHOOK = "webhook"
    ANSWER = "answer"


class Kind(StrEnum):
    """What a fact is about."""

    PAYMENT = "payment"
    REFUND = "refund"
    OTHER = "other"


@dataclass(frozen=True)
class ChannelFact:
    """One statement of a gateway about one of its intents or refunds; `amount` in fen.

    `named` is the public id of ours that it gave back, if it did. `state` is None where its word is newer than we are.
    """

    account_id: uuid.UUID
    source: Source
    kind: Kind
    channel_id: str
    state: str | None
    amount: int
    currency: str
    named: str | None = None
    payment_channel_id: str | None = None
    failure: str | None = None
    next_action: bytes | None = field(default=None, repr=False)
    """JSON for the payer."""

    def ours(self, scope: Scope) -> uuid.UUID | None:
        """The row that it names, where that is one of `scope`."""
        try:
            known = PublicId.parse(self.named or "", PAYMENT_ID if self.kind is Kind.PAYMENT else REFUND_ID)
        except MalformedId:
            return None
        return known.id if known.scope.tenant == scope.tenant else None


def of_intent(account_id: uuid.UUID, source: Source, intent: PaymentIntent) -> ChannelFact:
    """What an intent says of its payment."""
    state = payments.told(intent.status, failed=intent.error_code is not None)
    received = state == payments.PaymentState.SUCCEEDED
    return ChannelFact(
        account_id, source, Kind.PAYMENT, intent.id, state, intent.amount_received if received else intent.amount,
        intent.currency.upper(), named=intent.metadata.get("payment"), failure=intent.decline_code or intent.error_code,
        next_action=_shown(intent.next_action),
    )  # fmt: skip


def of_refund(account_id: uuid.UUID, source: Source, refund: Refund) -> ChannelFact:
    """What a gateway's refund says of ours."""
    return ChannelFact(
        account_id, source, Kind.REFUND, refund.id, refunds.told(refund.status), refund.amount,
        refund.currency.upper(), named=refund.metadata.get("refund"), payment_channel_id=refund.payment_intent,
        failure=refund.failure_reason,
    )  # fmt: skip


def of_event(account_id: uuid.UUID, event: Event) -> ChannelFact:
    """What an event says; of kinds that we do not use only that it came."""
    if isinstance(event.subject, PaymentIntent):
        return of_intent(account_id, Source.WEBHOOK, event.subject)
    if isinstance(event.subject, Refund):
        return of_refund(account_id, Source.WEBHOOK, event.subject)
    return ChannelFact(account_id, Source.WEBHOOK, Kind.OTHER, event.object_id or "", None, 0, "")


def of_row(row: GatewayFact) -> ChannelFact:
    """A fact that was kept to be applied."""
    return ChannelFact(
        row.account_id, Source(row.source), Kind(row.kind), row.channel_id, row.state, row.amount, row.currency,
        named=row.named, payment_channel_id=row.payment_channel_id, failure=row.failure,
    )  # fmt: skip


def row_of(fact: ChannelFact) -> GatewayFact:
    """`fact` as evidence; verdict, owner and times are the keeper's to set."""
    return GatewayFact(
        account_id=fact.account_id, source=fact.source, kind=fact.kind, channel_id=fact.channel_id, state=fact.state,
        amount=fact.amount, currency=fact.currency, named=fact.named, payment_channel_id=fact.payment_channel_id,
        failure=fact.failure,
    )  # fmt: skip


def _shown(action: NextAction | None) -> bytes | None:
    if action is None:
        return None
    return orjson.dumps({"kind": action.kind, "redirect_url": action.redirect_url, "qr_data": action.qr_data})
