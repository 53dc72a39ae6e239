"""Notices to the owner of an account."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, Grants, PersonOwned
from app.core.forgetting import FORGOTTEN


class SecurityNotice(PersonOwned, Base):
    """Something that happened to a person's account: in their list, and as a message to their phone."""

    __tablename__ = "security_notices"
    __table_args__ = (
        ForeignKeyConstraint(["person_id"], ["persons.person_id"]),
        CheckConstraint("state IN ('waiting', 'sent', 'unsent')", name="state"),
        Index("ix_security_notices_due", "due_at", postgresql_where="due_at IS NOT NULL"),
    )
    grants: ClassVar[Grants] = FORGOTTEN
    kind: Mapped[str] = mapped_column()
    about: Mapped[str | None] = mapped_column()
    """The public id of the device or authenticator that it is about, where it is about one."""
    state: Mapped[str] = mapped_column()
    """Of the message."""
    tries: Mapped[int] = mapped_column()
    happened_at: Mapped[datetime] = mapped_column()
    due_at: Mapped[datetime | None] = mapped_column()
    """When to try the message (again); once that is over, when to delete the notice."""
