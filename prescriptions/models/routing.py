"""Tables of routing: what a pharmacy sells, quotes and supplies, and what a resident chose at the hospital.

What is clinical is encrypted; a quote knows nobody.
"""

import uuid
from datetime import datetime
from typing import ClassVar

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import OWN_KEY, Base, Grants, Json, ResidentView, TenantOwned
from app.core.encrypted import Encrypted
from app.core.forgetting import FORGOTTEN
from prescriptions.rules.orders import ENDED

_LIVE = "'offered', 'accepted', 'checked', 'preparing', 'prepared'"
_ENDS = "'fulfilled', 'declined', 'timed_out', 'released', 'revoked', 'expired'"


class Product(TenantOwned, Base):
    """A medicine that a pharmacy sells: price in fen for a pack, stock in packs as its own system last told."""

    __tablename__ = "products"
    __table_args__ = (
        CheckConstraint("price > 0 AND stock >= 0", name="amounts"),
        Index("uq_products_code", "tenant_id", "code", unique=True),
    )
    code: Mapped[str] = mapped_column()
    """The national code (国家药品编码)."""
    name: Mapped[str] = mapped_column()
    price: Mapped[int] = mapped_column()
    stock: Mapped[int] = mapped_column()
    as_of: Mapped[datetime] = mapped_column()
    shippable: Mapped[bool | None] = mapped_column()
    """Whether a courier may bring it: neither special control nor a cold chain forbids that. Null: nobody said so."""
    version: Mapped[int] = mapped_column()


class Quote(TenantOwned, Base):
    """What a pharmacy asked for a list of medicines; for whom, it was not told."""

    __tablename__ = "quotes"
    __table_args__ = (
        CheckConstraint("total >= 0", name="total"),
        Index("ix_quotes_due", "due_at", postgresql_where="due_at IS NOT NULL"),
    )
    grants: ClassVar[Grants] = FORGOTTEN
    lines: Mapped[Encrypted] = mapped_column()
    """Encrypted for `<scope>/quotes/lines/<id>`: an order will say for whom they were asked."""
    total: Mapped[int] = mapped_column()
    available: Mapped[bool] = mapped_column()
    as_of: Mapped[datetime] = mapped_column()
    valid_until: Mapped[datetime] = mapped_column()
    due_at: Mapped[datetime | None] = mapped_column()
    """When to delete it; null once an order was made by it."""


class RoutingOrder(TenantOwned, Base):
    """A prescription that is, or was, this pharmacy's to supply: the one right to hand its medicines over."""

    __tablename__ = "routing_orders"
    __mapper_args__ = OWN_KEY
    __table_args__ = (
        CheckConstraint(f"state IN ({_LIVE}, {_ENDS})", name="state"),
        CheckConstraint(f"state NOT IN ({_LIVE}) OR due_at IS NOT NULL", name="due"),
        CheckConstraint(f"num_nonnulls(content, lines) = 2 OR state NOT IN ({_LIVE}, 'fulfilled')", name="content"),
        CheckConstraint("(state = 'fulfilled') = (handed_over_at IS NOT NULL)", name="handed_over"),
        CheckConstraint("handed_over_at IS NULL OR settled_by IS NOT NULL", name="settled"),
        CheckConstraint("handed_over_at < expires_at", name="in_time"),
        CheckConstraint("verified_by <> prepared_by", name="two_people"),
        CheckConstraint("num_nonnulls(code, code_digest) IN (0, 2)", name="code"),
        CheckConstraint("total >= 0 AND wrong_codes >= 0", name="amounts"),
        Index("uq_routing_orders_attempt", "tenant_id", "prescription", "attempt", unique=True),
        Index(
            "uq_routing_orders_live", "tenant_id", "prescription", unique=True, postgresql_where=f"state IN ({_LIVE})"
        ),
        Index(None, "tenant_id", "resident_id"),
        Index(None, "tenant_id", "state", "id"),
        Index("ix_routing_orders_due", "due_at", postgresql_where="due_at IS NOT NULL"),
    )
    resident_view = ResidentView.OWN
    grants: ClassVar[Grants] = FORGOTTEN
    resident_id: Mapped[uuid.UUID] = mapped_column()
    prescription: Mapped[str] = mapped_column()
    """The public id of the hospital's prescription."""
    hospital: Mapped[int] = mapped_column()
    """The tenant that offered it."""
    hospital_id: Mapped[str] = mapped_column()
    """That tenant's public id."""
    hospital_name: Mapped[str] = mapped_column()
    attempt: Mapped[int] = mapped_column()
    """The hospital's fencing number."""
    quote_id: Mapped[uuid.UUID] = mapped_column()
    content: Mapped[Encrypted | None] = mapped_column()
    """Document and signatures as the hospital sent them; encrypted for `<scope>/routing_orders/content/<id>`.

    This and `lines` are forgotten some time after an end without hand-over.
    """
    lines: Mapped[Encrypted | None] = mapped_column()
    """What is to be supplied at which price; encrypted for `<scope>/routing_orders/lines/<id>`."""
    total: Mapped[int] = mapped_column()
    state: Mapped[str] = mapped_column()
    reason: Mapped[str | None] = mapped_column()
    """A code: why it ended."""
    offer_until: Mapped[datetime] = mapped_column()
    expires_at: Mapped[datetime] = mapped_column()
    """The instant from which nothing may be handed over."""
    due_at: Mapped[datetime | None] = mapped_column()
    """When it ends by itself; once it ended without hand-over, when what is clinical in it is forgotten."""
    shippable: Mapped[bool | None] = mapped_column()
    """Whether the pharmacy would bring it to the door, as it said when the order came; null in older ones."""
    settled_by: Mapped[str | None] = mapped_column()
    """The public id of the settlement that paid for it."""
    code: Mapped[Encrypted | None] = mapped_column()
    """The pick-up code, for its resident to read; encrypted for `<scope>/routing_orders/code/<id>`."""
    code_digest: Mapped[str | None] = mapped_column()
    """Keyed, for comparison."""
    wrong_codes: Mapped[int] = mapped_column()
    locked_at: Mapped[datetime | None] = mapped_column()
    accepted_by: Mapped[str | None] = mapped_column()
    checked_by: Mapped[str | None] = mapped_column()
    check_signature: Mapped[Json | None] = mapped_column()
    prepared_by: Mapped[str | None] = mapped_column()
    verified_by: Mapped[str | None] = mapped_column()
    handed_over_by: Mapped[str | None] = mapped_column()
    handed_over_at: Mapped[datetime | None] = mapped_column()
    counselling: Mapped[Encrypted | None] = mapped_column()
    """What the resident was told at the counter, or what goes with the parcel; encrypted for
    `<scope>/routing_orders/counselling/<id>`. Forgotten with `content` where nothing was handed over."""
    version: Mapped[int] = mapped_column()
    created_at: Mapped[datetime] = mapped_column()

    @property
    def settled(self) -> bool:
        """Whether a settlement that stands paid for it: that of an order that ended without hand-over is undone."""
        return self.settled_by is not None and self.state not in ENDED


class Choice(TenantOwned, Base):
    """A quote that a resident was shown for a prescription, at which rank they chose it, and what became of it.

    `id` is the quote's, in the pharmacy's tenant.
    """

    __tablename__ = "prescription_choices"
    __mapper_args__ = OWN_KEY
    __table_args__ = (
        CheckConstraint("state <> 'shown' OR rank IS NULL", name="rank"),
        CheckConstraint("state <> 'offered' OR attempt IS NOT NULL", name="attempt"),
        Index(None, "tenant_id", "prescription_id", "state"),
        Index(None, "tenant_id", "resident_id"),
        Index("ix_prescription_choices_due", "due_at", postgresql_where="due_at IS NOT NULL"),
        Index(
            "uq_prescription_choices_offered", "tenant_id", "prescription_id", unique=True,
            postgresql_where="state = 'offered'",
        ),
    )  # fmt: skip
    resident_view = ResidentView.OWN
    grants: ClassVar[Grants] = FORGOTTEN
    prescription_id: Mapped[uuid.UUID] = mapped_column()
    resident_id: Mapped[uuid.UUID] = mapped_column()
    pharmacy: Mapped[int] = mapped_column()
    pharmacy_id: Mapped[str] = mapped_column()
    """That tenant's public id."""
    pharmacy_name: Mapped[str] = mapped_column()
    total: Mapped[int] = mapped_column()
    own_cost: Mapped[int | None] = mapped_column()
    """What the resident was told they would pay; null where nobody knew."""
    available: Mapped[bool] = mapped_column()
    valid_until: Mapped[datetime] = mapped_column()
    state: Mapped[str] = mapped_column()
    reason: Mapped[str | None] = mapped_column()
    rank: Mapped[int | None] = mapped_column()
    offer_seconds: Mapped[int | None] = mapped_column()
    """How long the pharmacy has to accept."""
    attempt: Mapped[int | None] = mapped_column()
    due_at: Mapped[datetime | None] = mapped_column()
    """When to delete it; null once it was chosen."""
    version: Mapped[int] = mapped_column()
