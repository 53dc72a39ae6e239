"""Tables of shipments: whether a pharmacy ships, and each parcel's way. Where it goes is encrypted."""

import uuid
from datetime import datetime
from typing import ClassVar

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import OWN_KEY, Base, Grants, ResidentView, TenantOwned, within_tenant
from app.core.encrypted import Encrypted
from app.core.forgetting import FORGOTTEN

_OPEN = "'asked', 'given', 'picked_up', 'under_way', 'incident'"
_ENDS = "'handed_over', 'returned', 'lost', 'declined', 'called_off'"


class ShippingTerms(TenantOwned, Base):
    """Whether a pharmacy brings orders to the door; one row at most. It does so free of charge."""

    __tablename__ = "shipping_terms"
    __table_args__ = (Index("uq_shipping_terms_one", "tenant_id", unique=True),)
    ships: Mapped[bool] = mapped_column()
    version: Mapped[int] = mapped_column()


class Shipment(TenantOwned, Base):
    """A prepared order on its way to the door of its resident, or the wish for that."""

    __tablename__ = "shipments"
    __mapper_args__ = OWN_KEY
    __table_args__ = (
        within_tenant("routing_orders", "order_id"),
        CheckConstraint(f"state IN ({_OPEN}, {_ENDS})", name="state"),
        CheckConstraint(f"state NOT IN ({_OPEN}) OR destination IS NOT NULL", name="destination"),
        CheckConstraint("courier_id IS NOT NULL OR state IN ('asked', 'declined', 'called_off')", name="courier"),
        Index("uq_shipments_open", "tenant_id", "order_id", unique=True, postgresql_where=f"state IN ({_OPEN})"),
        Index(None, "tenant_id", "resident_id"),
        Index(None, "tenant_id", "state", "id"),
        Index(None, "tenant_id", "courier_id", "id"),
        Index("ix_shipments_due", "due_at", postgresql_where="due_at IS NOT NULL"),
    )
    resident_view = ResidentView.OWN
    grants: ClassVar[Grants] = FORGOTTEN
    resident_id: Mapped[uuid.UUID] = mapped_column()
    order_id: Mapped[uuid.UUID] = mapped_column()
    state: Mapped[str] = mapped_column()
    reason: Mapped[str | None] = mapped_column()
    """A code: why it ended, or comes back."""
    destination: Mapped[Encrypted | None] = mapped_column()
    """To whom and where; encrypted for `<scope>/shipments/destination/<id>`. Forgotten some time after the end."""
    courier_id: Mapped[uuid.UUID | None] = mapped_column()
    """The affiliation to whom it was given last."""
    due_at: Mapped[datetime | None] = mapped_column()
    """When its destination is forgotten; of an open one whose order has ended, when it counts as lost. Else null."""
    version: Mapped[int] = mapped_column()
    created_at: Mapped[datetime] = mapped_column()
    moved_at: Mapped[datetime] = mapped_column()
    """When it came into its state."""
