"""The keys with which members of a tenant's staff sign."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, Json, TenantOwned
from app.core.encrypted import Encrypted


class SigningKey(TenantOwned, Base):
    """A key of one member of the staff, who has at most one that is active."""

    __tablename__ = "signing_keys"
    __table_args__ = (
        CheckConstraint("state IN ('active', 'revoked')", name="state"),
        CheckConstraint("(state = 'revoked') = (revoked_at IS NOT NULL)", name="revoked"),
        Index("uq_signing_keys_active", "tenant_id", "staff_id", unique=True, postgresql_where="state = 'active'"),
        Index(None, "tenant_id", "staff_id", "id"),
    )
    staff_id: Mapped[uuid.UUID] = mapped_column()
    """The affiliation, a row of a higher slice, so named by value."""
    algorithm: Mapped[str] = mapped_column()
    """As JWS names it (RFC 7518); a later one stands beside the former ones."""
    public_key: Mapped[Json] = mapped_column()
    """A JWK (RFC 7517)."""
    private_key: Mapped[Encrypted] = mapped_column()
    """PKCS 8, encrypted for `<scope>/signing_keys/private_key/<id>`."""
    state: Mapped[str] = mapped_column()
    created_at: Mapped[datetime] = mapped_column()
    revoked_at: Mapped[datetime | None] = mapped_column()
    version: Mapped[int] = mapped_column()
