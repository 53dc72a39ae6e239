"""Tables of claims: at the provider who claims, and at the insurer who decides. Amounts in fen."""

import uuid
from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import OWN_KEY, Base, Grants, ResidentView, TenantOwned, within_tenant
from app.core.encrypted import Encrypted
from app.core.forgetting import ERASED
from app.core.renamed import Renamed


class Claim(TenantOwned, Base):
    """What the provider claims from an insurer for one visit or supply."""

    __tablename__ = "claims"
    __mapper_args__ = OWN_KEY
    __table_args__ = (
        within_tenant("settlements", "settlement_id"),
        CheckConstraint(
            "state IN ('submitted', 'accepted', 'withdrawing', 'decided', 'settled', 'denied', 'turned_away',"
            " 'withdrawn')",
            name="state",
        ),
        CheckConstraint("kind IN ('settlement', 'direct_billing')", name="kind"),
        CheckConstraint("billed > 0 AND fund >= 0 AND account >= 0 AND cash >= 0", name="amounts"),
        CheckConstraint("fund + account + cash = billed", name="split"),
        CheckConstraint("returned >= 0 AND returned <= fund + account", name="returned"),
        CheckConstraint("(returned > 0) = (refund_id IS NOT NULL)", name="refund"),
        UniqueConstraint("tenant_id", "settlement_id"),
        Index(None, "tenant_id", "resident_id"),
        Index("ix_claims_refund", "tenant_id", "refund_id", postgresql_where="refund_id IS NOT NULL"),
    )
    resident_view = ResidentView.OWN
    grants: ClassVar[Grants] = ERASED
    settlement_id: Mapped[uuid.UUID] = mapped_column()
    resident_id: Mapped[uuid.UUID] = mapped_column()
    kind: Mapped[str] = mapped_column()
    insurer: Mapped[int] = mapped_column()
    claim_version: Mapped[int] = mapped_column()
    content: Mapped[Encrypted] = mapped_column()
    """Encrypted for `<scope>/claims/content/<id>`: lines, diagnoses, member number."""
    service_date: Mapped[date] = mapped_column()
    billed: Mapped[int] = mapped_column()
    fund: Mapped[int] = mapped_column()
    account: Mapped[int] = mapped_column()
    cash: Mapped[int] = mapped_column()
    """What the resident bears; all of it until somebody decided."""
    returned: Mapped[int] = mapped_column()
    """What was prepaid too much and goes or went back."""
    refund_id: Mapped[uuid.UUID | None] = mapped_column()
    outcome: Mapped[str | None] = mapped_column()
    state: Mapped[str] = mapped_column(Renamed("denied", "turned_away"))
    reason: Mapped[str | None] = mapped_column()
    """A code: why it ended without a decision."""
    version: Mapped[int] = mapped_column()
    created_at: Mapped[datetime] = mapped_column()


class ClaimCase(TenantOwned, Base):
    """A provider's claim as its insurer has it."""

    __tablename__ = "claim_cases"
    __mapper_args__ = OWN_KEY
    __table_args__ = (
        within_tenant("coverages", "coverage_id"),
        CheckConstraint("state IN ('open', 'decided', 'settled', 'withdrawn')", name="state"),
        CheckConstraint("kind IN ('visit', 'medicine')", name="kind"),
        CheckConstraint("billed > 0 AND fund >= 0 AND fund <= billed", name="amounts"),
        CheckConstraint("(decision_seq > 0) = (decision IS NOT NULL)", name="decision"),
        UniqueConstraint("tenant_id", "provider", "claim_id"),
        Index(None, "tenant_id", "resident_id"),
        Index(None, "tenant_id", "state", "id"),
    )
    resident_view = ResidentView.OWN
    grants: ClassVar[Grants] = ERASED
    resident_id: Mapped[uuid.UUID] = mapped_column()
    provider: Mapped[int] = mapped_column()
    """The provider's tenant number."""
    provider_id: Mapped[uuid.UUID] = mapped_column()
    provider_name: Mapped[str] = mapped_column()
    claim_id: Mapped[uuid.UUID] = mapped_column()
    """The claim's id in the provider's tenant."""
    claim_version: Mapped[int] = mapped_column()
    coverage_id: Mapped[uuid.UUID] = mapped_column()
    kind: Mapped[str] = mapped_column()
    service_date: Mapped[date] = mapped_column()
    content: Mapped[Encrypted] = mapped_column()
    """Encrypted for `<scope>/claim_cases/content/<id>`: lines, diagnoses, member number."""
    billed: Mapped[int] = mapped_column()
    fund: Mapped[int] = mapped_column()
    """What the insurer bears; a scheme's fund and the person's account with it together."""
    decision_seq: Mapped[int] = mapped_column()
    """The sequence of the last decision; 0 before any."""
    decision: Mapped[Encrypted | None] = mapped_column()
    """Encrypted for `<scope>/claim_cases/decision/<id>`."""
    state: Mapped[str] = mapped_column()
    version: Mapped[int] = mapped_column()
    created_at: Mapped[datetime] = mapped_column()
