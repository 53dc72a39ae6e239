"""Exports of everything about a person, as jobs of the platform's tenant."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import OWN_KEY, Base, Grants, ResidentView, TenantOwned
from app.core.forgetting import FORGOTTEN


class ExportState(StrEnum):
    """`waiting` until the worker has made it; `failed` where it could not, for a defect of ours."""

    WAITING = "waiting"
    READY = "ready"
    FAILED = "failed"


class DataExport(TenantOwned, Base):
    """A person's wish for everything about themself, and the blob that came of it.

    `due_at` is when to make it; while it is made, when another worker may; then when to forget it.
    """

    __tablename__ = "data_exports"
    __mapper_args__ = OWN_KEY
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'ready', 'failed')", name="state"),
        CheckConstraint("(state = 'ready') = (address IS NOT NULL)", name="address"),
        Index(None, "tenant_id", "resident_id"),
        Index("uq_data_exports_waiting", "tenant_id", "resident_id", unique=True, postgresql_where="state = 'waiting'"),
        Index("ix_data_exports_due", "due_at", postgresql_where="due_at IS NOT NULL"),
    )
    resident_view = ResidentView.OWN
    grants: ClassVar[Grants] = FORGOTTEN
    resident_id: Mapped[uuid.UUID] = mapped_column()
    state: Mapped[str] = mapped_column()
    address: Mapped[str | None] = mapped_column()
    """Of the blob in the platform's folder, encrypted for `<scope>/data_exports/content/<id>`."""
    language: Mapped[str | None] = mapped_column()
    """Of the PDF, where the person chose one; else it is their own."""
    pdf_address: Mapped[str | None] = mapped_column()
    """Of the PDF's blob, encrypted for `<scope>/data_exports/pdf/<id>`; null where there is none."""
    asker_id: Mapped[uuid.UUID | None] = mapped_column()
    """Who asked for it acting for the person: it is less, and they read no other; null where the person did."""
    tries: Mapped[int] = mapped_column()
    asked_at: Mapped[datetime] = mapped_column()
    ended_at: Mapped[datetime | None] = mapped_column()
    due_at: Mapped[datetime | None] = mapped_column()
    version: Mapped[int] = mapped_column()

    @property
    def addresses(self) -> tuple[str, ...]:
        """Of all blobs that came of it."""
        return tuple(address for address in (self.address, self.pdf_address) if address)
