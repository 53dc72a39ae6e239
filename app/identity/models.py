"""Clients of a tenant and the access tokens that were issued in it."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, JsonList, TenantOwned, within_tenant


class OAuthClient(TenantOwned, Base):
    """A system of the tenant that signs in as itself (RFC 6749 client credentials)."""

    __tablename__ = "oauth_clients"
    __table_args__ = (CheckConstraint("state IN ('active', 'revoked')", name="state"),)
    name: Mapped[str] = mapped_column()
    secret_hash: Mapped[str] = mapped_column()
    """SHA-256 of a random secret of 256 bits: there is nothing to guess, so nothing to slow down."""
    permissions: Mapped[JsonList] = mapped_column()
    state: Mapped[str] = mapped_column()
    version: Mapped[int] = mapped_column()
    created_at: Mapped[datetime] = mapped_column()


class AccessToken(TenantOwned, Base):
    """An access token, of which only the hash is kept. Its text names tenant and row, so checking it reads one key."""

    __tablename__ = "access_tokens"
    __table_args__ = (within_tenant("oauth_clients", "client_id"),)
    client_id: Mapped[uuid.UUID] = mapped_column()
    secret_hash: Mapped[str] = mapped_column()
    permissions: Mapped[JsonList] = mapped_column()
    issued_at: Mapped[datetime] = mapped_column()
    expires_at: Mapped[datetime] = mapped_column()
