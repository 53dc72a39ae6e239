"""Who may act for a person, what that one keeps of it, and what the platform's desk is asked on paper."""

import uuid
from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import CheckConstraint, Date, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import OWN_KEY, Base, Grants, PersonOwned, ResidentView, TenantOwned
from app.core.encrypted import Encrypted, encrypted_for
from app.core.forgetting import FORGOTTEN
from app.core.renamed import Renamed


class Representation(PersonOwned, Base):
    """That somebody may act for the person, in whose scope it lies: the person's word, or the law's, about themself."""

    __tablename__ = "representations"
    __table_args__ = (
        CheckConstraint("kind IN ('guardian', 'proxy', 'successor')", name="kind"),
        CheckConstraint("state IN ('offered', 'active', 'ended')", name="state"),
        CheckConstraint("reach IN ('read', 'book', 'pay', 'everything')", name="reach"),
        CheckConstraint("evidence IN ('registry', 'paper', 'person')", name="evidence"),
        CheckConstraint("(state = 'ended') = (num_nonnulls(ended_at, end_reason) = 2)", name="ended"),
        Index(
            "uq_representations_open", "person_id", "actor_id", unique=True,
            postgresql_where="state IN ('offered', 'active')",
        ),
        Index("ix_representations_due", "due_at", postgresql_where="due_at IS NOT NULL"),
    )  # fmt: skip
    grants: ClassVar[Grants] = FORGOTTEN
    kind: Mapped[str] = mapped_column()
    actor_id: Mapped[uuid.UUID] = mapped_column()
    actor_name: Mapped[bytes | None] = mapped_column(info=encrypted_for("{scope}/representations/actor_name/{id}"))
    """As verified when they took it on; encrypted for `<scope>/representations/actor_name/<id>`."""
    reach: Mapped[str] = mapped_column()
    evidence: Mapped[str] = mapped_column()
    """What it stands on: the registry's word, a paper that the desk saw, the person's own."""
    state: Mapped[str] = mapped_column()
    until: Mapped[date | None] = mapped_column(Date())
    """The local day with whose beginning it ends by itself."""
    created_at: Mapped[datetime] = mapped_column()
    accepted_at: Mapped[datetime | None] = mapped_column()
    ended_at: Mapped[datetime | None] = mapped_column()
    end_reason: Mapped[str | None] = mapped_column()
    claim_hash: Mapped[str | None] = mapped_column()
    """SHA-256 of a random word of 256 bits with which the child takes its account over while the guardian acts."""
    claim_until: Mapped[datetime | None] = mapped_column()
    due_at: Mapped[datetime | None] = mapped_column()
    """When it ends by itself; once ended, when to delete it."""
    version: Mapped[int] = mapped_column()


class Represented(PersonOwned, Base):
    """What somebody keeps of a person for whom they may act; `id` is the representation's."""

    __tablename__ = "represented"
    __table_args__ = (Index("ix_represented_due", "due_at", postgresql_where="due_at IS NOT NULL"),)
    grants: ClassVar[Grants] = FORGOTTEN
    represented_id: Mapped[uuid.UUID] = mapped_column()
    name: Mapped[Encrypted] = mapped_column()
    """The represented person's; encrypted for `<scope>/represented/name/<id>`."""
    kind: Mapped[str] = mapped_column()
    reach: Mapped[str] = mapped_column()
    state: Mapped[str] = mapped_column()
    until: Mapped[date | None] = mapped_column(Date())
    end_reason: Mapped[str | None] = mapped_column()
    source_version: Mapped[int] = mapped_column()
    due_at: Mapped[datetime | None] = mapped_column()
    """When to delete it, once it has ended."""


class ClaimPermit(PersonOwned, Base):
    """That an operator saw the papers of who asks for this account, which guardians opened. `id` is the case's."""

    __tablename__ = "claim_permits"
    __table_args__ = (Index("ix_claim_permits_due", "due_at"),)
    grants: ClassVar[Grants] = FORGOTTEN
    claimant_id: Mapped[uuid.UUID] = mapped_column()
    """The account of who asks."""
    due_at: Mapped[datetime] = mapped_column()
    """Until when they may, and when to delete it."""


class CivilPaper(TenantOwned, Base):
    """What somebody asks the platform's desk on paper, in the platform's tenant; `resident_id` is who asks.

    A guardianship that the registry does not know, or a legal title in what a dead person left.
    """

    __tablename__ = "civil_papers"
    __mapper_args__ = OWN_KEY
    __table_args__ = (
        CheckConstraint("kind IN ('guardianship', 'succession')", name="kind"),
        CheckConstraint("state IN ('submitted', 'accepted', 'refused', 'rejected')", name="state"),
        Index(None, "tenant_id", "resident_id"),
        Index(None, "tenant_id", "state", "id"),
        Index("ix_civil_papers_due", "due_at", postgresql_where="due_at IS NOT NULL"),
    )
    resident_view = ResidentView.OWN
    grants: ClassVar[Grants] = FORGOTTEN
    resident_id: Mapped[uuid.UUID] = mapped_column()
    kind: Mapped[str] = mapped_column()
    content: Mapped[Encrypted] = mapped_column()
    """Who it is about, which paper says so, and who asks; encrypted for `<scope>/civil_papers/content/<id>`."""
    state: Mapped[str] = mapped_column(Renamed("refused", "rejected"))
    reason: Mapped[str | None] = mapped_column()
    """A code: why it was rejected."""
    represented_id: Mapped[uuid.UUID | None] = mapped_column()
    """For whom who asks may act, once it was accepted."""
    representation_id: Mapped[uuid.UUID | None] = mapped_column()
    decided_by: Mapped[str | None] = mapped_column()
    submitted_at: Mapped[datetime] = mapped_column()
    decided_at: Mapped[datetime | None] = mapped_column()
    due_at: Mapped[datetime | None] = mapped_column()
    """When to delete it, once it was decided."""
    version: Mapped[int] = mapped_column()
