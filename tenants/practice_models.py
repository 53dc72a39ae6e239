"""What is asked beside roles and licenses before a clinician works online: presence, the home institution's word."""

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, ResidentView, TenantOwned, within_tenant
from app.core.forgetting import FORGOTTEN


class Presence(TenantOwned, Base):
    """That a member of the staff proved in person that they work now; forgotten when over, the journal keeps it."""

    __tablename__ = "presences"
    __table_args__ = (
        within_tenant("staff", "staff_id"),
        CheckConstraint("method IN ('second_factor', 'face')", name="method"),
        CheckConstraint("ended_by IN ('hours', 'day', 'least')", name="ended_by"),
        Index(None, "tenant_id", "staff_id", "due_at"),
        Index("ix_presences_due", "due_at"),
    )
    grants = FORGOTTEN
    staff_id: Mapped[uuid.UUID] = mapped_column()
    method: Mapped[str] = mapped_column()
    proved_at: Mapped[datetime] = mapped_column()
    due_at: Mapped[datetime] = mapped_column()
    """When it is over, and forgotten."""
    ended_by: Mapped[str] = mapped_column()
    """The rule that made this end: so many hours, the end of the local day, or the least that a presence lasts."""


class HomeConsent(TenantOwned, Base):
    """That the institution where a doctor is mainly registered lets them practise online at this site (备案): on paper,
    or in its own word where it is a tenant.
    """

    __tablename__ = "home_consents"
    __table_args__ = (
        within_tenant("staff", "staff_id"),
        CheckConstraint("valid_from <= valid_until", name="days"),
        CheckConstraint("state IN ('recorded', 'asked', 'given', 'declined', 'withdrawn')", name="state"),
        CheckConstraint("(state = 'withdrawn') = (withdrawn_at IS NOT NULL)", name="withdrawn"),
        CheckConstraint("home IS NOT NULL OR state IN ('recorded', 'withdrawn')", name="home"),
        CheckConstraint("home_said IN ('given', 'declined', 'withdrawn')", name="home_said"),
        Index(None, "tenant_id", "staff_id", "id"),
    )
    resident_view = ResidentView.PUBLIC
    staff_id: Mapped[uuid.UUID] = mapped_column()
    institution: Mapped[str] = mapped_column()
    """The home institution's name: where the doctor's is another one, this consent is not its."""
    home: Mapped[int | None] = mapped_column()
    """The home institution's tenant, which is asked; null where it is none."""
    home_said: Mapped[str | None] = mapped_column()
    """The state that this tenant's last answer led to; null before it, and of what stands on paper."""
    state: Mapped[str] = mapped_column()
    number: Mapped[str] = mapped_column()
    """Under which the authority keeps it on record."""
    authority: Mapped[str] = mapped_column()
    """Which health administration keeps it."""
    valid_from: Mapped[date] = mapped_column(Date())
    valid_until: Mapped[date] = mapped_column(Date())
    """Its last local day."""
    recorded_by: Mapped[str] = mapped_column()
    recorded_at: Mapped[datetime] = mapped_column()
    withdrawn_at: Mapped[datetime | None] = mapped_column()
    version: Mapped[int] = mapped_column()


class HomeConsentRequest(TenantOwned, Base):
    """At the home institution: that another site wants its doctor to practise online there; `id` is the consent's."""

    __tablename__ = "home_consent_requests"
    __table_args__ = (
        CheckConstraint("state IN ('asked', 'given', 'declined', 'withdrawn')", name="state"),
        CheckConstraint("num_nonnulls(decided_by, decided_at) IN (0, 2)", name="decided"),
        Index(None, "tenant_id", "state", "id"),
    )
    site: Mapped[int] = mapped_column()
    """The tenant that asks."""
    site_name: Mapped[str] = mapped_column()
    doctor_name: Mapped[str] = mapped_column()
    registration_number: Mapped[str | None] = mapped_column()
    """Of the doctor, by which they are found here."""
    number: Mapped[str] = mapped_column()
    authority: Mapped[str] = mapped_column()
    valid_from: Mapped[date] = mapped_column(Date())
    valid_until: Mapped[date] = mapped_column(Date())
    state: Mapped[str] = mapped_column()
    asked_at: Mapped[datetime] = mapped_column()
    decided_by: Mapped[uuid.UUID | None] = mapped_column()
    """The affiliation that decided last: gave or declined it, or took it back."""
    decided_at: Mapped[datetime | None] = mapped_column()
    version: Mapped[int] = mapped_column()
