"""Tables of tenants: applications, profiles, licenses, staff, and the directory that everybody reads."""

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, JsonList, PersonOwned, Placement, ResidentView, TenantOwned


class Application(TenantOwned, Base):
    """An organization's wish to join, in the platform's tenant. `resident_id` is the person who applies."""

    __tablename__ = "organization_applications"
    __table_args__ = (
        CheckConstraint("state IN ('submitted', 'approved', 'rejected')", name="state"),
        Index(None, "tenant_id", "resident_id"),
        Index(None, "tenant_id", "state", "id"),
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
    version: Mapped[int] = mapped_column()
    opened_at: Mapped[datetime] = mapped_column()


class License(TenantOwned, Base):
    """A paper that the operator checked. What it allows ends with it, at the start of the next local day."""

    __tablename__ = "licenses"
    __table_args__ = (UniqueConstraint("tenant_id", "kind", "number"),)
    resident_view = ResidentView.PUBLIC
    kind: Mapped[str] = mapped_column()
    number: Mapped[str] = mapped_column()
    issuer: Mapped[str] = mapped_column()
    subjects: Mapped[JsonList] = mapped_column()
    valid_until: Mapped[date] = mapped_column(Date())


class Staff(TenantOwned, Base):
    """A person's affiliation with the tenant: their roles here, and as what they are registered."""

    __tablename__ = "staff"
    __table_args__ = (
        CheckConstraint("state IN ('invited', 'active', 'ended')", name="state"),
        CheckConstraint("(state = 'invited') = (person_id IS NULL)", name="person"),
        Index(None, "tenant_id", "person_id"),
    )
    resident_view = ResidentView.PUBLIC
    person_id: Mapped[uuid.UUID | None] = mapped_column()
    name: Mapped[str] = mapped_column()
    roles: Mapped[JsonList] = mapped_column()
    subjects: Mapped[JsonList] = mapped_column()
    """The subjects (诊疗科目) in which a doctor is registered at this site."""
    registration_number: Mapped[str | None] = mapped_column()
    registration_until: Mapped[date | None] = mapped_column(Date())
    state: Mapped[str] = mapped_column()
    invitation_hash: Mapped[str | None] = mapped_column()
    invitation_until: Mapped[datetime | None] = mapped_column()
    version: Mapped[int] = mapped_column()
    created_at: Mapped[datetime] = mapped_column()


class Affiliation(PersonOwned, Base):
    """What a person keeps of an affiliation, so that they find the tenants that they act for; `id` is the staff's."""

    __tablename__ = "person_affiliations"
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
    """Kind, number, issuer, subjects and last day of each paper, as everybody may see them."""
    source_version: Mapped[int] = mapped_column()
