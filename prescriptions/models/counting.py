"""The table of what is counted by doctor and medicine, for supervision alone."""

import uuid
from datetime import datetime
from typing import ClassVar

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, Grants, TenantOwned
from app.core.encrypted import Encrypted
from app.core.forgetting import FORGOTTEN


class DrugCount(TenantOwned, Base):
    """What was counted for a request that somebody confirmed; `id` is the request's. Forgotten within a day."""

    __tablename__ = "drug_counts"
    __table_args__ = (Index("ix_drug_counts_due", "due_at"),)
    grants: ClassVar[Grants] = FORGOTTEN
    requested_by: Mapped[uuid.UUID] = mapped_column()
    """The affiliation that asked, and alone may read."""
    content: Mapped[Encrypted] = mapped_column()
    """The counts; encrypted for `<scope>/drug_counts/content/<id>`."""
    read_in: Mapped[datetime | None] = mapped_column()
    """The quarter of an hour in which it was read last: its first reading is an entry."""
    version: Mapped[int] = mapped_column()
    due_at: Mapped[datetime] = mapped_column()
    """Until when it may be read, and when to delete it."""
