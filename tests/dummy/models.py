"""One table of every kind of placement and view."""

import uuid

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, KeyOwned, PersonOwned, ResidentView, TenantOwned, within_tenant


class Note(TenantOwned, Base):
    """A note about a resident, sent to another tenant."""

    __tablename__ = "dummy_notes"
    __table_args__ = (Index(None, "tenant_id", "resident_id"),)
    resident_view = ResidentView.OWN
    resident_id: Mapped[uuid.UUID] = mapped_column()
    words: Mapped[str] = mapped_column()
    state: Mapped[str] = mapped_column()
    version: Mapped[int] = mapped_column()


class Copy(TenantOwned, Base):
    """What the other tenant keeps of a note."""

    __tablename__ = "dummy_copies"
    source: Mapped[str] = mapped_column()
    words: Mapped[str] = mapped_column()


class Line(TenantOwned, Base):
    """Something below a note."""

    __tablename__ = "dummy_lines"
    __table_args__ = (within_tenant("dummy_notes", "note_id"),)
    resident_view = ResidentView.PUBLIC
    note_id: Mapped[uuid.UUID] = mapped_column()
    number: Mapped[int] = mapped_column()


class Profile(PersonOwned, Base):
    """Something of a person."""

    __tablename__ = "dummy_profiles"
    words: Mapped[str] = mapped_column()


class Value(KeyOwned, Base):
    """A value that exists once on the platform."""

    __tablename__ = "dummy_values"
    reserver: Mapped[str] = mapped_column()
