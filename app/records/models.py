"""Emergency accesses, which doctors open and privacy officers of the same institution review, and tries at one;
research projects.
"""

import uuid
from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import CheckConstraint, Date, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, Grants, TenantOwned
from app.core.encrypted import Encrypted
from app.core.forgetting import FORGOTTEN


class EmergencyAccess(TenantOwned, Base):
    """That a doctor reads a resident's records without a consent, for some hours."""

    __tablename__ = "emergency_accesses"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'ended', 'justified', 'unjustified')", name="state"),
        CheckConstraint("(state = 'open') = (ended_at IS NULL)", name="ended"),
        CheckConstraint(
            "num_nonnulls(reviewed_by, reviewed_at, findings) IN (0, 3)"
            " AND (state IN ('justified', 'unjustified')) = (reviewed_at IS NOT NULL)",
            name="reviewed",
        ),
        CheckConstraint("state <> 'open' OR due_at IS NOT NULL", name="due"),
        Index(
            "uq_emergency_accesses_open", "tenant_id", "staff_id", "resident_id", unique=True,
            postgresql_where="state = 'open'",
        ),
        Index(None, "tenant_id", "state", "id"),
        Index("ix_emergency_accesses_due", "due_at", postgresql_where="due_at IS NOT NULL"),
    )  # fmt: skip
    grants: ClassVar[Grants] = FORGOTTEN
    resident_id: Mapped[uuid.UUID] = mapped_column()
    staff_id: Mapped[uuid.UUID] = mapped_column()
    """The affiliation of the doctor who opened it."""
    reason: Mapped[str] = mapped_column()
    explanation: Mapped[Encrypted] = mapped_column()
    """The doctor's words; encrypted for `<scope>/emergency_accesses/explanation/<id>`."""
    state: Mapped[str] = mapped_column()
    opened_at: Mapped[datetime] = mapped_column()
    ends_at: Mapped[datetime] = mapped_column()
    """The instant from which nothing is read by it."""
    ended_at: Mapped[datetime | None] = mapped_column()
    review_by: Mapped[date] = mapped_column(Date())
    """The last local day for its review."""
    reviewed_by: Mapped[uuid.UUID | None] = mapped_column()
    """The affiliation of the privacy officer."""
    reviewed_at: Mapped[datetime | None] = mapped_column()
    findings: Mapped[Encrypted | None] = mapped_column()
    """The privacy officer's words; encrypted for `<scope>/emergency_accesses/findings/<id>`."""
    due_at: Mapped[datetime | None] = mapped_column()
    """While it is open, when to end it; until its review, when to say that this is late; then when to delete it."""
    version: Mapped[int] = mapped_column()


class EmergencyTry(TenantOwned, Base):
    """That a doctor tried to open an access with a document that leads to nobody; forgotten when its day is over."""

    __tablename__ = "emergency_tries"
    __table_args__ = (Index(None, "tenant_id", "staff_id"), Index("ix_emergency_tries_due", "due_at"))
    grants: ClassVar[Grants] = FORGOTTEN
    staff_id: Mapped[uuid.UUID] = mapped_column()
    """The affiliation of the doctor."""
    due_at: Mapped[datetime] = mapped_column()
    """The end of the local day, until which it counts; when to delete it."""


class ResearchProject(TenantOwned, Base):
    """A project of medical research that an ethics committee has approved.

    Source: 涉及人的生命科学和医学研究伦理审查办法 (2023).
    """

    __tablename__ = "research_projects"
    __table_args__ = (
        CheckConstraint("state IN ('running', 'ended')", name="state"),
        CheckConstraint("(state = 'ended') = (ended_at IS NOT NULL)", name="ended"),
    )
    name: Mapped[str] = mapped_column()
    approval: Mapped[str] = mapped_column()
    """The number of the ethics committee's approval."""
    ends_on: Mapped[date] = mapped_column(Date())
    """The last local day on which anything is read for it."""
    state: Mapped[str] = mapped_column()
    """`running` until somebody ended it; a last day that is over is seen when it is read."""
    registered_by: Mapped[uuid.UUID] = mapped_column()
    """The affiliation of who answers for the approval."""
    registered_at: Mapped[datetime] = mapped_column()
    ended_at: Mapped[datetime | None] = mapped_column()
    version: Mapped[int] = mapped_column()
