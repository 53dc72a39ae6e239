"""Marks of looks at somebody's record: the first in a quarter of an hour is an entry, the next find its mark.

`tenants.api.look` makes them, for it knows who of a tenant looks.
"""

import uuid
from datetime import datetime, timedelta
from typing import ClassVar

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from app.core.calendar import day_begins, local_date
from app.core.db import Base, Grants, TenantOwned
from app.core.forgetting import FORGOTTEN, forgetting

LOOK_ID = "look"
READ = "record.read"
QUARTER = timedelta(minutes=15)
"""Quarters of the clock: a mark holds until the next one begins."""
DAY = timedelta(days=1)
"""The same of what systems read all day long: a mark holds until the local day is over."""
MARK_KEPT = timedelta(hours=1)
"""For how long after its quarter began a mark is kept: until it has ended everywhere, whatever the clocks say."""


class Look(TenantOwned, Base):
    """That an actor looked at what the tenant keeps of a resident, for a purpose, in that quarter of an hour or day."""

    __tablename__ = "looks"
    __table_args__ = (
        Index("uq_looks_mark", "tenant_id", "resident_id", "actor", "purpose", "quarter", unique=True),
        Index("ix_looks_due", "due_at", postgresql_where="due_at IS NOT NULL"),
    )
    grants: ClassVar[Grants] = FORGOTTEN
    resident_id: Mapped[uuid.UUID] = mapped_column()
    actor: Mapped[str] = mapped_column()
    purpose: Mapped[str] = mapped_column()
    quarter: Mapped[datetime] = mapped_column()
    """When the quarter of an hour, or the local day, began, UTC."""
    due_at: Mapped[datetime | None] = mapped_column()
    """When to delete it: the entry says for ever who looked."""


FORGETTING = forgetting("forget-looks", Look)


def quarter_of(at: datetime) -> datetime:
    """When the quarter of an hour began in which `at` lies."""
    return at.replace(minute=at.minute // 15 * 15, second=0, microsecond=0)


def day_of(at: datetime) -> datetime:
    """When the local day began in which `at` lies."""
    return day_begins(local_date(at))
