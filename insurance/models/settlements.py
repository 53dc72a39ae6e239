"""Tables of settlements: connections to schemes, and who bears what of a visit or a supply.

Whoever changes a settlement holds its row, then its claim's, then the bill's or the order's.
"""

import uuid
from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import OWN_KEY, Base, Grants, Json, ResidentView, TenantOwned
from app.core.encrypted import Encrypted
from app.core.forgetting import FORGOTTEN

_STATES = (
    "'asked', 'trial', 'paying', 'committing', 'committed', 'refused', 'canceled', 'reversing', 'reversed'"
)  # fmt: skip
_LIVE = "state IN ('asked', 'trial', 'paying', 'committing', 'committed', 'reversing')"
_ASKING = "state IN ('asked', 'committing', 'reversing')"


class SchemeConnection(TenantOwned, Base):
    """How the provider reaches a public scheme: as which institution, and with which key."""

    __tablename__ = "scheme_connections"
    __table_args__ = (UniqueConstraint("tenant_id", "insurer"),)
    resident_view = ResidentView.NONE
    insurer: Mapped[int] = mapped_column()
    """The number of the scheme's own tenant, whose plans name it."""
    insurer_id: Mapped[uuid.UUID] = mapped_column()
    url: Mapped[str] = mapped_column()
    institution: Mapped[str] = mapped_column()
    """The provider's number with the scheme."""
    key: Mapped[Encrypted] = mapped_column()
    """Encrypted for `<scope>/scheme_connections/key/<id>`."""
    former_keys: Mapped[Encrypted | None] = mapped_column()
    """The last key of each address that was left, as a JSON object, encrypted for
    `<scope>/scheme_connections/former_keys/<id>`: what was settled there is reversed there.
    """
    version: Mapped[int] = mapped_column()
    created_at: Mapped[datetime] = mapped_column()


class Settlement(TenantOwned, Base):
    """Who bears what of one visit or supply. Amounts in fen.

    `due_at` is when the worker goes on asking the scheme; null when there is nothing to ask.
    """

    __tablename__ = "settlements"
    __mapper_args__ = OWN_KEY
    __table_args__ = (
        CheckConstraint(f"state IN ({_STATES})", name="state"),
        CheckConstraint("kind IN ('visit', 'medicine')", name="kind"),
        CheckConstraint("payer IN ('self', 'public_scheme', 'commercial')", name="payer"),
        CheckConstraint("(payer = 'self') = (coverage IS NULL)", name="coverage"),
        CheckConstraint("(insurer IS NULL) = (coverage IS NULL)", name="insurer"),
        CheckConstraint("total >= 0 AND fund >= 0 AND account >= 0 AND cash >= 0", name="amounts"),
        CheckConstraint("fund + account + cash = total", name="split"),
        CheckConstraint("prepaid >= 0 AND prepaid <= total", name="prepaid"),
        CheckConstraint(f"({_ASKING}) = (due_at IS NOT NULL OR given_up_at IS NOT NULL)", name="due"),
        CheckConstraint("given_up_at IS NULL OR state = 'reversing'", name="given_up"),
        CheckConstraint(
            "(reversed_by IS NULL) = (reversal_reference IS NULL) AND (reversed_by IS NULL OR state = 'reversed')",
            name="reversed_by",
        ),
        CheckConstraint("refunded_at IS NULL OR refund_id IS NOT NULL", name="refund"),
        UniqueConstraint("tenant_id", "asked"),
        Index("uq_settlements_live", "tenant_id", "subject", unique=True, postgresql_where=_LIVE),
        Index(None, "tenant_id", "resident_id"),
        Index("ix_settlements_refund", "tenant_id", "refund_id", postgresql_where="refund_id IS NOT NULL"),
        Index("ix_settlements_due", "due_at", postgresql_where="due_at IS NOT NULL"),
        Index("ix_settlements_given_up", "tenant_id", "id", postgresql_where="given_up_at IS NOT NULL"),
    )
    resident_view = ResidentView.OWN
    grants: ClassVar[Grants] = {**FORGOTTEN, "discovery": "SELECT ({owner}, due_at, given_up_at)"}
    resident_id: Mapped[uuid.UUID] = mapped_column()
    asked: Mapped[str] = mapped_column()
    """Keyed digest of who asked under which idempotency key: asking again finds this row."""
    subject: Mapped[str] = mapped_column()
    """The public id of the visit or the routing order."""
    kind: Mapped[str] = mapped_column()
    payer: Mapped[str] = mapped_column()
    insurer: Mapped[int | None] = mapped_column()
    coverage: Mapped[uuid.UUID | None] = mapped_column()
    """The coverage's id in the insurer's tenant."""
    content: Mapped[Encrypted] = mapped_column()
    """Encrypted for `<scope>/settlements/content/<id>`: lines, diagnoses, member number."""
    total: Mapped[int] = mapped_column()
    fund: Mapped[int] = mapped_column()
    account: Mapped[int] = mapped_column()
    """What the person's own account with the scheme bears."""
    cash: Mapped[int] = mapped_column()
    fund_parts: Mapped[Json] = mapped_column()
    """The scheme's funds by their codes; they sum to `fund`."""
    expected: Mapped[int] = mapped_column()
    """What the insurer will probably bear of a claim that it decides later."""
    service_date: Mapped[date] = mapped_column()
    """The local date of the visit's end; of a supply, of the settlement."""
    visit_bill_id: Mapped[uuid.UUID | None] = mapped_column()
    """The bill by which a visit was paid before it began."""
    bill_id: Mapped[uuid.UUID | None] = mapped_column()
    """The bill for the resident's part of a supply."""
    prepaid: Mapped[int] = mapped_column()
    """What the resident has paid for the subject."""
    refund_id: Mapped[uuid.UUID | None] = mapped_column()
    refunded_at: Mapped[datetime | None] = mapped_column()
    credential: Mapped[Encrypted | None] = mapped_column()
    """Encrypted for `<scope>/settlements/credential/<id>`; kept from the confirmation until the scheme has answered."""
    scheme_url: Mapped[str | None] = mapped_column()
    """Where the scheme was first asked to settle this: everything else about it is asked there too."""
    scheme_settlement: Mapped[str | None] = mapped_column()
    """The scheme's own number."""
    state: Mapped[str] = mapped_column()
    reason: Mapped[str | None] = mapped_column()
    """A code: why it ended."""
    given_up_at: Mapped[datetime | None] = mapped_column()
    """Since when its reversal waits for people and is asked for rarely; null again once it is tried anew or noted."""
    reversed_by: Mapped[str | None] = mapped_column()
    """A code: how the scheme took it back past the connection."""
    reversal_reference: Mapped[str | None] = mapped_column()
    """Under which the institution has the scheme's word, or its own payment."""
    asking_since: Mapped[datetime | None] = mapped_column()
    """Since when the scheme is asked for its trial, or to settle and then perhaps to reverse; null where it is not."""
    tries: Mapped[int] = mapped_column()
    due_at: Mapped[datetime | None] = mapped_column()
    version: Mapped[int] = mapped_column()
    created_at: Mapped[datetime] = mapped_column()
