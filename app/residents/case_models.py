"""Cases in which two people may be behind one number, which operators of the platform decide."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, Grants, TenantOwned
from app.core.forgetting import FORGOTTEN


class CaseKind(StrEnum):
    """`number`: who has a phone number now cannot prove to own the account to which it leads. `identity`: who says to
    be somebody finds that another account is verified as them.
    """

    NUMBER = "number"
    IDENTITY = "identity"


class CaseState(StrEnum):
    """`checking` while the account compares what an operator read on the papers, `parting` while its number is taken
    from it; else open until it is decided.
    """

    OPEN = "open"
    CHECKING = "checking"
    PARTING = "parting"
    DECIDED = "decided"


class CaseOutcome(StrEnum):
    """`handed_over` on papers; `new_account` for the number, apart from the old one; `dismissed` otherwise."""

    HANDED_OVER = "handed_over"
    NEW_ACCOUNT = "new_account"
    DISMISSED = "dismissed"


class AccountCase(TenantOwned, Base):
    """A case, in the platform's tenant. It names accounts alone: who they are is compared where they are."""

    __tablename__ = "account_cases"
    __table_args__ = (
        CheckConstraint("kind IN ('number', 'identity')", name="kind"),
        CheckConstraint("(kind = 'identity') = (holder_id IS NOT NULL)", name="holder"),
        CheckConstraint("(kind = 'number') = (login IS NOT NULL)", name="login"),
        CheckConstraint("state IN ('open', 'checking', 'parting', 'decided')", name="state"),
        CheckConstraint("outcome IN ('handed_over', 'new_account', 'dismissed')", name="outcome"),
        CheckConstraint("(state = 'decided') = (num_nonnulls(outcome, decided_at, due_at) = 3)", name="decided"),
        Index(
            "uq_account_cases_open", "tenant_id", "kind", "person_id", unique=True,
            postgresql_where="state <> 'decided'",
        ),
        Index(None, "tenant_id", "state", "id"),
        Index("ix_account_cases_due", "due_at", postgresql_where="due_at IS NOT NULL"),
    )  # fmt: skip
    grants: ClassVar[Grants] = FORGOTTEN
    kind: Mapped[str] = mapped_column()
    person_id: Mapped[uuid.UUID] = mapped_column()
    """Of a number, the account to which it leads; of an identity, the account that asks for it."""
    holder_id: Mapped[uuid.UUID | None] = mapped_column()
    """The account that is verified by the identity."""
    login: Mapped[str | None] = mapped_column()
    """The key of the number's login: a blind digest."""
    state: Mapped[str] = mapped_column()
    differed: Mapped[bool] = mapped_column()
    """Whether papers that an operator read were not those of the account."""
    outcome: Mapped[str | None] = mapped_column()
    reason: Mapped[str | None] = mapped_column()
    """In the operator's words."""
    version: Mapped[int] = mapped_column()
    opened_at: Mapped[datetime] = mapped_column()
    decided_at: Mapped[datetime | None] = mapped_column()
    due_at: Mapped[datetime | None] = mapped_column()
    """When to delete it, once it is decided."""
