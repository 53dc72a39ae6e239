"""Tables of the hospital's side: formulary, prescriptions, signatures, reviews; and what a person keeps.

What is clinical is encrypted; the rest may be listed.
"""

import uuid
from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import CheckConstraint, Date, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import OWN_KEY, Base, Grants, Json, PersonOwned, ResidentView, TenantOwned, within_tenant
from app.core.encrypted import Encrypted
from app.core.forgetting import ERASED, FORGOTTEN

_STATES = (
    "'draft', 'discarded', 'pending_review', 'review_rejected', 'ready', 'completed', 'closed_unsupplied', "
    "'withdrawn', 'expired'"
)


class Medicine(TenantOwned, Base):
    """A medicine of the hospital's formulary. Amounts are thousandths of a unit, such as half a tablet: 500."""

    __tablename__ = "medicines"
    __table_args__ = (
        CheckConstraint("category IN ('A', 'B', 'C')", name="category"),
        CheckConstraint("single_limit > 0 AND daily_limit >= single_limit AND pack_units > 0", name="limits"),
        Index("uq_medicines_code", "tenant_id", "code", unique=True),
        Index(None, "tenant_id", "name", "id"),
    )
    code: Mapped[str] = mapped_column()
    """The national code (国家药品编码)."""
    name: Mapped[str] = mapped_column()
    ingredient_group: Mapped[str] = mapped_column()
    """The ATC code of its ingredient."""
    form: Mapped[str] = mapped_column()
    strength: Mapped[str] = mapped_column()
    unit: Mapped[str] = mapped_column()
    """In what it is taken: tablet, millilitre."""
    pack_units: Mapped[int] = mapped_column()
    """Whole units in a pack."""
    category: Mapped[str] = mapped_column()
    """The insurance class: A, B or C (甲, 乙, 丙)."""
    control: Mapped[str] = mapped_column()
    """`ordinary`, or the special control that forbids it online."""
    single_limit: Mapped[int] = mapped_column()
    daily_limit: Mapped[int] = mapped_column()
    long_term: Mapped[bool] = mapped_column()
    """Whether it may be prescribed for weeks (长期处方)."""
    listed: Mapped[bool] = mapped_column()
    """Whether it may be prescribed now."""
    version: Mapped[int] = mapped_column()


class Prescription(TenantOwned, Base):
    """A prescription of a doctor's for a resident, from a visit."""

    __tablename__ = "prescriptions"
    __mapper_args__ = OWN_KEY
    __table_args__ = (
        CheckConstraint(f"state IN ({_STATES})", name="state"),
        CheckConstraint("validity_days BETWEEN 1 AND 3", name="validity_days"),
        CheckConstraint("stopping IN ('withdrawn', 'expired', 'closed')", name="stopping"),
        CheckConstraint("order_tenant IS NOT NULL OR num_nonnulls(order_id, order_state, stopping) = 0", name="order"),
        CheckConstraint(
            "num_nonnulls(document, signed_at, expires_at, institution_name) IN (0, 4)"
            " AND (state IN ('draft', 'discarded')) = (document IS NULL)",
            name="signed",
        ),
        Index(None, "tenant_id", "resident_id"),
        Index(None, "tenant_id", "doctor_id", "id"),
        Index("ix_prescriptions_signed", "tenant_id", "signed_at", "id", postgresql_where="signed_at IS NOT NULL"),
        Index("ix_prescriptions_due", "due_at", postgresql_where="due_at IS NOT NULL"),
    )
    resident_view = ResidentView.OWN
    grants: ClassVar[Grants] = FORGOTTEN
    resident_id: Mapped[uuid.UUID] = mapped_column()
    doctor_id: Mapped[uuid.UUID] = mapped_column()
    """The affiliation of the doctor who writes it."""
    doctor_name: Mapped[str] = mapped_column()
    visit_id: Mapped[uuid.UUID] = mapped_column()
    legal_basis: Mapped[str] = mapped_column()
    state: Mapped[str] = mapped_column()
    reason: Mapped[str | None] = mapped_column()
    """A code: why it stands as it does."""
    replaces: Mapped[uuid.UUID | None] = mapped_column()
    """The ended prescription of this tenant in whose place it comes."""
    validity_days: Mapped[int] = mapped_column()
    content: Mapped[Encrypted] = mapped_column()
    """What the doctor wrote, and what the rules found; encrypted for `<scope>/prescriptions/content/<id>`."""
    document: Mapped[Encrypted | None] = mapped_column()
    """The signed bytes (RFC 8785), never changed; encrypted for `<scope>/prescriptions/document/<id>`."""
    institution_name: Mapped[str | None] = mapped_column()
    signed_at: Mapped[datetime | None] = mapped_column()
    expires_at: Mapped[datetime | None] = mapped_column()
    """The instant from which it is valid no more."""
    covers_until: Mapped[date | None] = mapped_column(Date())
    """The last local day for which its medicines are meant."""
    due_at: Mapped[datetime | None] = mapped_column()
    """When the timer looks: `expires_at`, while that would still change something."""
    attempt: Mapped[int] = mapped_column()
    """The fencing number: how many orders were made of it."""
    order_tenant: Mapped[int | None] = mapped_column()
    """The pharmacy's tenant that holds the live order, or held the one that fulfilled it."""
    order_id: Mapped[uuid.UUID | None] = mapped_column()
    """The order in the pharmacy's tenant, once the pharmacy has answered."""
    order_state: Mapped[str | None] = mapped_column()
    """What the pharmacy last said of it."""
    pharmacy_name: Mapped[str | None] = mapped_column()
    waiting: Mapped[str | None] = mapped_column()
    """`choice` where the resident has to choose again."""
    stopping: Mapped[str | None] = mapped_column()
    """The end that waits for the pharmacy's answer."""
    quotes_asked: Mapped[int | None] = mapped_column()
    """How often its resident asked pharmacies for quotes in the hour that began at `quotes_since`."""
    quotes_since: Mapped[datetime | None] = mapped_column()
    version: Mapped[int] = mapped_column()
    created_at: Mapped[datetime] = mapped_column()


class PrescriptionSignature(TenantOwned, Base):
    """A signature on a prescription: with the key that made it, so that anybody can check it later."""

    __tablename__ = "prescription_signatures"
    __table_args__ = (
        within_tenant("prescriptions", "prescription_id"),
        CheckConstraint("role IN ('doctor', 'reviewer', 'confirmation')", name="role"),
        Index(None, "tenant_id", "prescription_id", "id"),
        Index(None, "tenant_id", "resident_id"),
    )
    resident_view = ResidentView.OWN
    grants: ClassVar[Grants] = ERASED
    prescription_id: Mapped[uuid.UUID] = mapped_column()
    resident_id: Mapped[uuid.UUID] = mapped_column()
    role: Mapped[str] = mapped_column()
    staff_id: Mapped[uuid.UUID] = mapped_column()
    name: Mapped[str] = mapped_column()
    algorithm: Mapped[str] = mapped_column()
    key_id: Mapped[str] = mapped_column()
    public_key: Mapped[Json] = mapped_column()
    """A JWK (RFC 7517)."""
    value: Mapped[str] = mapped_column()
    signed_at: Mapped[datetime] = mapped_column()


class PrescriptionReview(TenantOwned, Base):
    """A pharmacist's review of a signed prescription; `id` is its own, there is one for each."""

    __tablename__ = "prescription_reviews"
    __table_args__ = (
        within_tenant("prescriptions", "prescription_id"),
        CheckConstraint("state IN ('queued', 'taken', 'query', 'passed', 'rejected', 'dropped')", name="state"),
        CheckConstraint("(state = 'taken') = (taken_until IS NOT NULL)", name="lease"),
        Index("uq_prescription_reviews_one", "tenant_id", "prescription_id", unique=True),
        Index(None, "tenant_id", "state", "id"),
    )
    grants: ClassVar[Grants] = ERASED
    prescription_id: Mapped[uuid.UUID] = mapped_column()
    author_id: Mapped[uuid.UUID] = mapped_column()
    """The affiliation that wrote the prescription, which may not review it."""
    state: Mapped[str] = mapped_column()
    reason: Mapped[str | None] = mapped_column()
    """A code: why it was rejected or queried."""
    taken_by: Mapped[uuid.UUID | None] = mapped_column()
    """The affiliation of the pharmacist who took it last."""
    taken_until: Mapped[datetime | None] = mapped_column()
    words: Mapped[Encrypted | None] = mapped_column()
    """The pharmacist's words and the doctor's; encrypted for `<scope>/prescription_reviews/words/<id>`."""
    created_at: Mapped[datetime] = mapped_column()
    decided_at: Mapped[datetime | None] = mapped_column()
    version: Mapped[int] = mapped_column()


class PersonPrescription(PersonOwned, Base):
    """What a person keeps of a signed prescription; `id` is the prescription's."""

    __tablename__ = "person_prescriptions"
    __table_args__ = (Index(None, "person_id", "covers_until"),)
    grants: ClassVar[Grants] = ERASED
    tenant: Mapped[int] = mapped_column()
    doctor_name: Mapped[str] = mapped_column()
    institution_name: Mapped[str] = mapped_column()
    state: Mapped[str] = mapped_column()
    reason: Mapped[str | None] = mapped_column()
    signed_at: Mapped[datetime] = mapped_column()
    expires_at: Mapped[datetime] = mapped_column()
    covers_until: Mapped[date] = mapped_column(Date())
    order_tenant: Mapped[int | None] = mapped_column()
    order_id: Mapped[uuid.UUID | None] = mapped_column()
    order_state: Mapped[str | None] = mapped_column()
    pharmacy_name: Mapped[str | None] = mapped_column()
    waiting: Mapped[str | None] = mapped_column()
    stopping: Mapped[str | None] = mapped_column()
    groups: Mapped[Encrypted] = mapped_column()
    """The ingredient groups of its medicines; encrypted for `<scope>/person_prescriptions/groups/<id>`."""
    source_version: Mapped[int] = mapped_column()
