"""The table of what two people do together."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, TenantOwned
from app.core.encrypted import Encrypted
from app.core.timers import DUE


class Proposal(TenantOwned, Base):
    """What somebody of a tenant proposes to do, and what became of it. Kept: it says on whose word it was done."""

    __tablename__ = "proposals"
    __table_args__ = (
        CheckConstraint("state IN ('proposed', 'confirmed', 'withdrawn', 'expired')", name="state"),
        CheckConstraint("(state = 'proposed') = (due_at IS NOT NULL)", name="due"),
        CheckConstraint("(state = 'proposed') = (decided_at IS NULL)", name="decided"),
        CheckConstraint("(state IN ('confirmed', 'withdrawn')) = (decided_by IS NOT NULL)", name="decided_by"),
        Index(
            "uq_proposals_proposed", "tenant_id", "act", "subject", unique=True,
            postgresql_where="state = 'proposed'",
        ),
        Index(None, "tenant_id", "state", "id"),
        Index("ix_proposals_due", "due_at", postgresql_where="due_at IS NOT NULL"),
    )  # fmt: skip
    grants = DUE
    act: Mapped[str] = mapped_column()
    subject: Mapped[str] = mapped_column()
    """The public id of what it is about."""
    content: Mapped[Encrypted] = mapped_column()
    """With what it shall be done, such as the reason that others will read; for `<scope>/proposals/content/<id>`."""
    state: Mapped[str] = mapped_column()
    proposed_by: Mapped[uuid.UUID] = mapped_column()
    """The affiliation that proposed it."""
    decided_by: Mapped[uuid.UUID | None] = mapped_column()
    """The affiliation that confirmed or withdrew it; nobody's where its time was up."""
    version: Mapped[int] = mapped_column()
    created_at: Mapped[datetime] = mapped_column()
    decided_at: Mapped[datetime | None] = mapped_column()
    due_at: Mapped[datetime | None] = mapped_column()
    """Until when it waits."""
