"""What residents keep of others' looks at their data."""

import uuid
from datetime import datetime
from typing import ClassVar

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, Grants, PersonOwned
from app.core.forgetting import FORGOTTEN


class Access(PersonOwned, Base):
    """That somebody looked at the person's data: who, of which institution, why, at what; `id` is the look's.

    Or that a hook carried news of them to a system of an institution; `id` is the delivery's. Names are those of that
    moment. What is null was not to be told, or nobody published it.
    """

    __tablename__ = "accesses"
    __table_args__ = (
        CheckConstraint("who IN ('staff', 'client', 'platform', 'representative')", name="who"),
        CheckConstraint("institution_id IS NULL OR tenant IS NOT NULL", name="institution"),
        CheckConstraint("(event IS NULL) = (host IS NULL)", name="hook"),
        Index(None, "person_id", "at", "id"),
        Index("ix_accesses_due", "due_at", postgresql_where="due_at IS NOT NULL"),
    )
    grants: ClassVar[Grants] = FORGOTTEN
    at: Mapped[datetime] = mapped_column()
    tenant: Mapped[int | None] = mapped_column()
    institution_id: Mapped[uuid.UUID | None] = mapped_column()
    institution_name: Mapped[str | None] = mapped_column()
    who: Mapped[str] = mapped_column()
    role: Mapped[str | None] = mapped_column()
    name: Mapped[str | None] = mapped_column()
    """Of a member who practises under it, or of a system."""
    purpose: Mapped[str] = mapped_column()
    kind: Mapped[str] = mapped_column()
    """What kind of thing was looked at; a word of `rules/access_words.py`."""
    subject: Mapped[str] = mapped_column()
    """Its public id; of `care` the id of what it was read for."""
    event: Mapped[str | None] = mapped_column()
    """The type of the event that a hook carried; null for a look."""
    host: Mapped[str | None] = mapped_column()
    """The name of the machine that it was sent to."""
    arrived_at: Mapped[datetime | None] = mapped_column()
    """When that machine confirmed it; null where that is not known."""
    due_at: Mapped[datetime | None] = mapped_column()
    """When to delete it."""
