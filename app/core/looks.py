"""Looks at somebody's record by staff: the first in a quarter of an hour is an entry, the next find its mark."""

import uuid
from datetime import datetime, timedelta

from sqlalchemy import Index
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, TenantOwned
from app.core.ids import PublicId, new_id
from app.core.journal.record import record
from app.core.scope import Scope
from app.core.unit import Unit

LOOK_ID = "look"
READ = "record.read"
QUARTER = timedelta(minutes=15)
"""Quarters of the clock: a mark holds until the next one begins."""


class Look(TenantOwned, Base):
    """That an actor looked at what the tenant keeps of a resident, for a purpose, in that quarter of an hour."""

    __tablename__ = "looks"
    __table_args__ = (
        Index("uq_looks_mark", "tenant_id", "resident_id", "actor", "purpose", "quarter", unique=True),
    )  # fmt: skip
    resident_id: Mapped[uuid.UUID] = mapped_column()
    actor: Mapped[str] = mapped_column()
    purpose: Mapped[str] = mapped_column()
    quarter: Mapped[datetime] = mapped_column()
    """When the quarter of an hour began, UTC."""


def look(unit: Unit, resident: uuid.UUID, purpose: str, about: PublicId) -> bool:
    """Note that the unit's author reads of `resident` for `purpose`; returns whether this look made an entry.

    Called in the unit that reads, which commits before the answer leaves. `about` is what was looked at first.
    """
    own = new_id()
    row = {
        "tenant_id": unit.scope.require_tenant(), "id": own, "resident_id": resident, "actor": unit.by.actor,
        "purpose": purpose, "quarter": quarter_of(unit.now),
    }  # fmt: skip
    made = insert(Look).values(row).on_conflict_do_nothing().returning(Look.id)
    if unit.session.execute(made).first() is None:
        return False
    facts = {"purpose": purpose, "resident": str(Scope.for_person(resident)), "about": str(about)}
    record(unit, READ, PublicId(LOOK_ID, unit.scope, own), 1, facts)
    return True


def quarter_of(at: datetime) -> datetime:
    """When the quarter of an hour began in which `at` lies."""
    return at.replace(minute=at.minute // 15 * 15, second=0, microsecond=0)
