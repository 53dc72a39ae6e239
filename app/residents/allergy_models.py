"""Allergies of residents, and the looks at what a person keeps by those who treat them."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, Grants, PersonOwned
from app.core.encrypted import Encrypted
from app.core.forgetting import ERASED, FORGOTTEN


class Allergy(PersonOwned, Base):
    """Something that the resident does not tolerate, in their own words and by the code of its ingredients."""

    __tablename__ = "allergies"
    __table_args__ = (
        CheckConstraint("state IN ('stated', 'removed')", name="state"),
        CheckConstraint("(state = 'removed') = (removed_at IS NOT NULL)", name="removed"),
    )
    grants: ClassVar[Grants] = ERASED
    content: Mapped[Encrypted] = mapped_column()
    """The ATC code of the ingredient group and the name; encrypted for `<scope>/allergies/content/<id>`."""
    state: Mapped[str] = mapped_column()
    stated_at: Mapped[datetime] = mapped_column()
    removed_at: Mapped[datetime | None] = mapped_column()
    version: Mapped[int] = mapped_column()


class CareLook(PersonOwned, Base):
    """That an actor looked at what the person keeps, for a purpose, in that quarter of an hour."""

    __tablename__ = "care_looks"
    __table_args__ = (
        Index("uq_care_looks_mark", "person_id", "actor", "purpose", "quarter", unique=True),
        Index("ix_care_looks_due", "due_at", postgresql_where="due_at IS NOT NULL"),
    )
    grants: ClassVar[Grants] = FORGOTTEN
    actor: Mapped[str] = mapped_column()
    purpose: Mapped[str] = mapped_column()
    quarter: Mapped[datetime] = mapped_column()
    """When the quarter of an hour began, UTC."""
    due_at: Mapped[datetime | None] = mapped_column()
    """When to delete it: the entry says for ever who looked."""
