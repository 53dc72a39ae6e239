"""Tables of payments: merchant accounts, bills, payments, refunds, the ledger, and what gateways told.

Whoever changes a payment or a refund holds its bill's row, so that one lock orders everything about one bill.
"""

import uuid
from datetime import datetime
from typing import ClassVar

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import OWN_KEY, READ_WRITE, Base, Grants, JsonList, KeyOwned, ResidentView, TenantOwned, within_tenant
from app.core.encrypted import Encrypted, encrypted_for
from app.core.forgetting import ERASED, FORGOTTEN
from app.core.timers import DUE

ONE_OF_A_KEY = "uq_payments_tenant_id_asked"


class MerchantAccount(TenantOwned, Base):
    """An account of the tenant at a payment gateway; the newest is the one that new payments go to."""

    __tablename__ = "merchant_accounts"
    resident_view = ResidentView.PUBLIC
    url: Mapped[str] = mapped_column()
    api_key: Mapped[Encrypted] = mapped_column()
    """Encrypted."""
    version: Mapped[int] = mapped_column()
    created_at: Mapped[datetime] = mapped_column()


class GatewayHook(KeyOwned, Base):
    """What proves a gateway's webhook, found by the account's uuid alone: nothing else is known of the caller yet."""

    __tablename__ = "gateway_hooks"
    grants: ClassVar[Grants] = {**READ_WRITE, "discovery": "SELECT ({owner})"}
    tenant: Mapped[int] = mapped_column()
    secrets: Mapped[bytes] = mapped_column(info=encrypted_for("{scope}/secrets/{key}"))
    """Encrypted JSON list, the newest first; the others serve until the gateway has changed over."""


class Bill(TenantOwned, Base):
    """What a payer owes for one thing. `resident_id` is the payer; amounts in fen."""

    __tablename__ = "bills"
    __mapper_args__ = OWN_KEY
    __table_args__ = (
        CheckConstraint("state IN ('open', 'paid', 'canceling', 'canceled')", name="state"),
        CheckConstraint("total > 0", name="total"),
        CheckConstraint("(state = 'paid') = (paid_by IS NOT NULL)", name="paid_by"),
        Index(None, "tenant_id", "resident_id"),
    )
    resident_view = ResidentView.OWN
    grants: ClassVar[Grants] = ERASED
    resident_id: Mapped[uuid.UUID] = mapped_column()
    purpose: Mapped[str] = mapped_column()
    """The public id of what is paid for."""
    lines: Mapped[JsonList] = mapped_column()
    """Code, name and amount of each line; they sum to the total."""
    total: Mapped[int] = mapped_column()
    state: Mapped[str] = mapped_column()
    paid_by: Mapped[uuid.UUID | None] = mapped_column()
    """The payment that paid it; every other one that succeeds goes back."""
    version: Mapped[int] = mapped_column()
    created_at: Mapped[datetime] = mapped_column()


class Payment(TenantOwned, Base):
    """One attempt to pay a bill in full: one payment intent at the gateway. Amounts in fen.

    `due_at` is when the worker goes on with it; null when nothing is left to do.
    """

    __tablename__ = "payments"
    __mapper_args__ = OWN_KEY
    __table_args__ = (
        within_tenant("bills", "bill_id"),
        within_tenant("merchant_accounts", "account_id"),
        CheckConstraint(
            "state IN ('created', 'unknown', 'requires_action', 'processing', 'failed', 'canceled', 'succeeded')",
            name="state",
        ),
        CheckConstraint("amount > 0 AND paid IN (0, amount)", name="amount"),
        CheckConstraint("refunded >= 0 AND in_flight >= 0 AND refunded + in_flight <= paid", name="refundable"),
        UniqueConstraint("tenant_id", "asked", name=ONE_OF_A_KEY),
        Index(None, "tenant_id", "bill_id"),
        UniqueConstraint("tenant_id", "account_id", "channel_id"),
        Index(None, "tenant_id", "resident_id"),
        Index("ix_payments_due", "due_at", postgresql_where="due_at IS NOT NULL"),
    )
    resident_view = ResidentView.OWN
    grants: ClassVar[Grants] = FORGOTTEN
    bill_id: Mapped[uuid.UUID] = mapped_column()
    account_id: Mapped[uuid.UUID] = mapped_column()
    resident_id: Mapped[uuid.UUID] = mapped_column()
    asked: Mapped[str] = mapped_column()
    """Keyed digest of who asked under which idempotency key: asking again finds this row."""
    method: Mapped[str] = mapped_column()
    card: Mapped[str | None] = mapped_column()
    """The gateway's name for the payer's card."""
    return_url: Mapped[str | None] = mapped_column()
    amount: Mapped[int] = mapped_column()
    currency: Mapped[str] = mapped_column()
    state: Mapped[str] = mapped_column()
    stopping: Mapped[bool] = mapped_column()
    """Whether it is to be ended at the gateway."""
    channel_id: Mapped[str | None] = mapped_column()
    """The gateway's id of the intent, once it is known."""
    confirmed: Mapped[bool] = mapped_column()
    """Whether the gateway has answered our confirmation."""
    next_action: Mapped[Encrypted | None] = mapped_column()
    """Encrypted JSON: what the payer must do."""
    failure: Mapped[str | None] = mapped_column()
    paid: Mapped[int] = mapped_column()
    refunded: Mapped[int] = mapped_column()
    in_flight: Mapped[int] = mapped_column()
    """What is promised to go back and has not gone yet."""
    tries: Mapped[int] = mapped_column()
    due_at: Mapped[datetime | None] = mapped_column()
    version: Mapped[int] = mapped_column()
    created_at: Mapped[datetime] = mapped_column()


class Refund(TenantOwned, Base):
    """Money of a payment on its way back: one refund at the gateway. Amount in fen; `due_at` as in payments."""

    __tablename__ = "refunds"
    __mapper_args__ = OWN_KEY
    __table_args__ = (
        within_tenant("bills", "bill_id"),
        within_tenant("payments", "payment_id"),
        CheckConstraint(
            "state IN ('requested', 'unknown', 'pending', 'succeeded', 'failed', 'paid_otherwise')", name="state"
        ),
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("given_up_at IS NULL OR state = 'failed'", name="given_up"),
        CheckConstraint(
            "(state = 'paid_otherwise') = (otherwise_reason IS NOT NULL)"
            " AND (state = 'paid_otherwise') = (transfer_reference IS NOT NULL)",
            name="otherwise",
        ),
        UniqueConstraint("tenant_id", "channel_id", "payment_id"),
        Index(None, "tenant_id", "resident_id"),
        Index(None, "tenant_id", "bill_id"),
        Index("ix_refunds_due", "due_at", postgresql_where="due_at IS NOT NULL"),
        Index("ix_refunds_given_up", "tenant_id", "id", postgresql_where="given_up_at IS NOT NULL"),
    )
    resident_view = ResidentView.OWN
    grants: ClassVar[Grants] = {**FORGOTTEN, "discovery": "SELECT ({owner}, due_at, given_up_at)"}
    bill_id: Mapped[uuid.UUID] = mapped_column()
    payment_id: Mapped[uuid.UUID] = mapped_column()
    resident_id: Mapped[uuid.UUID] = mapped_column()
    origin_id: Mapped[uuid.UUID] = mapped_column()
    """The first of the rows for one wish; a failed refund is followed by another one, under the same name outside."""
    attempt: Mapped[int] = mapped_column()
    told: Mapped[bool] = mapped_column()
    """Whether whoever wished it has heard of its success."""
    cause: Mapped[str] = mapped_column()
    amount: Mapped[int] = mapped_column()
    state: Mapped[str] = mapped_column()
    channel_id: Mapped[str | None] = mapped_column()
    failure: Mapped[str | None] = mapped_column()
    given_up_at: Mapped[datetime | None] = mapped_column()
    """When the last attempt for its wish failed; null again once it is tried anew or paid otherwise.

    Until then its amount stays in the payment's `in_flight`: it is owed, and no other wish takes its place.
    """
    otherwise_reason: Mapped[str | None] = mapped_column()
    """A code: why it was paid past the gateway."""
    transfer_reference: Mapped[str | None] = mapped_column()
    """Under which the institution's bank or cash book has that payment."""
    tries: Mapped[int] = mapped_column()
    due_at: Mapped[datetime | None] = mapped_column()
    version: Mapped[int] = mapped_column()
    created_at: Mapped[datetime] = mapped_column()


class Posting(TenantOwned, Base):
    """One line of the ledger, never changed: those of one reason and subject are a transaction and sum to 0."""

    __tablename__ = "ledger_postings"
    __table_args__ = (
        UniqueConstraint("tenant_id", "subject_id", "reason", "account"),
        CheckConstraint("amount <> 0", name="amount"),
        Index(None, "tenant_id", "resident_id"),
        Index(None, "tenant_id", "bill_id"),
    )
    resident_view = ResidentView.OWN
    grants: ClassVar[Grants] = {"app": "SELECT, INSERT"}
    resident_id: Mapped[uuid.UUID] = mapped_column()
    bill_id: Mapped[uuid.UUID | None] = mapped_column()
    """Null for what an insurer owes."""
    reason: Mapped[str] = mapped_column()
    subject_id: Mapped[uuid.UUID] = mapped_column()
    """The bill, payment or refund that moved the money; for an insurer's share the settlement or claim."""
    account: Mapped[str] = mapped_column()
    amount: Mapped[int] = mapped_column()
    """Fen; debit above zero, credit below."""
    posted_at: Mapped[datetime] = mapped_column()


class GatewayFact(TenantOwned, Base):
    """What a gateway said about a payment or a refund, and what came of it; evidence, never changed by the gateway.

    `due_at` is set while it waits to be applied.
    """

    __tablename__ = "gateway_facts"
    __table_args__ = (
        within_tenant("merchant_accounts", "account_id"),
        CheckConstraint(
            "verdict IN ('received', 'applied', 'repeated', 'refused', 'unmatched', 'ignored')", name="verdict"
        ),
        UniqueConstraint("tenant_id", "account_id", "event_id"),
        Index(
            "uq_gateway_facts_effect", "tenant_id", "account_id", "channel_id", "state", unique=True,
            postgresql_where="verdict = 'applied'",
        ),
        Index(
            "ix_gateway_facts_refused", "tenant_id", "account_id", "channel_id",
            postgresql_where="verdict = 'refused'",
        ),
        Index("ix_gateway_facts_due", "due_at", postgresql_where="due_at IS NOT NULL"),
    )  # fmt: skip
    grants = DUE
    account_id: Mapped[uuid.UUID] = mapped_column()
    event_id: Mapped[str | None] = mapped_column()
    """The gateway's id of the event; null for an answer or a look-up."""
    source: Mapped[str] = mapped_column()
    kind: Mapped[str] = mapped_column()
    channel_id: Mapped[str] = mapped_column()
    """The intent or refund that it is about."""
    payment_channel_id: Mapped[str | None] = mapped_column()
    """The intent that a refund belongs to."""
    named: Mapped[str | None] = mapped_column()
    """The public id of ours that the gateway gave back."""
    state: Mapped[str | None] = mapped_column()
    amount: Mapped[int] = mapped_column()
    currency: Mapped[str] = mapped_column()
    failure: Mapped[str | None] = mapped_column()
    verdict: Mapped[str] = mapped_column()
    reason: Mapped[str | None] = mapped_column()
    due_at: Mapped[datetime | None] = mapped_column()
    received_at: Mapped[datetime] = mapped_column()
