"""Looks at somebody's record by staff: the first in a quarter of an hour is an entry, the next find its mark."""

import uuid
from datetime import datetime, timedelta
from typing import ClassVar, cast

from sqlalchemy import Index, Table
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, Grants, TenantOwned
from app.core.forgetting import FORGOTTEN, forgetting
from app.core.ids import PublicId, new_id
from app.core.journal.record import record
from app.core.scope import Scope
from app.core.unit import Unit

LOOK_ID = "look"
READ = "record.read"
QUARTER = timedelta(minutes=15)
"""Quarters of the clock: a mark holds until the next one begins."""
MARK_KEPT = timedelta(hours=1)
"""For how long after its quarter began a mark is kept: until it has ended everywhere, whatever the clocks say."""


class Look(TenantOwned, Base):
    """That an actor looked at what the tenant keeps of a resident, for a purpose, in that quarter of an hour."""

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
    """When the quarter of an hour began, UTC."""
    due_at: Mapped[datetime | None] = mapped_column()
    """When to delete it: the entry says for ever who looked."""


FORGETTING = forgetting("forget-looks", Look)


_LOOKS = cast(Table, Look.__table__)
_MARK = insert(_LOOKS).on_conflict_do_nothing().returning(_LOOKS.c.id)


def look(unit: Unit, resident: uuid.UUID, purpose: str, about: PublicId) -> bool:
    """Note that the unit's author reads of `resident` for `purpose`; returns whether this look made an entry.

    Called in the unit that reads, which commits before the answer leaves. `about` is what was looked at first.
    """
    own, quarter = new_id(), quarter_of(unit.now)
    row = {
        "tenant_id": unit.scope.require_tenant(), "id": own, "resident_id": resident, "actor": unit.by.actor,
        "purpose": purpose, "quarter": quarter, "due_at": quarter + MARK_KEPT,
    }  # fmt: skip
    if unit.execute(_MARK, row).first() is None:
        return False
    facts = {"purpose": purpose, "resident": str(Scope.for_person(resident)), "about": str(about)}
    record(unit, READ, PublicId(LOOK_ID, unit.scope, own), 1, facts)
    return True


def quarter_of(at: datetime) -> datetime:
    """When the quarter of an hour began in which `at` lies."""
    return at.replace(minute=at.minute // 15 * 15, second=0, microsecond=0)
