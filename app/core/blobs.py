"""Blobs: large contents beside the database, encrypted before they get here, each found by its own digest.

Each goes the same way. A mark in the database says that a blob is coming and until when it must have its row; then
the blob is put; then the row that names it is made and the mark removed, in one commit. Whatever ends in between leaves
a mark, and the timer removes the orphan when the mark's day is over.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import ClassVar, Protocol

import structlog
from sqlalchemy import Delete, Index, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, Grants, ResidentView, TenantOwned
from app.core.errors import Problem, TryLater
from app.core.idempotency import Replayed
from app.core.ids import new_id
from app.core.scope import Scope
from app.core.timers import Timer
from app.core.unit import Unit, run, unit

ORPHANED = timedelta(days=1)
"""After which a blob without a row is removed."""
BATCH = 50
FULL_SECONDS = 60
"""After which somebody whose content could not be kept may come again."""
log = structlog.get_logger()


class Blobs(Protocol):
    """Where blobs are kept: each in the folder of its tenant, by the digest of its bytes."""

    def put(self, tenant: int, address: str, sealed: bytes) -> None:
        """Keep `sealed`, whose `address_of` is `address`; what is kept when this returns survives a crash."""
        ...

    def get(self, tenant: int, address: str) -> bytes:
        """The blob; raises LookupError where it is not there or not what was put."""
        ...

    def beginning(self, tenant: int, address: str, size: int) -> bytes:
        """Its first `size` bytes, not held against the address; raises LookupError where it is not there."""
        ...

    def remove(self, tenant: int, address: str) -> None:
        """Forget the blob, if it is there."""
        ...


_blobs: Blobs | None = None


def keep_in(place: Blobs) -> None:
    """Say once, in the factory, where this process keeps blobs."""
    global _blobs  # noqa: PLW0603  # one process, one place; the factory sets it before the first request
    _blobs = place


def blobs() -> Blobs:
    """Where this process keeps blobs; raises RuntimeError before `keep_in`."""
    if _blobs is None:
        raise RuntimeError("no place for blobs was set")
    return _blobs


class BlobMark(TenantOwned, Base):
    """A blob that has no row yet; `due_at` is when it counts as an orphan."""

    __tablename__ = "blob_marks"
    __table_args__ = (
        Index("uq_blob_marks_address", "tenant_id", "address", unique=True),
        Index("ix_blob_marks_due", "due_at"),
    )
    resident_view = ResidentView.MACHINERY
    grants: ClassVar[Grants] = {"app": "SELECT, INSERT, DELETE", "discovery": "SELECT ({owner}, due_at)"}
    address: Mapped[str] = mapped_column()
    due_at: Mapped[datetime] = mapped_column()


def address_of(sealed: bytes) -> str:
    """Where a blob is found: the hexadecimal SHA-256 of its encrypted bytes, which say nothing of the content."""
    return hashlib.sha256(sealed).hexdigest()


@contextmanager
def arriving(scope: Scope, sealed: bytes) -> Iterator[str]:
    """Keep `sealed` for the row that is made inside, in a unit that calls `settle`; gives its address.

    Where that unit ends in a problem or a repeated answer there is no row, and the blob is removed at once; where it is
    not known how it ended, the timer finds out. Raises TryLater where the place takes nothing: a full disk is an alarm.
    """
    tenant, address = scope.require_tenant(), address_of(sealed)
    run(scope, lambda opened: opened.add(BlobMark(id=new_id(), address=address, due_at=opened.now + ORPHANED)))
    try:
        blobs().put(tenant, address, sealed)
    except OSError as error:
        log.error("blob_not_kept", scope=str(scope), address=address, errno=error.errno)
        raise TryLater("contents cannot be kept now", retry_after=FULL_SECONDS) from error
    try:
        yield address
    except (Problem, Replayed):
        _discard(scope, address)
        raise


def settle(opened: Unit, address: str) -> None:
    """Remove the mark of a blob whose row is made in this unit; raises TryLater where its day is over."""
    gone = _unmark(address, opened).where(BlobMark.due_at > opened.now)
    if opened.session.execute(gone.returning(BlobMark.id)).first() is None:
        raise TryLater("the content came too late; send it again", retry_after=1)


def sweep(scope: Scope) -> int:
    """Remove the orphans of `scope`: blobs that got no row in their day; returns how many.

    What is due cannot be settled any more, so nobody can make a row for it meanwhile.
    """
    with unit(scope) as reading:
        mine = BlobMark.tenant_id == scope.require_tenant()
        due = select(BlobMark.address).where(mine, BlobMark.due_at <= reading.now)
        orphans = list(reading.session.scalars(due.order_by(BlobMark.due_at).limit(BATCH)))
    for address in orphans:
        _discard(scope, address)
    return len(orphans)


def _discard(scope: Scope, address: str) -> None:
    """The blob first: a mark that is left is met again, a blob without one never."""
    blobs().remove(scope.require_tenant(), address)
    run(scope, lambda opened: opened.session.execute(_unmark(address, opened)))


def _unmark(address: str, opened: Unit) -> Delete:
    mine = (BlobMark.tenant_id == opened.scope.require_tenant(), BlobMark.address == address)
    return delete(BlobMark).where(*mine).execution_options(synchronize_session=False)


SWEEPING = Timer("sweep-blobs", (BlobMark,), sweep, hurried=False)
