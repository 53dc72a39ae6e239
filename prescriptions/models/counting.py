"""The table of what is counted by doctor and medicine, for supervision alone."""

import uuid
from datetime import datetime
from typing import ClassVar

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, Grants, TenantOwned
from app.core.encrypted import Encrypted
from app.core.forgetting import FORGOTTEN


class DrugCount(TenantOwned, Base):
    """What is counted for a request that somebody confirmed; `id` is the request's. Forgotten a day after its end."""

    __tablename__ = "drug_counts"
    __table_args__ = (
        CheckConstraint("state IN ('confirmed', 'counting', 'ready', 'too_many')", name="state"),
        CheckConstraint("state <> 'ready' OR content IS NOT NULL", name="content"),
        CheckConstraint("num_nonnulls(last_signed_at, last_id) IN (0, 2)", name="last"),
        Index("ix_drug_counts_due", "due_at"),
    )
    grants: ClassVar[Grants] = FORGOTTEN
    requested_by: Mapped[uuid.UUID] = mapped_column()
    """The affiliation that asked, and alone may read."""
    state: Mapped[str] = mapped_column()
    confirmed_at: Mapped[datetime] = mapped_column()
    """What was signed later is not counted."""
    last_signed_at: Mapped[datetime | None] = mapped_column()
    last_id: Mapped[uuid.UUID | None] = mapped_column()
    """The last prescription that is in `content`, and when it was signed; null while none is."""
    content: Mapped[Encrypted | None] = mapped_column()
    """The counts so far; encrypted for `<scope>/drug_counts/content/<id>`."""
    read_in: Mapped[datetime | None] = mapped_column()
    """The quarter of an hour in which it was read last: its first reading is an entry."""
    version: Mapped[int] = mapped_column()
    due_at: Mapped[datetime] = mapped_column()
    """When to count on; after the end until when it may be read, and when to delete it."""
