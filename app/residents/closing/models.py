"""Wishes to have an account erased, and deaths that the platform's desk recorded."""

import uuid
from datetime import datetime
from typing import ClassVar

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, Grants, PersonOwned, TenantOwned
from app.core.encrypted import Encrypted
from app.core.forgetting import FORGOTTEN


class Erasure(PersonOwned, Base):
    """A person's wish to have their account erased; it is carried out when its time to think is over."""

    __tablename__ = "erasures"
    __table_args__ = (
        CheckConstraint("state IN ('cooling', 'erasing', 'withdrawn', 'done')", name="state"),
        Index("uq_erasures_open", "person_id", unique=True, postgresql_where="state IN ('cooling', 'erasing')"),
        Index("ix_erasures_due", "due_at", postgresql_where="due_at IS NOT NULL"),
    )
    grants: ClassVar[Grants] = FORGOTTEN
    state: Mapped[str] = mapped_column()
    terms: Mapped[str] = mapped_column()
    """The version of what they had read of what is kept."""
    asked_at: Mapped[datetime] = mapped_column()
    ended_at: Mapped[datetime | None] = mapped_column()
    due_at: Mapped[datetime | None] = mapped_column()
    """When to carry it out; while that is done, when another worker may; once it ended, when to delete the row."""
    version: Mapped[int] = mapped_column()


class Retention(TenantOwned, Base):
    """That the tenant keeps something about a person whose account was erased, by one rule, until a time.

    `resident_id` is that person; `due_at` is when what the rule keeps is deleted.
    """

    __tablename__ = "retentions"
    __table_args__ = (
        Index("uq_retentions_rule", "tenant_id", "resident_id", "rule", unique=True),
        Index("ix_retentions_due", "due_at", postgresql_where="due_at IS NOT NULL"),
    )
    grants: ClassVar[Grants] = FORGOTTEN
    resident_id: Mapped[uuid.UUID] = mapped_column()
    rule: Mapped[str] = mapped_column()
    due_at: Mapped[datetime | None] = mapped_column()


class DeathRecord(TenantOwned, Base):
    """That a person died, as a certificate says; in the platform's tenant. `resident_id` is that person.

    Proposed by one operator, confirmed by another. `due_at` is when the worker goes on with what follows from it.
    """

    __tablename__ = "death_records"
    __table_args__ = (
        CheckConstraint("state IN ('proposed', 'confirmed', 'withdrawn', 'undone')", name="state"),
        CheckConstraint("confirmed_by IS NULL OR confirmed_by <> proposed_by", name="two_people"),
        CheckConstraint("(state IN ('confirmed', 'undone')) = (confirmed_by IS NOT NULL)", name="confirmed"),
        Index(
            "uq_death_records_open", "tenant_id", "resident_id", unique=True,
            postgresql_where="state IN ('proposed', 'confirmed')",
        ),
        Index("ix_death_records_due", "due_at", postgresql_where="due_at IS NOT NULL"),
    )  # fmt: skip
    grants: ClassVar[Grants] = FORGOTTEN
    resident_id: Mapped[uuid.UUID] = mapped_column()
    content: Mapped[Encrypted] = mapped_column()
    """Name, certificate and day of death; encrypted for `<scope>/death_records/content/<id>`."""
    state: Mapped[str] = mapped_column()
    proposed_by: Mapped[str] = mapped_column()
    """The actor; as below."""
    confirmed_by: Mapped[str | None] = mapped_column()
    proposed_at: Mapped[datetime] = mapped_column()
    decided_at: Mapped[datetime | None] = mapped_column()
    due_at: Mapped[datetime | None] = mapped_column()
    version: Mapped[int] = mapped_column()
