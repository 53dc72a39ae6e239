"""What lets an owner in once."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, Grants, PersonOwned
from app.core.forgetting import FORGOTTEN


class AccountRecovery(PersonOwned, Base):
    """An operator saw the owner's papers: the next code on their phone lets them in. `id` is the case's."""

    __tablename__ = "account_recoveries"
    __table_args__ = (
        ForeignKeyConstraint(["person_id"], ["persons.person_id"]),
        Index("ix_account_recoveries_due", "due_at", postgresql_where="due_at IS NOT NULL"),
    )
    grants: ClassVar[Grants] = FORGOTTEN
    due_at: Mapped[datetime | None] = mapped_column()
    """Until when, and when to delete it."""
