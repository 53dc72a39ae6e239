"""What residents ask an institution to correct, and what became of it."""

import uuid
from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import CheckConstraint, Date, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import OWN_KEY, Base, Grants, PersonOwned, ResidentView, TenantOwned
from app.core.encrypted import Encrypted, encrypted_for
from app.core.forgetting import ERASED, FORGOTTEN
from app.core.renamed import Renamed


class Correction(TenantOwned, Base):
    """A resident's wish that the tenant correct something that it keeps about them, and its answer.

    What it is about is never changed: the former version stays, and the amendment stands beside it, here.
    """

    __tablename__ = "corrections"
    __mapper_args__ = OWN_KEY
    __table_args__ = (
        CheckConstraint("area IN ('record', 'registration')", name="area"),
        CheckConstraint("state IN ('open', 'corrected', 'refused', 'declined')", name="state"),
        CheckConstraint("(state = 'open') = (answer IS NULL)", name="answered"),
        CheckConstraint("(state IN ('refused', 'declined')) = (reason IS NOT NULL)", name="reason"),
        CheckConstraint("statement IS NULL OR state IN ('refused', 'declined')", name="statement"),
        Index(None, "tenant_id", "resident_id"),
        Index(None, "tenant_id", "area", "id"),
        Index("ix_corrections_due", "due_at", postgresql_where="due_at IS NOT NULL"),
    )
    resident_view = ResidentView.OWN
    grants: ClassVar[Grants] = FORGOTTEN
    resident_id: Mapped[uuid.UUID] = mapped_column()
    subject: Mapped[str] = mapped_column()
    """The public id of what it is about."""
    area: Mapped[str] = mapped_column()
    request: Mapped[Encrypted] = mapped_column()
    """What is wrong and what is right, as JSON; encrypted for `<scope>/corrections/request/<id>`."""
    state: Mapped[str] = mapped_column(Renamed("refused", "declined"))
    answer: Mapped[bytes | None] = mapped_column(info=encrypted_for("{scope}/corrections/answer/{id}"))
    """What it said and what it is to be read as, or why it stays, as JSON; encrypted as above."""
    reason: Mapped[str | None] = mapped_column()
    """A code: why it was declined."""
    statement: Mapped[bytes | None] = mapped_column(info=encrypted_for("{scope}/corrections/statement/{id}"))
    """That the resident disagrees with the declining, in their words; encrypted as above."""
    answered_by: Mapped[str | None] = mapped_column()
    asked_at: Mapped[datetime] = mapped_column()
    answer_until: Mapped[date] = mapped_column(Date())
    """The last local day on which it is answered in time."""
    answered_at: Mapped[datetime | None] = mapped_column()
    due_at: Mapped[datetime | None] = mapped_column()
    """When the time to answer is over, while there is no answer."""
    version: Mapped[int] = mapped_column()


class PersonCorrection(PersonOwned, Base):
    """What a person keeps of a wish, so that they find all of theirs in one look; `id` is the wish's."""

    __tablename__ = "person_corrections"
    grants: ClassVar[Grants] = ERASED
    tenant: Mapped[int] = mapped_column()
    subject: Mapped[str] = mapped_column()
    area: Mapped[str] = mapped_column()
    state: Mapped[str] = mapped_column(Renamed("refused", "declined"))
    asked_at: Mapped[datetime] = mapped_column()
    answer_until: Mapped[date] = mapped_column(Date())
    source_version: Mapped[int] = mapped_column()
