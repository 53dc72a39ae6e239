"""The tables of the journal, once for tenants and once for persons."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import QUEUE, Base, Grants, Json, JsonList, PersonOwned, ResidentView, TenantOwned
from app.core.scope import Scope, ScopeKind

NOTHING_TO_SIGN = datetime(9999, 1, 1, tzinfo=UTC)
"""When a head is to be signed that a checkpoint vouches for: not until the chain grows."""


class PendingColumns:
    """An entry as its unit wrote it, waiting to be sealed. The application inserts and never touches it again."""

    resident_view: ClassVar[ResidentView] = ResidentView.MACHINERY
    grants: ClassVar[Grants] = {
        "app": "INSERT",
        "sealer": "SELECT, DELETE",
        "discovery": "SELECT ({owner}, due_at)",
    }
    due_at: Mapped[datetime] = mapped_column()
    """When it happened, which is also since when it waits."""
    type: Mapped[str] = mapped_column()
    subject: Mapped[str] = mapped_column()
    subject_version: Mapped[int] = mapped_column()
    actor: Mapped[str] = mapped_column()
    request_id: Mapped[str] = mapped_column()
    roles: Mapped[JsonList | None] = mapped_column()
    """In which roles a member of a staff acted; null where a process of the former release wrote it."""
    facts: Mapped[Json] = mapped_column()
    relays: Mapped[JsonList] = mapped_column()
    """What shall cross to other scopes: taker, type, version, sealed payload."""


class EntryColumns:
    """A sealed entry: its place in the chain, the exact text that was hashed, and columns to find it by."""

    resident_view: ClassVar[ResidentView] = ResidentView.MACHINERY
    grants: ClassVar[Grants] = {"app": "SELECT", "sealer": "SELECT, INSERT", "discovery": "SELECT ({owner})"}
    seq: Mapped[int] = mapped_column()
    at: Mapped[datetime] = mapped_column()
    type: Mapped[str] = mapped_column()
    subject: Mapped[str] = mapped_column()
    subject_version: Mapped[int] = mapped_column()
    text: Mapped[str] = mapped_column()
    hash: Mapped[str] = mapped_column()


class HeadColumns:
    """The end of a chain; its row is the lock under which the chain grows."""

    resident_view: ClassVar[ResidentView] = ResidentView.MACHINERY
    grants: ClassVar[Grants] = {"app": "INSERT", "sealer": "SELECT, UPDATE", "discovery": "SELECT ({owner}, due_at)"}
    seq: Mapped[int] = mapped_column()
    hash: Mapped[str] = mapped_column()
    due_at: Mapped[datetime | None] = mapped_column()
    """When the head is to be signed; null where the former release opened the chain and nothing was sealed since."""


class CheckpointColumns:
    """A signature of what a chain was: inserted, and never touched again by anybody at run time."""

    resident_view: ClassVar[ResidentView] = ResidentView.MACHINERY
    grants: ClassVar[Grants] = {"sealer": "SELECT, INSERT", "discovery": "SELECT ({owner})"}
    seq: Mapped[int] = mapped_column()
    """The number of the entry whose hash is signed, and with it all entries before."""
    at: Mapped[datetime] = mapped_column()
    algorithm: Mapped[str] = mapped_column()
    key_id: Mapped[str] = mapped_column()
    signed: Mapped[str] = mapped_column()
    """Scope, number, hash and time with their signature: the text that is also kept elsewhere."""


class Pending(TenantOwned, PendingColumns, Base):
    """Entries of a tenant that are not yet sealed."""

    __tablename__ = "journal_pending"
    __table_args__ = ({"postgresql_with": QUEUE},)
    resident_id: Mapped[uuid.UUID | None] = mapped_column()
    """Whose data a hook or the feed carries out that tells of it; no part of the text that is sealed."""


class Entry(TenantOwned, EntryColumns, Base):
    """The sealed journal of a tenant."""

    __tablename__ = "journal"
    __table_args__ = (
        UniqueConstraint("tenant_id", "seq"),
        Index(None, "tenant_id", "subject", "subject_version"),
    )
    resident_id: Mapped[uuid.UUID | None] = mapped_column()
    """Whose data the feed of events shows with it; no part of the text that is sealed. Null where it is nobody's, or
    where it was sealed by a former release."""


class Head(HeadColumns, Base):
    """The head of a tenant's chain, made when the tenant is opened."""

    __tablename__ = "journal_heads"
    __table_args__ = (Index("ix_journal_heads_due", "due_at"),)
    placement = TenantOwned.placement
    tenant_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, sort_order=-20)


class Checkpoint(TenantOwned, CheckpointColumns, Base):
    """Signatures of a tenant's chain."""

    __tablename__ = "journal_checkpoints"
    __table_args__ = (Index(None, "tenant_id", "seq"),)


class PersonPending(PersonOwned, PendingColumns, Base):
    """Entries of a person that are not yet sealed."""

    __tablename__ = "person_journal_pending"
    __table_args__ = ({"postgresql_with": QUEUE},)


class PersonEntry(PersonOwned, EntryColumns, Base):
    """The sealed journal of a person."""

    __tablename__ = "person_journal"
    __table_args__ = (
        UniqueConstraint("person_id", "seq"),
        Index(None, "person_id", "subject", "subject_version"),
    )


class PersonHead(HeadColumns, Base):
    """The head of a person's chain, made when the person is registered."""

    __tablename__ = "person_journal_heads"
    __table_args__ = (Index("ix_person_journal_heads_due", "due_at"),)
    placement = PersonOwned.placement
    person_id: Mapped[uuid.UUID] = mapped_column(primary_key=True, sort_order=-20)


class PersonCheckpoint(PersonOwned, CheckpointColumns, Base):
    """Signatures of a person's chain."""

    __tablename__ = "person_journal_checkpoints"
    __table_args__ = (Index(None, "person_id", "seq"),)


@dataclass(frozen=True)
class Tables:
    """The four tables of one family of scopes."""

    pending: type[Any]
    entry: type[Any]
    head: type[Any]
    checkpoint: type[Any]
    owner: str


TENANT_TABLES = Tables(Pending, Entry, Head, Checkpoint, "tenant_id")
PERSON_TABLES = Tables(PersonPending, PersonEntry, PersonHead, PersonCheckpoint, "person_id")


def tables_of(scope: Scope) -> Tables:
    """The journal of `scope`; raises ValueError for a value-keyed scope, which has none."""
    if scope.kind is ScopeKind.KEY:
        raise ValueError("a value-keyed unit writes no entry: the unit that follows it does")
    return TENANT_TABLES if scope.kind is ScopeKind.TENANT else PERSON_TABLES
