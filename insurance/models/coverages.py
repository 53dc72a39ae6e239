"""Tables of coverages: an insurer's plans and members, who is covered by what, what is used of a year's benefits."""

import uuid
from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import CheckConstraint, Date, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, Grants, Json, PersonOwned, ResidentView, TenantOwned, within_tenant
from app.core.encrypted import Encrypted
from app.core.forgetting import ERASED


class Plan(TenantOwned, Base):
    """What an insurer offers its members; never changed: other terms are another plan."""

    __tablename__ = "plans"
    __table_args__ = (
        CheckConstraint("payer_kind IN ('public_scheme', 'commercial')", name="payer_kind"),
        UniqueConstraint("tenant_id", "code"),
    )
    code: Mapped[str] = mapped_column()
    name: Mapped[str] = mapped_column()
    payer_kind: Mapped[str] = mapped_column()
    policy: Mapped[Json] = mapped_column()
    """As `rules.adjudication.Policy.plain` writes it."""
    version: Mapped[int] = mapped_column()
    created_at: Mapped[datetime] = mapped_column()


class Member(TenantOwned, Base):
    """Somebody whom the insurer covers, as the insurer knows them; perhaps nobody on the platform."""

    __tablename__ = "members"
    __table_args__ = (
        within_tenant("plans", "plan_id"),
        CheckConstraint("state IN ('active', 'ended')", name="state"),
        CheckConstraint("(state = 'ended') = (reason IS NOT NULL)", name="reason"),
        CheckConstraint("state = 'active' OR valid_until IS NOT NULL", name="ended"),
        UniqueConstraint("tenant_id", "number_digest"),
        Index(None, "tenant_id", "plan_id"),
    )
    plan_id: Mapped[uuid.UUID] = mapped_column()
    number: Mapped[Encrypted] = mapped_column()
    """The member number, encrypted for `<scope>/members/number/<id>`."""
    number_digest: Mapped[str] = mapped_column()
    identity_digest: Mapped[str] = mapped_column()
    """Blind digest of the number of their identity card; the number itself is not kept."""
    name: Mapped[Encrypted] = mapped_column()
    """Encrypted for `<scope>/members/name/<id>`."""
    valid_from: Mapped[date] = mapped_column(Date())
    valid_until: Mapped[date | None] = mapped_column(Date())
    """The last covered day, a local date."""
    state: Mapped[str] = mapped_column()
    reason: Mapped[str | None] = mapped_column()
    """A code: why it ended."""
    version: Mapped[int] = mapped_column()
    created_at: Mapped[datetime] = mapped_column()


class Coverage(TenantOwned, Base):
    """That a resident is covered as one of the insurer's members; `id` is that of the resident's request.

    Policy and days are copies: what somebody is covered by does not change under them.
    """

    __tablename__ = "coverages"
    __table_args__ = (
        within_tenant("members", "member_id"),
        within_tenant("plans", "plan_id"),
        CheckConstraint("state IN ('active', 'ended')", name="state"),
        CheckConstraint("payer_kind IN ('public_scheme', 'commercial')", name="payer_kind"),
        CheckConstraint("state = 'active' OR valid_until IS NOT NULL", name="ended"),
        UniqueConstraint("tenant_id", "member_id"),
        Index(None, "tenant_id", "resident_id"),
        Index(None, "tenant_id", "plan_id"),
    )
    resident_view = ResidentView.OWN
    grants: ClassVar[Grants] = ERASED
    resident_id: Mapped[uuid.UUID] = mapped_column()
    member_id: Mapped[uuid.UUID] = mapped_column()
    """A member number belongs to one person: there is one coverage of a member, whatever its state."""
    plan_id: Mapped[uuid.UUID] = mapped_column()
    plan_code: Mapped[str] = mapped_column()
    plan_name: Mapped[str] = mapped_column()
    payer_kind: Mapped[str] = mapped_column()
    policy: Mapped[Json] = mapped_column()
    valid_from: Mapped[date] = mapped_column(Date())
    valid_until: Mapped[date | None] = mapped_column(Date())
    state: Mapped[str] = mapped_column()
    reason: Mapped[str | None] = mapped_column()
    version: Mapped[int] = mapped_column()
    created_at: Mapped[datetime] = mapped_column()


class BenefitCounters(TenantOwned, Base):
    """How much of a coverage's yearly benefits is used, in fen; a benefit year is a calendar year of local dates."""

    __tablename__ = "benefit_counters"
    __table_args__ = (
        within_tenant("coverages", "coverage_id"),
        CheckConstraint("deductible_used BETWEEN 0 AND deductible", name="deductible"),
        CheckConstraint("fund_used >= 0 AND (ceiling IS NULL OR fund_used <= ceiling)", name="fund"),
        UniqueConstraint("tenant_id", "coverage_id", "year"),
    )
    grants: ClassVar[Grants] = ERASED
    coverage_id: Mapped[uuid.UUID] = mapped_column()
    year: Mapped[int] = mapped_column()
    deductible: Mapped[int] = mapped_column()
    ceiling: Mapped[int | None] = mapped_column()
    """The limits, copied from the policy, so that the database holds them."""
    deductible_used: Mapped[int] = mapped_column()
    fund_used: Mapped[int] = mapped_column()


class PersonCoverage(PersonOwned, Base):
    """What a person asked for or has of coverages; `id` is the coverage's, fixed with the request."""

    __tablename__ = "person_coverages"
    __table_args__ = (
        CheckConstraint("state IN ('requested', 'active', 'refused', 'ended')", name="state"),
        CheckConstraint("state IN ('requested', 'refused') OR policy IS NOT NULL", name="policy"),
        Index(
            "uq_person_coverages_open", "person_id", "insurer", "number_digest", unique=True,
            postgresql_where="state IN ('requested', 'active')",
        ),
        Index(None, "person_id", "asked_on"),
    )  # fmt: skip
    grants: ClassVar[Grants] = ERASED
    insurer: Mapped[int] = mapped_column()
    """The insurer's tenant number."""
    insurer_id: Mapped[uuid.UUID] = mapped_column()
    insurer_name: Mapped[str] = mapped_column()
    member_number: Mapped[Encrypted] = mapped_column()
    """Encrypted for `<scope>/person_coverages/member_number/<id>`."""
    number_digest: Mapped[str] = mapped_column()
    plan_code: Mapped[str | None] = mapped_column()
    plan_name: Mapped[str | None] = mapped_column()
    payer_kind: Mapped[str | None] = mapped_column()
    policy: Mapped[Json | None] = mapped_column()
    valid_from: Mapped[date | None] = mapped_column(Date())
    valid_until: Mapped[date | None] = mapped_column(Date())
    """The last covered day, a local date."""
    state: Mapped[str] = mapped_column()
    reason: Mapped[str | None] = mapped_column()
    """A code: why it was refused or ended."""
    asked_on: Mapped[date] = mapped_column(Date())
    """The local date of the request: tries are counted by it."""
    source_version: Mapped[int] = mapped_column()
    """The version of the insurer's coverage that this shows; 0 before its answer."""
    version: Mapped[int] = mapped_column()
    requested_at: Mapped[datetime] = mapped_column()
