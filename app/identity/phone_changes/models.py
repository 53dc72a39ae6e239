"""Numbers that persons have left."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, Grants, PersonOwned
from app.core.encrypted import Encrypted
from app.core.forgetting import FORGOTTEN


class PhoneChange(PersonOwned, Base):
    """A number that a person has left: its login is let go at once, then it is told, then the row is deleted."""

    __tablename__ = "phone_changes"
    __table_args__ = (
        ForeignKeyConstraint(["person_id"], ["persons.person_id"]),
        CheckConstraint("state IN ('leading', 'left')", name="state"),
        Index("ix_phone_changes_due", "due_at"),
    )
    grants: ClassVar[Grants] = FORGOTTEN
    former: Mapped[Encrypted | None] = mapped_column()
    """The former number (E.164), encrypted for `<scope>/phone_changes/former/<id>`; null of who had none."""
    state: Mapped[str] = mapped_column()
    """`leading` while the former number's login may still lead to the person."""
    tries: Mapped[int] = mapped_column()
    """How often a message to the former number was tried."""
    happened_at: Mapped[datetime] = mapped_column()
    due_at: Mapped[datetime] = mapped_column()
    """When the next step is done."""
