"""Devices of a person."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, Grants, PersonOwned
from app.core.forgetting import FORGOTTEN


class Device(PersonOwned, Base):
    """Where a person has signed in; it is known as long as the row is there and not due."""

    __tablename__ = "devices"
    __table_args__ = (
        ForeignKeyConstraint(["person_id"], ["persons.person_id"]),
        Index("ix_devices_due", "due_at", postgresql_where="due_at IS NOT NULL"),
    )
    grants: ClassVar[Grants] = FORGOTTEN
    secret_hash: Mapped[str] = mapped_column()
    """SHA-256 of 256 random bits that the device keeps."""
    name: Mapped[str | None] = mapped_column()
    """What its app called it."""
    first_used_at: Mapped[datetime] = mapped_column()
    last_used_at: Mapped[datetime] = mapped_column()
    """When somebody signed in on it last."""
    due_at: Mapped[datetime | None] = mapped_column()
    """When it is not known any more, and deleted; see `rules.KNOWN_FOR`."""
