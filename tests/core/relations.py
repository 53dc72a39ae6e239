"""The dummy slice's tables mapped a second time, with relationships and a version counter."""

import uuid

from sqlalchemy import and_
from sqlalchemy.orm import DeclarativeBase, Mapped, foreign, relationship

from app.core.db import Base
from tests.dummy.models import Line, Note

NOTES, LINES = Base.metadata.tables[Note.__tablename__], Base.metadata.tables[Line.__tablename__]


class Related(DeclarativeBase):
    """A registry of its own over the same tables."""

    metadata = Base.metadata


class Leaf(Related):
    """A note with its lines; counted at every change."""

    __table__ = NOTES
    __mapper_args__ = {"version_id_col": NOTES.c.version}  # noqa: RUF012  # SQLAlchemy types it as an instance's
    tenant_id: Mapped[int]
    id: Mapped[uuid.UUID]
    resident_id: Mapped[uuid.UUID]
    words: Mapped[str]
    state: Mapped[str]
    version: Mapped[int]
    rows: Mapped[list["Row"]] = relationship(
        back_populates="leaf",
        primaryjoin=lambda: and_(Leaf.tenant_id == Row.tenant_id, Leaf.id == foreign(Row.note_id)),
    )


class Row(Related):
    """A line with its note."""

    __table__ = LINES
    tenant_id: Mapped[int]
    id: Mapped[uuid.UUID]
    note_id: Mapped[uuid.UUID]
    number: Mapped[int]
    leaf: Mapped[Leaf] = relationship(
        back_populates="rows",
        primaryjoin=lambda: and_(Leaf.tenant_id == Row.tenant_id, Leaf.id == foreign(Row.note_id)),
    )
