"""Passwords, and tries to sign in that were in vain."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, Grants, KeyOwned, PersonOwned
from app.core.encrypted import Encrypted
from app.core.forgetting import FORGOTTEN


class Password(PersonOwned, Base):
    """A person's password: at most one row."""

    __tablename__ = "passwords"
    __table_args__ = (ForeignKeyConstraint(["person_id"], ["persons.person_id"]),)
    grants: ClassVar[Grants] = {"app": "SELECT, INSERT, UPDATE, DELETE"}
    hash: Mapped[Encrypted] = mapped_column()
    """argon2id in its own text form, encrypted for `<scope>/passwords/hash/<id>`, so that who has the database alone
    can guess at nothing.
    """
    version: Mapped[int] = mapped_column()
    """How often it was set."""
    changed_at: Mapped[datetime] = mapped_column()


class SignInTries(KeyOwned, Base):
    """Proofs in vain for a phone number; the key is a blind digest of the number and of the way: beside a code, on a
    known device, or on any other.

    There is a row for a number that nobody has as well: pauses tell nothing.
    """

    __tablename__ = "sign_in_tries"
    __table_args__ = (Index("ix_sign_in_tries_due", "due_at", postgresql_where="due_at IS NOT NULL"),)
    grants: ClassVar[Grants] = FORGOTTEN
    misses: Mapped[int] = mapped_column()
    """Since the last right one."""
    open_at: Mapped[int] = mapped_column()
    """When the next try may be made, in Unix milliseconds."""
    due_at: Mapped[datetime | None] = mapped_column()
    """When to forget them."""
