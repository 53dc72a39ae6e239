"""Tables of tenants: applications, profiles, licenses, staff, and the directory that everybody reads."""

import uuid
from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import CheckConstraint, Date, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, Grants, Json, JsonList, PersonOwned, Placement, ResidentView, TenantOwned
from app.core.forgetting import ERASED


class Application(TenantOwned, Base):
    """An organization's wish to join, in the platform's tenant. `resident_id` is the person who applies."""

    __tablename__ = "organization_applications"
    __table_args__ = (
        CheckConstraint("state IN ('submitted', 'approved', 'rejected')", name="state"),
        Index(None, "tenant_id", "resident_id"),
        Index(None, "tenant_id", "state", "id"),
        Index(None, "tenant_id", "opened", unique=True, postgresql_where="opened IS NOT NULL"),
    )
    resident_view = ResidentView.OWN
    resident_id: Mapped[uuid.UUID] = mapped_column()
    name: Mapped[str] = mapped_column()
    kind: Mapped[str] = mapped_column()
    parent: Mapped[int | None] = mapped_column()
    """The tenant of which this will be a part: the clinic of a family-doctor team, the hospital of a dispensary."""
    documents: Mapped[JsonList] = mapped_column()
    state: Mapped[str] = mapped_column()
    reason: Mapped[str | None] = mapped_column()
    opened: Mapped[int | None] = mapped_column()
    """The tenant that approval opened."""
    version: Mapped[int] = mapped_column()
    submitted_at: Mapped[datetime] = mapped_column()
    decided_at: Mapped[datetime | None] = mapped_column()


class Profile(TenantOwned, Base):
    """What a tenant is; its one root row, whose `id` is the application's that opened it."""

    __tablename__ = "tenant_profiles"
    __table_args__ = (
        CheckConstraint("state IN ('active', 'suspended')", name="state"),
        UniqueConstraint("tenant_id"),
    )
    resident_view = ResidentView.PUBLIC
    name: Mapped[str] = mapped_column()
    kind: Mapped[str] = mapped_column()
    parent: Mapped[int | None] = mapped_column()
    state: Mapped[str] = mapped_column()
    suspension_reason: Mapped[str | None] = mapped_column()
    version: Mapped[int] = mapped_column()
    opened_at: Mapped[datetime] = mapped_column()


class License(TenantOwned, Base):
    """A paper that the operator checks. What it allows ends with its last local day, or when it is revoked."""

    __tablename__ = "licenses"
    __table_args__ = (
        CheckConstraint("state IN ('submitted', 'valid', 'rejected', 'replaced', 'revoked')", name="state"),
        Index("uq_licenses_valid", "tenant_id", "kind", "number", unique=True, postgresql_where="state = 'valid'"),
        Index(
            "uq_licenses_submitted", "tenant_id", "kind", "number", unique=True, postgresql_where="state = 'submitted'"
        ),
    )
    resident_view = ResidentView.PUBLIC
    kind: Mapped[str] = mapped_column()
    number: Mapped[str] = mapped_column()
    issuer: Mapped[str] = mapped_column()
    subjects: Mapped[JsonList] = mapped_column()
    valid_until: Mapped[date] = mapped_column(Date())
    state: Mapped[str] = mapped_column()
    reason: Mapped[str | None] = mapped_column()
    """Why it was rejected or revoked, in the operator's words."""
    version: Mapped[int] = mapped_column()
    submitted_at: Mapped[datetime] = mapped_column()
    decided_at: Mapped[datetime | None] = mapped_column()


class LicenseReview(TenantOwned, Base):
    """A paper that a tenant handed in, as it waits for the operator in the platform's tenant."""

    __tablename__ = "license_reviews"
    __table_args__ = (
        CheckConstraint("state IN ('submitted', 'approved', 'rejected')", name="state"),
        Index(None, "tenant_id", "state", "id"),
    )
    tenant: Mapped[int] = mapped_column()
    source: Mapped[str] = mapped_column()
    """The public id of the tenant's own row."""
    document: Mapped[Json] = mapped_column()
    state: Mapped[str] = mapped_column()
    reason: Mapped[str | None] = mapped_column()
    version: Mapped[int] = mapped_column()
    submitted_at: Mapped[datetime] = mapped_column()
    decided_at: Mapped[datetime | None] = mapped_column()


class Staff(TenantOwned, Base):
    """A person's affiliation with the tenant: their roles here, and as what they are registered."""

    __tablename__ = "staff"
    __table_args__ = (
        CheckConstraint("state IN ('invited', 'active', 'suspended', 'ended')", name="state"),
        CheckConstraint("state = 'ended' OR (state = 'invited') = (person_id IS NULL)", name="person"),
        Index(None, "tenant_id", "person_id"),
    )
    resident_view = ResidentView.PUBLIC
    person_id: Mapped[uuid.UUID | None] = mapped_column()
    name: Mapped[str] = mapped_column()
    title: Mapped[str | None] = mapped_column()
    """The professional title (职称) under which a doctor is shown."""
    roles: Mapped[JsonList] = mapped_column()
    subjects: Mapped[JsonList] = mapped_column()
    """The subjects (诊疗科目) in which a doctor is registered at this site."""
    registration_number: Mapped[str | None] = mapped_column()
    registration_until: Mapped[date | None] = mapped_column(Date())
    registration_authority: Mapped[str | None] = mapped_column()
    """Which health administration registered them here, or keeps this site on record (备案)."""
    home_institution: Mapped[str | None] = mapped_column()
    """Where a doctor is mainly registered (主执业机构), if it is not here: it must consent to their practice online."""
    state: Mapped[str] = mapped_column()
    invited_by: Mapped[str | None] = mapped_column()
    """The author of the invitation, as entries name them."""
    invitation_hash: Mapped[str | None] = mapped_column()
    invitation_until: Mapped[datetime | None] = mapped_column()
    version: Mapped[int] = mapped_column()
    created_at: Mapped[datetime] = mapped_column()


class Affiliation(PersonOwned, Base):
    """What a person keeps of an affiliation, so that they find the tenants that they act for; `id` is the staff's."""

    __tablename__ = "person_affiliations"
    grants: ClassVar[Grants] = ERASED
    tenant: Mapped[int] = mapped_column()
    tenant_name: Mapped[str] = mapped_column()
    tenant_kind: Mapped[str] = mapped_column()
    roles: Mapped[JsonList] = mapped_column()
    state: Mapped[str] = mapped_column()
    source_version: Mapped[int] = mapped_column()


class DirectoryEntry(Base):
    """The published facts of a tenant, kept from its relays; search reads this table alone."""

    __tablename__ = "directory_tenants"
    placement = Placement.REFERENCE
    reference_reason = "changed when a tenant opens or its papers change, read by everybody who searches"
    tenant: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    profile_id: Mapped[uuid.UUID] = mapped_column()
    name: Mapped[str] = mapped_column()
    kind: Mapped[str] = mapped_column()
    parent: Mapped[int | None] = mapped_column()
    state: Mapped[str] = mapped_column()
    licenses: Mapped[JsonList] = mapped_column()
    """Id, kind, number, issuer, subjects and last day of each valid license, as everybody may see them."""
    source_version: Mapped[int] = mapped_column()


class DirectoryDoctor(Base):
    """The published facts of a doctor, kept from two relays of the doctor's tenant; `id` is the affiliation's."""

    __tablename__ = "directory_doctors"
    __table_args__ = (Index(None, "subjects", postgresql_using="gin"),)
    placement = Placement.REFERENCE
    reference_reason = "changed when a doctor joins, leaves or is registered anew, read by everybody who searches"
    tenant: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column()
    title: Mapped[str | None] = mapped_column()
    subjects: Mapped[JsonList] = mapped_column()
    registration_until: Mapped[date | None] = mapped_column(Date())
    listed: Mapped[bool] = mapped_column()
    """Whether they are a doctor of that tenant's now."""
    source_version: Mapped[int] = mapped_column()
    text_visit: Mapped[int | None] = mapped_column()
    """What a text visit costs, in fen; None where none is offered."""
    offer_version: Mapped[int] = mapped_column()
