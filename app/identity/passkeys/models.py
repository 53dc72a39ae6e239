"""Passkeys, whose each is, and the challenges that they answer."""

import uuid
from datetime import datetime
from typing import ClassVar

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, Grants, JsonList, KeyOwned, PersonOwned
from app.core.forgetting import FORGOTTEN


class Passkey(PersonOwned, Base):
    """A passkey of a person (WebAuthn, 4, "credential record"). One that is removed waits for its holder to be deleted.

    It is stopped when its counter went back: somebody has a copy.
    """

    __tablename__ = "passkeys"
    __table_args__ = (
        ForeignKeyConstraint(["person_id"], ["persons.person_id"]),
        UniqueConstraint("person_id", "credential_id"),
        CheckConstraint("state IN ('active', 'stopped', 'removed')", name="state"),
        CheckConstraint("state <> 'stopped' OR stopped_at IS NOT NULL", name="stopped"),
        CheckConstraint("(state = 'removed') = (due_at IS NOT NULL)", name="due"),
        CheckConstraint("backup_eligible OR NOT backed_up", name="backup"),
        Index("ix_passkeys_due", "due_at", postgresql_where="due_at IS NOT NULL"),
    )
    grants: ClassVar[Grants] = FORGOTTEN
    name: Mapped[str] = mapped_column()
    """What its owner calls it."""
    credential_id: Mapped[bytes] = mapped_column()
    public_key: Mapped[bytes] = mapped_column()
    """In the form of COSE (RFC 9052)."""
    sign_count: Mapped[int] = mapped_column()
    """What its authenticator counted last; 0 of one that does not count."""
    transports: Mapped[JsonList] = mapped_column()
    """How browsers reach it, in their words."""
    aaguid: Mapped[uuid.UUID] = mapped_column()
    """What make its authenticator says that it is; zeros of one that does not say. Not attested."""
    backup_eligible: Mapped[bool] = mapped_column()
    """Whether it may be kept in step between devices; never changes."""
    backed_up: Mapped[bool] = mapped_column()
    """Whether it was so when it was used last."""
    state: Mapped[str] = mapped_column()
    version: Mapped[int] = mapped_column()
    created_at: Mapped[datetime] = mapped_column()
    last_used_at: Mapped[datetime | None] = mapped_column()
    stopped_at: Mapped[datetime | None] = mapped_column()
    due_at: Mapped[datetime | None] = mapped_column()
    """When to delete it, once it is removed."""


class PasskeyHolder(KeyOwned, Base):
    """Whose passkey a credential is; the key is a blind digest of the credential's id.

    Reserved first, then the passkey is made. A reservation that nothing followed is deleted by the timer.
    """

    __tablename__ = "passkey_holders"
    __table_args__ = (Index("ix_passkey_holders_due", "due_at", postgresql_where="due_at IS NOT NULL"),)
    grants: ClassVar[Grants] = FORGOTTEN
    person_id: Mapped[uuid.UUID] = mapped_column()
    passkey_id: Mapped[uuid.UUID] = mapped_column()
    due_at: Mapped[datetime | None] = mapped_column()
    """When a reservation is looked at: whether anything followed it. Null once the passkey is there."""


class PasskeyChallenge(PersonOwned, Base):
    """What one sign-in of a person was asked to answer with a passkey; spent by deleting it."""

    __tablename__ = "passkey_challenges"
    __table_args__ = (
        CheckConstraint("purpose IN ('registration', 'proof')", name="purpose"),
        Index("ix_passkey_challenges_due", "due_at"),
    )
    grants: ClassVar[Grants] = FORGOTTEN
    digest: Mapped[str] = mapped_column()
    """Blind digest of the challenge."""
    purpose: Mapped[str] = mapped_column()
    sign_in_id: Mapped[uuid.UUID] = mapped_column()
    due_at: Mapped[datetime] = mapped_column()
    """When it ends, and is deleted."""


class SignInChallenge(KeyOwned, Base):
    """What somebody who is not known yet was asked to answer; the key is a blind digest of it. Spent by deleting it."""

    __tablename__ = "sign_in_challenges"
    __table_args__ = (Index("ix_sign_in_challenges_due", "due_at"),)
    grants: ClassVar[Grants] = FORGOTTEN
    due_at: Mapped[datetime] = mapped_column()
    """When it ends, and is deleted."""
