"""Tables of visits. What is clinical is encrypted; the rest may be listed."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, Grants, PersonOwned, ResidentView, TenantOwned, within_tenant
from app.core.encrypted import Encrypted, blob_for
from app.core.forgetting import ERASED, FORGOTTEN

_STATES = (
    "'awaiting_payment', 'paid', 'taken', 'unconcluded', 'declined', 'not_taken', 'canceled', 'completed', 'stopped', "
    "'abandoned'"
)
ONE_OPEN = "uq_visits_open"
"""The index that allows a resident one open visit with a doctor in a subject.

One that is `unconcluded` does not count: nobody waits with their next question for a doctor who forgot to conclude.
"""


class VisitFee(TenantOwned, Base):
    """What a text visit with a doctor costs; `id` is the doctor's affiliation."""

    __tablename__ = "visit_fees"
    __table_args__ = (CheckConstraint("text_visit > 0", name="text_visit"),)
    resident_view = ResidentView.PUBLIC
    text_visit: Mapped[int] = mapped_column()
    """In fen."""
    version: Mapped[int] = mapped_column()


class Visit(TenantOwned, Base):
    """A resident's text visit with a doctor."""

    __tablename__ = "visits"
    __table_args__ = (
        CheckConstraint(f"state IN ({_STATES})", name="state"),
        CheckConstraint("legal_basis IN ('follow_up', 'family_contract', 'with_doctor_present')", name="legal_basis"),
        CheckConstraint("(legal_basis = 'family_contract') = (contract_id IS NOT NULL)", name="contract"),
        CheckConstraint(
            "state IN ('awaiting_payment', 'canceled') OR num_nonnulls(institution_name, institution_license) = 2",
            name="institution",
        ),
        CheckConstraint("refunded_at IS NULL OR refund_id IS NOT NULL", name="refund"),
        CheckConstraint(
            "state = 'unconcluded' OR (state IN ('awaiting_payment', 'paid', 'taken')) = (due_at IS NOT NULL)",
            name="due",
        ),
        CheckConstraint("prescribed >= 0", name="prescribed"),
        Index(None, "tenant_id", "resident_id"),
        Index(None, "tenant_id", "doctor_id", "id"),
        Index(
            ONE_OPEN, "tenant_id", "resident_id", "doctor_id", "subject",
            unique=True, postgresql_where="sole AND state IN ('awaiting_payment', 'paid', 'taken')",
        ),
        Index("ix_visits_due", "due_at", postgresql_where="due_at IS NOT NULL"),
        Index("ix_visits_unconcluded", "tenant_id", "id", postgresql_where="state = 'unconcluded'"),
    )  # fmt: skip
    resident_view = ResidentView.OWN
    grants: ClassVar[Grants] = FORGOTTEN
    resident_id: Mapped[uuid.UUID] = mapped_column()
    doctor_id: Mapped[uuid.UUID] = mapped_column()
    """The doctor's affiliation with this tenant."""
    doctor_name: Mapped[str] = mapped_column()
    subject: Mapped[str] = mapped_column()
    """The subject (诊疗科目) in which the doctor is asked."""
    legal_basis: Mapped[str] = mapped_column()
    contract_id: Mapped[uuid.UUID | None] = mapped_column()
    """The family-doctor contract that is the basis."""
    complaint: Mapped[Encrypted] = mapped_column()
    """Encrypted for `<scope>/visits/complaint/<id>`."""
    evidence: Mapped[Encrypted | None] = mapped_column()
    """Encrypted for `<scope>/visits/evidence/<id>`."""
    evidence_accepted_at: Mapped[datetime | None] = mapped_column()
    """When the visit's doctor accepted it."""
    state: Mapped[str] = mapped_column()
    sole: Mapped[bool | None] = mapped_column()
    """Whether no second one may be open beside it; null in those that stood beside another before this was the rule."""
    reason: Mapped[str | None] = mapped_column()
    """A code: why it ended."""
    fee: Mapped[int] = mapped_column()
    bill_id: Mapped[uuid.UUID] = mapped_column()
    refund_id: Mapped[uuid.UUID | None] = mapped_column()
    refunded_at: Mapped[datetime | None] = mapped_column()
    institution_name: Mapped[str | None] = mapped_column()
    institution_license: Mapped[str | None] = mapped_column()
    """Whose license bears liability: as it was when the fee was paid; before that, when it was asked for."""
    take_seconds: Mapped[int] = mapped_column()
    """How long the doctor has to take it, and before that the resident to pay."""
    window_seconds: Mapped[int] = mapped_column()
    """How long it stays open once it is taken."""
    due_at: Mapped[datetime | None] = mapped_column()
    """When the time of the present state is up; of an `unconcluded` one, when its doctor is reminded again; then
    null once that has an end."""
    prescribed: Mapped[int | None] = mapped_column()
    """How many prescriptions that were signed in it stand, neither rejected nor withdrawn; null before the first."""
    supplied: Mapped[bool | None] = mapped_column()
    """Whether medicines that were prescribed in it were handed over; null where none were."""
    taken_at: Mapped[datetime | None] = mapped_column()
    ended_at: Mapped[datetime | None] = mapped_column()
    version: Mapped[int] = mapped_column()
    created_at: Mapped[datetime] = mapped_column()


class VisitMessage(TenantOwned, Base):
    """What resident or doctor wrote in a visit."""

    __tablename__ = "visit_messages"
    __table_args__ = (
        within_tenant("visits", "visit_id"),
        within_tenant("visit_pictures", "picture_id"),
        CheckConstraint("author IN ('resident', 'doctor')", name="author"),
        Index(None, "tenant_id", "visit_id", "id"),
        Index(None, "tenant_id", "resident_id"),
    )
    resident_view = ResidentView.OWN
    grants: ClassVar[Grants] = ERASED
    visit_id: Mapped[uuid.UUID] = mapped_column()
    resident_id: Mapped[uuid.UUID] = mapped_column()
    """The visit's resident, whoever wrote."""
    author: Mapped[str] = mapped_column()
    text: Mapped[Encrypted] = mapped_column()
    """Encrypted for `<scope>/visit_messages/text/<id>`; of a picture, empty."""
    picture_id: Mapped[uuid.UUID | None] = mapped_column()
    """The picture that the message is."""
    written_at: Mapped[datetime] = mapped_column()


READY = "ready"
"""What a picture is called that may be read."""


class PictureScan(StrEnum):
    """`scanning` until the scanner has answered, when nobody reads the picture; `refused` ones are deleted."""

    SCANNING = "scanning"
    CLEAN = "clean"
    REFUSED = "refused"


class VisitPicture(TenantOwned, Base):
    """A picture that resident or doctor sent in a visit; the picture itself is a blob.

    `due_at` is when to have it scanned; null when nothing is left to do.
    """

    __tablename__ = "visit_pictures"
    __table_args__ = (
        within_tenant("visits", "visit_id"),
        CheckConstraint("media_type IN ('image/jpeg', 'image/png')", name="media_type"),
        CheckConstraint("scan IN ('scanning', 'clean', 'refused')", name="scan"),
        Index("ix_visit_pictures_due", "due_at", postgresql_where="due_at IS NOT NULL"),
        Index(None, "tenant_id", "visit_id"),
        Index(None, "tenant_id", "resident_id"),
    )
    resident_view = ResidentView.OWN
    grants: ClassVar[Grants] = FORGOTTEN
    visit_id: Mapped[uuid.UUID] = mapped_column()
    resident_id: Mapped[uuid.UUID] = mapped_column()
    """The visit's resident, whoever sent it."""
    address: Mapped[str | None] = mapped_column(info=blob_for("{scope}/visit_pictures/content/{id}"))
    """Of the blob, encrypted for `<scope>/visit_pictures/content/<id>`; null where the picture was refused."""
    media_type: Mapped[str] = mapped_column()
    width: Mapped[int] = mapped_column()
    height: Mapped[int] = mapped_column()
    size: Mapped[int] = mapped_column()
    """In bytes, decrypted."""
    sent_at: Mapped[datetime] = mapped_column()
    scan: Mapped[str | None] = mapped_column()
    """A `PictureScan`; null where nobody scans."""
    due_at: Mapped[datetime | None] = mapped_column()

    @property
    def shown(self) -> str:
        """Its state as people see it: clean, or not scanned because nobody scans, is ready."""
        return READY if self.scan in (None, PictureScan.CLEAN) else str(self.scan)


class VisitRecord(TenantOwned, Base):
    """What the doctor writes down of a visit; `id` is the visit's. Made, empty, when it is taken."""

    __tablename__ = "visit_records"
    __table_args__ = (within_tenant("visits", "id"), Index(None, "tenant_id", "resident_id"))
    resident_view = ResidentView.OWN
    grants: ClassVar[Grants] = ERASED
    resident_id: Mapped[uuid.UUID] = mapped_column()
    content: Mapped[Encrypted] = mapped_column()
    """Encrypted for `<scope>/visit_records/content/<id>`."""
    written_at: Mapped[datetime] = mapped_column()
    version: Mapped[int] = mapped_column()


class VisitInspection(TenantOwned, Base):
    """That a member of medical affairs named a duty for which they read a visit."""

    __tablename__ = "visit_inspections"
    __table_args__ = (
        within_tenant("visits", "visit_id"),
        CheckConstraint("duty IN ('quality_control', 'complaint', 'dispute', 'adverse_event')", name="duty"),
        Index(None, "tenant_id", "visit_id", "staff_id"),
        Index("ix_visit_inspections_due", "due_at", postgresql_where="due_at IS NOT NULL"),
    )
    grants: ClassVar[Grants] = FORGOTTEN
    visit_id: Mapped[uuid.UUID] = mapped_column()
    resident_id: Mapped[uuid.UUID] = mapped_column()
    staff_id: Mapped[uuid.UUID] = mapped_column()
    """The affiliation that reads."""
    duty: Mapped[str] = mapped_column()
    ends_at: Mapped[datetime] = mapped_column()
    """The instant from which it opens nothing."""
    due_at: Mapped[datetime | None] = mapped_column()
    """When to delete it: the entry says for ever that a duty was named."""


class PersonVisit(PersonOwned, Base):
    """What a person keeps of a visit, so that they find all of theirs in one look; `id` is the visit's."""

    __tablename__ = "person_visits"
    grants: ClassVar[Grants] = ERASED
    tenant: Mapped[int] = mapped_column()
    doctor_id: Mapped[uuid.UUID] = mapped_column()
    doctor_name: Mapped[str] = mapped_column()
    legal_basis: Mapped[str] = mapped_column()
    state: Mapped[str] = mapped_column()
    reason: Mapped[str | None] = mapped_column()
    fee: Mapped[int] = mapped_column()
    bill_id: Mapped[uuid.UUID] = mapped_column()
    refunded: Mapped[bool] = mapped_column()
    institution_name: Mapped[str | None] = mapped_column()
    deadline: Mapped[datetime | None] = mapped_column()
    requested_at: Mapped[datetime] = mapped_column()
    source_version: Mapped[int] = mapped_column()
