"""The keys with which members of a tenant's staff sign, and the certificates of those keys."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, Json, JsonList, ResidentView, TenantOwned, within_tenant
from app.core.encrypted import Encrypted
from app.core.timers import DUE


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


class SigningCertificate(TenantOwned, Base):
    """That an authority vouches for whose key it is; kept as long as what was signed. A key may have had several."""

    __tablename__ = "signing_certificates"
    __table_args__ = (
        within_tenant("signing_keys", "key_id"),
        CheckConstraint("state IN ('wanted', 'issued', 'revoked', 'refused')", name="state"),
        CheckConstraint("(state = 'revoked') = (revoked_at IS NOT NULL)", name="revoked"),
        CheckConstraint("num_nonnulls(serial, chain, not_before, not_after) IN (0, 4)", name="issued"),
        CheckConstraint("state <> 'issued' OR serial IS NOT NULL", name="certificate"),
        Index("uq_signing_certificates_wanted", "tenant_id", "key_id", unique=True,
              postgresql_where="state = 'wanted'"),
        Index(None, "tenant_id", "key_id", "id"),
        Index("ix_signing_certificates_due", "due_at", postgresql_where="due_at IS NOT NULL"),
    )  # fmt: skip
    resident_view = ResidentView.PUBLIC
    grants = DUE
    key_id: Mapped[uuid.UUID] = mapped_column()
    staff_id: Mapped[uuid.UUID] = mapped_column()
    authority: Mapped[str | None] = mapped_column()
    """Who issued or refused it."""
    state: Mapped[str] = mapped_column()
    serial: Mapped[str | None] = mapped_column()
    """The certificate's number, hexadecimal."""
    chain: Mapped[JsonList | None] = mapped_column()
    """The certificate and those above it up to the root, each as `x5c` writes it (RFC 7515, 4.1.6)."""
    not_before: Mapped[datetime | None] = mapped_column()
    not_after: Mapped[datetime | None] = mapped_column()
    revoked_at: Mapped[datetime | None] = mapped_column()
    reason: Mapped[str | None] = mapped_column()
    """A code: why it was revoked (RFC 5280, 5.3.1) or refused."""
    tries: Mapped[int] = mapped_column()
    """How often the authority was asked in vain since it last answered."""
    due_at: Mapped[datetime | None] = mapped_column()
    """When the worker asks the authority again, or looks whether it is time to renew."""
    created_at: Mapped[datetime] = mapped_column()
    version: Mapped[int] = mapped_column()


class SignatureStamp(TenantOwned, Base):
    """When, as a time-stamp authority says, a signature was there; kept as long as what was signed."""

    __tablename__ = "signature_stamps"
    __table_args__ = (
        CheckConstraint("(token IS NULL) = (stamped_at IS NULL)", name="stamped"),
        Index("uq_signature_stamps_digest", "tenant_id", "digest", unique=True),
        Index("ix_signature_stamps_due", "due_at", postgresql_where="due_at IS NOT NULL"),
    )
    resident_view = ResidentView.PUBLIC
    grants = DUE
    digest: Mapped[str] = mapped_column()
    """The SHA-256 of the signature's text, hexadecimal."""
    token: Mapped[bytes | None] = mapped_column()
    """RFC 3161, DER."""
    stamped_at: Mapped[datetime | None] = mapped_column()
    tries: Mapped[int] = mapped_column()
    due_at: Mapped[datetime | None] = mapped_column()
    """When the worker asks the authority; null once it has answered."""
    created_at: Mapped[datetime] = mapped_column()
    version: Mapped[int] = mapped_column()
