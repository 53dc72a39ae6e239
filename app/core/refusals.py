"""Refused permissions and acts: the first of an actor at a door in a quarter of an hour is an entry, the next find its
mark, so that a loop of requests cannot fill the journal.
"""

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from threading import Lock
from typing import ClassVar

from sqlalchemy import Executable, Index, Table
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, Grants, PersonOwned, ResidentView, TenantOwned
from app.core.forgetting import FORGOTTEN, forgetting
from app.core.ids import PublicId, new_id
from app.core.journal.record import record
from app.core.looks import MARK_KEPT, quarter_of
from app.core.scope import Scope, ScopeKind
from app.core.unit import Caller, Unit, database, run

REFUSAL_ID = "rfs"
REFUSED = "access.refused"
MOST_REMEMBERED = 10_000
"""Marks that a process remembers, a megabyte or two; with more it forgets them, and asks the database again."""


class MarkColumns:
    """That an actor was refused at a door, or in an act, in that quarter of an hour."""

    resident_view: ClassVar[ResidentView] = ResidentView.MACHINERY
    grants: ClassVar[Grants] = FORGOTTEN
    actor: Mapped[str] = mapped_column(primary_key=True)
    door: Mapped[str] = mapped_column(primary_key=True)
    quarter: Mapped[datetime] = mapped_column(primary_key=True)
    """When the quarter of an hour began, UTC."""
    due_at: Mapped[datetime] = mapped_column()
    """When to delete it: the entry says for ever what was refused."""


class RefusalMark(MarkColumns, Base):
    """Marks of who acts in a tenant."""

    __tablename__ = "refusal_marks"
    __table_args__ = (Index("ix_refusal_marks_due", "due_at"),)
    placement = TenantOwned.placement
    tenant_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, sort_order=-20)


class PersonRefusalMark(MarkColumns, Base):
    """Marks of who acts as themself, or for a person."""

    __tablename__ = "person_refusal_marks"
    __table_args__ = (Index("ix_person_refusal_marks_due", "due_at"),)
    placement = PersonOwned.placement
    person_id: Mapped[uuid.UUID] = mapped_column(primary_key=True, sort_order=-20)


FORGETTING = forgetting("forget-refusals", RefusalMark, PersonRefusalMark)


@dataclass
class Noting:
    """How a process notes refusals; it remembers what it has noted, so that a loop costs the database nothing."""

    _noted: set[tuple[str, str, str, datetime]] = field(default_factory=set)
    _lock: Lock = field(default_factory=Lock)

    def note(self, scope: Scope, by: Caller, door: str, code: str) -> None:
        """Leave an entry in the actor's `scope` that `by` was refused at `door`, a method and a rule of paths, with
        `code`; unless this quarter of an hour has one. In a unit of its own, after the request's was rolled back.
        """
        known = (str(scope), by.actor, door, quarter_of(database().clock.now()))
        with self._lock:
            if known in self._noted:
                return
        run(scope, lambda opened: _note(opened, door, code), by)
        with self._lock:
            if len(self._noted) >= MOST_REMEMBERED:
                self._noted.clear()
            self._noted.add(known)


def is_first(opened: Unit, door: str) -> bool:
    """Whether who acts in the unit was not refused at `door` yet in this quarter of an hour; from now on they were.

    Of two that ask at once one waits for the other.
    """
    quarter = quarter_of(opened.now)
    model = RefusalMark if opened.scope.kind is ScopeKind.TENANT else PersonRefusalMark
    mark = {"actor": opened.by.actor, "door": door, "quarter": quarter, "due_at": quarter + MARK_KEPT}
    owner = {"tenant_id": opened.scope.tenant} if model is RefusalMark else {"person_id": opened.scope.person}
    return opened.execute(_marking(model.__table__), mark | owner).first() is not None


def _note(opened: Unit, door: str, code: str) -> None:
    if is_first(opened, door):
        record(opened, REFUSED, PublicId(REFUSAL_ID, opened.scope, new_id()), 1, {"door": door, "code": code})


@cache
def _marking(table: Table) -> Executable:
    """Leaves the mark; answers where it is the first."""
    return insert(table).on_conflict_do_nothing().returning(table.c.door)
