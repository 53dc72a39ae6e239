"""What a person proves themself with beside their phone."""

import uuid
from datetime import datetime
from typing import ClassVar

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, Grants, JsonList, PersonOwned
from app.core.encrypted import Encrypted
from app.core.forgetting import ERASED, FORGOTTEN


class Authenticator(PersonOwned, Base):
    """An authenticator app (TOTP, RFC 6238). It counts once a first code of it was shown; until then it is due."""

    __tablename__ = "authenticators"
    __table_args__ = (
        ForeignKeyConstraint(["person_id"], ["persons.person_id"]),
        CheckConstraint("state IN ('pending', 'active')", name="state"),
        CheckConstraint("(state = 'active') = (confirmed_at IS NOT NULL)", name="confirmed"),
        CheckConstraint("(state = 'pending') = (due_at IS NOT NULL)", name="due"),
        Index("ix_authenticators_due", "due_at", postgresql_where="due_at IS NOT NULL"),
    )
    grants: ClassVar[Grants] = FORGOTTEN
    name: Mapped[str] = mapped_column()
    """What its owner calls it."""
    secret: Mapped[Encrypted] = mapped_column()
    """160 bits, encrypted for `<scope>/authenticators/secret/<id>`."""
    state: Mapped[str] = mapped_column()
    last_step: Mapped[int] = mapped_column()
    """The time step of the last code that was accepted; an older one, and the same again, is refused."""
    version: Mapped[int] = mapped_column()
    created_at: Mapped[datetime] = mapped_column()
    confirmed_at: Mapped[datetime | None] = mapped_column()
    due_at: Mapped[datetime | None] = mapped_column()
    """When to delete it, unless it was confirmed."""


class RecoveryCodes(PersonOwned, Base):
    """The recovery codes of a person, made anew as a whole: at most one row."""

    __tablename__ = "recovery_codes"
    __table_args__ = (ForeignKeyConstraint(["person_id"], ["persons.person_id"]),)
    grants: ClassVar[Grants] = {"app": "SELECT, INSERT, UPDATE, DELETE"}
    hashes: Mapped[JsonList] = mapped_column()
    """HMAC under the platform's blind key of each code that was not used yet."""
    version: Mapped[int] = mapped_column()
    created_at: Mapped[datetime] = mapped_column()


class FactorTries(Base):
    """How often a person's second factor was tried in vain. Its lock is taken before anything of theirs changes."""

    __tablename__ = "factor_tries"
    __table_args__ = (ForeignKeyConstraint(["person_id"], ["persons.person_id"]),)
    grants: ClassVar[Grants] = ERASED
    placement = PersonOwned.placement
    person_id: Mapped[uuid.UUID] = mapped_column(primary_key=True, sort_order=-20)
    misses: Mapped[int] = mapped_column()
    """Wrong codes since the last right one."""
    open_at: Mapped[int] = mapped_column()
    """When the next try may be made, in Unix milliseconds."""
