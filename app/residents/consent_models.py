"""What residents consent to: who may read what about them, for which purpose, until when."""

import uuid
from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import CheckConstraint, Date, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, Grants, PersonOwned
from app.core.forgetting import FORGOTTEN

_PURPOSES = "'treatment', 'family_doctor', 'research', 'hospital_group', 'insurance_claim'"


class Consent(PersonOwned, Base):
    """That the person lets one institution read one category of their records for one purpose."""

    __tablename__ = "consents"
    __table_args__ = (
        CheckConstraint("state IN ('granted', 'revoked', 'replaced')", name="state"),
        CheckConstraint(f"purpose IN ({_PURPOSES})", name="purpose"),
        CheckConstraint("category IN ('visits', 'diagnoses', 'prescriptions', 'allergies')", name="category"),
        CheckConstraint("(state = 'granted') = (ended_at IS NULL)", name="ended"),
        Index(
            "uq_consents_granted", "person_id", "tenant", "purpose", "category", unique=True,
            postgresql_where="state = 'granted'",
        ),
        Index("ix_consents_due", "due_at", postgresql_where="due_at IS NOT NULL"),
    )  # fmt: skip
    grants: ClassVar[Grants] = FORGOTTEN
    tenant: Mapped[int] = mapped_column()
    institution_id: Mapped[uuid.UUID] = mapped_column()
    institution_name: Mapped[str] = mapped_column()
    """As the directory had it when the consent was given."""
    purpose: Mapped[str] = mapped_column()
    category: Mapped[str] = mapped_column()
    text_version: Mapped[int] = mapped_column()
    text_sha256: Mapped[str] = mapped_column()
    """Of the text that was shown, in both languages; see `rules/consent_texts.py`."""
    ends_on: Mapped[date] = mapped_column(Date())
    """The last local day; from the next one on it opens nothing, whatever the state says."""
    state: Mapped[str] = mapped_column()
    granted_at: Mapped[datetime] = mapped_column()
    ended_at: Mapped[datetime | None] = mapped_column()
    """When it was revoked or replaced."""
    given_by: Mapped[uuid.UUID | None] = mapped_column()
    """The guardian who gave it in the person's place; null where the person did."""
    due_at: Mapped[datetime | None] = mapped_column()
    """When to delete it."""
    version: Mapped[int] = mapped_column()
