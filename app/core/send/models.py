"""Webhook endpoints, deliveries and their attempts."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import QUEUE, Base, Grants, JsonList, ResidentView, TenantOwned, within_tenant
from app.core.encrypted import Encrypted

ENDPOINT_ID = "whe"
"""Prefix of an endpoint's public id."""


class EndpointState(StrEnum):
    """`unverified` until it answered its challenge; `disabled` by its owner, with its maker, or by its 410 Gone;
    `deleted` for good: the row stays for what was sent to it.
    """

    UNVERIFIED = "unverified"
    ACTIVE = "active"
    DISABLED = "disabled"
    DELETED = "deleted"


class DeliveryState(StrEnum):
    """`pending` and `sending` are under way; `exhausted` is the dead letter that can be sent again."""

    PENDING = "pending"
    SENDING = "sending"
    DELIVERED = "delivered"
    EXHAUSTED = "exhausted"
    CANCELED = "canceled"


class AttemptOutcome(StrEnum):
    """What an attempt comes to where no answer says it; else `delivered` or a stable code of what went wrong."""

    SENT_UNKNOWN = "sent_unknown"
    """Until the answer is known, and for ever where the sender died."""
    UNSENT = "unsent"
    """Given back before it was sent; the next attempt has its number and its row."""
    UNREADABLE = "secret_unreadable"
    """No key of the ring opens the endpoint's secret."""


def _one_of(column: str, values: type[StrEnum]) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


class Endpoint(TenantOwned, Base):
    """Where a tenant wants to hear its events."""

    __tablename__ = "webhook_endpoints"
    resident_view = ResidentView.MACHINERY
    grants: ClassVar[Grants] = {"app": "SELECT, INSERT, UPDATE", "sealer": "SELECT"}
    __table_args__ = (_one_of("state", EndpointState),)
    url: Mapped[str] = mapped_column()
    next_url: Mapped[str | None] = mapped_column()
    """Where its owner wants to hear from the moment that this address has proven itself."""
    types: Mapped[JsonList] = mapped_column()
    """The event types that it hears."""
    state: Mapped[str] = mapped_column()
    secret: Mapped[Encrypted] = mapped_column()
    """The signing secrets, encrypted; empty once the endpoint is deleted."""
    version: Mapped[int] = mapped_column()
    created_at: Mapped[datetime] = mapped_column()
    created_by: Mapped[str | None] = mapped_column()
    """The actor who made it; it is disabled when they end."""


class Delivery(TenantOwned, Base):
    """One entry for one endpoint, at least once. `due_at` is null when nothing is left to do."""

    __tablename__ = "deliveries"
    resident_view = ResidentView.MACHINERY
    grants: ClassVar[Grants] = {
        "app": "SELECT, UPDATE",
        "sealer": "SELECT, INSERT",
        "discovery": "SELECT ({owner}, due_at, state)",
    }
    __table_args__ = (
        _one_of("state", DeliveryState),
        within_tenant("webhook_endpoints", "endpoint_id"),
        within_tenant("journal", "entry_id"),
        UniqueConstraint("tenant_id", "endpoint_id", "entry_id"),
        Index("ix_deliveries_due", "due_at", postgresql_where="due_at IS NOT NULL"),
        Index("ix_deliveries_waiting", "tenant_id", "due_at", postgresql_where="due_at IS NOT NULL"),
        Index(None, "tenant_id", "endpoint_id", "due_at", postgresql_where="due_at IS NOT NULL"),
        Index("ix_deliveries_exhausted", "tenant_id", postgresql_where="state = 'exhausted'"),
        {"postgresql_with": QUEUE},
    )
    endpoint_id: Mapped[uuid.UUID] = mapped_column()
    entry_id: Mapped[uuid.UUID] = mapped_column()
    state: Mapped[str] = mapped_column()
    due_at: Mapped[datetime | None] = mapped_column()
    """When to try next; while sending, when the lease ends and another worker may try."""
    tries: Mapped[int] = mapped_column()
    """How often it was tried; names the present holder too: who finds another number has lost the lease."""
    delivered_at: Mapped[datetime | None] = mapped_column()
    resident_id: Mapped[uuid.UUID | None] = mapped_column()
    """Whose data the entry is, who is told when it has left the platform; null where it is nobody's."""
    told: Mapped[int | None] = mapped_column()
    """How often they were told: that it was sent, and that it arrived."""


class Attempt(TenantOwned, Base):
    """One try of a delivery; written before the request goes out, completed after."""

    __tablename__ = "delivery_attempts"
    resident_view = ResidentView.MACHINERY
    __table_args__ = (
        within_tenant("deliveries", "delivery_id"),
        UniqueConstraint("tenant_id", "delivery_id", "number"),
    )
    delivery_id: Mapped[uuid.UUID] = mapped_column()
    number: Mapped[int] = mapped_column()
    started_at: Mapped[datetime] = mapped_column()
    outcome: Mapped[str] = mapped_column()
    """An `AttemptOutcome`, `delivered`, or a stable code of what went wrong."""
    status: Mapped[int | None] = mapped_column()
    answer: Mapped[str | None] = mapped_column()
    """The beginning of the answer, for the endpoint's owner."""
    finished_at: Mapped[datetime | None] = mapped_column()
