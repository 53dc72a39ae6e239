"""Tables of scheduling: shifts, their slots, appointments, and what a person keeps of theirs."""

import uuid
from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import CheckConstraint, Date, Index, and_
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from app.core.db import Base, Grants, JsonList, PersonOwned, ResidentView, TenantOwned, within_tenant
from app.core.forgetting import ERASED, FORGOTTEN
from app.core.timers import DUE
from app.scheduling.rules.cancellation import cancellation_ends

ONE_PER_DAY = "uq_appointments_one_per_day"
"""The index that allows a person one place per subject and day."""
ONE_SHIFT = "uq_shifts_doctor"
"""The index that allows a doctor one open shift per half-day."""
_HOLDING = "state IN ('held', 'releasing', 'confirmed')"


class Shift(TenantOwned, Base):
    """A doctor at a site for half a day, in one subject and class, for one fee."""

    __tablename__ = "shifts"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'stopped')", name="state"),
        CheckConstraint("half_day IN ('morning', 'afternoon', 'evening')", name="half_day"),
        CheckConstraint("kind IN ('ordinary', 'specialist', 'special_needs')", name="kind"),
        Index(
            ONE_SHIFT, "tenant_id", "doctor_id", "day", "half_day",
            unique=True, postgresql_where="state = 'open'",
        ),
        Index(None, "tenant_id", "day", "id"),
        Index("ix_shifts_due", "due_at", postgresql_where="due_at IS NOT NULL"),
    )  # fmt: skip
    resident_view = ResidentView.PUBLIC
    grants: ClassVar[Grants] = DUE
    doctor_id: Mapped[uuid.UUID] = mapped_column()
    """The doctor's affiliation with this tenant."""
    doctor_name: Mapped[str] = mapped_column()
    day: Mapped[date] = mapped_column(Date())
    """The tenant's local date."""
    half_day: Mapped[str] = mapped_column()
    site: Mapped[str] = mapped_column()
    kind: Mapped[str] = mapped_column()
    """The class: ordinary, specialist, special needs."""
    subject: Mapped[str] = mapped_column()
    """The subject (诊疗科目) in which the doctor sees residents here."""
    fee_lines: Mapped[JsonList] = mapped_column()
    """Code, name and amount (fen) of each part of the fee."""
    state: Mapped[str] = mapped_column()
    due_at: Mapped[datetime | None] = mapped_column()
    """Since when holders wait to be brought in line with a change of the shift."""
    version: Mapped[int] = mapped_column()
    created_at: Mapped[datetime] = mapped_column()

    @property
    def fee(self) -> int:
        """What a place costs, in fen."""
        return sum(int(line["amount"]) for line in self.fee_lines)


class Slot(TenantOwned, Base):
    """A time of a shift with its places. `taken` is how many appointments hold one, never more than `capacity`."""

    __tablename__ = "slots"
    __table_args__ = (
        within_tenant("shifts", "shift_id"),
        CheckConstraint("0 <= taken AND taken <= capacity", name="places"),
        CheckConstraint("starts_at < ends_at", name="times"),
        Index(None, "tenant_id", "shift_id"),
        Index(None, "tenant_id", "day", "starts_at", "id"),
    )
    resident_view = ResidentView.PUBLIC
    shift_id: Mapped[uuid.UUID] = mapped_column()
    shift_version: Mapped[int] = mapped_column()
    """The shift's version: who takes a place names the one that they looked at, so that no change slips between."""
    day: Mapped[date] = mapped_column(Date())
    starts_at: Mapped[datetime] = mapped_column()
    ends_at: Mapped[datetime] = mapped_column()
    capacity: Mapped[int] = mapped_column()
    taken: Mapped[int] = mapped_column()
    shift: Mapped[Shift] = relationship(
        primaryjoin=lambda: and_(Slot.tenant_id == Shift.tenant_id, foreign(Slot.shift_id) == Shift.id), viewonly=True
    )


class Appointment(TenantOwned, Base):
    """A resident's place in a slot."""

    __tablename__ = "appointments"
    __table_args__ = (
        within_tenant("slots", "slot_id"),
        CheckConstraint(
            "state IN ('held', 'releasing', 'released', 'confirmed', 'canceled_refunding', 'canceled')", name="state"
        ),
        CheckConstraint("(reason IS NULL) = (state IN ('held', 'confirmed'))", name="reason"),
        CheckConstraint("(bill_id IS NULL) = (fee = 0)", name="bill"),
        Index(ONE_PER_DAY, "tenant_id", "resident_id", "subject", "day", unique=True, postgresql_where=_HOLDING),
        Index(None, "tenant_id", "resident_id"),
        Index("ix_appointments_holding", "tenant_id", "shift_id", "shift_version", postgresql_where=_HOLDING),
        Index(None, "tenant_id", "day", "id"),
        Index("ix_appointments_due", "due_at", postgresql_where="due_at IS NOT NULL"),
    )
    resident_view = ResidentView.OWN
    grants: ClassVar[Grants] = FORGOTTEN
    resident_id: Mapped[uuid.UUID] = mapped_column()
    slot_id: Mapped[uuid.UUID] = mapped_column()
    shift_id: Mapped[uuid.UUID] = mapped_column()
    shift_version: Mapped[int] = mapped_column()
    """The version of the shift that this appointment is in line with."""
    doctor_id: Mapped[uuid.UUID] = mapped_column()
    subject: Mapped[str] = mapped_column()
    day: Mapped[date] = mapped_column(Date())
    starts_at: Mapped[datetime] = mapped_column()
    state: Mapped[str] = mapped_column()
    reason: Mapped[str | None] = mapped_column()
    """Why it ends or ended."""
    held_until: Mapped[datetime | None] = mapped_column()
    """Until when it waits for payment; null where nothing was to pay."""
    due_at: Mapped[datetime | None] = mapped_column()
    fee: Mapped[int] = mapped_column()
    bill_id: Mapped[uuid.UUID | None] = mapped_column()
    refund_id: Mapped[uuid.UUID | None] = mapped_column()
    number: Mapped[int | None] = mapped_column()
    """The place's number within the shift, given when it is confirmed."""
    version: Mapped[int] = mapped_column()
    created_at: Mapped[datetime] = mapped_column()

    @property
    def cancel_until(self) -> datetime:
        """The moment from which the resident cannot cancel it any more, once it is confirmed."""
        return cancellation_ends(self.starts_at, self.fee)


class PersonAppointment(PersonOwned, Base):
    """What a person keeps of an appointment, so that they find all of theirs in one look; `id` is the appointment's."""

    __tablename__ = "person_appointments"
    __table_args__ = (Index(None, "person_id", "starts_at", "id"),)
    grants: ClassVar[Grants] = ERASED
    tenant: Mapped[int] = mapped_column()
    doctor_id: Mapped[uuid.UUID] = mapped_column()
    doctor_name: Mapped[str] = mapped_column()
    site: Mapped[str] = mapped_column()
    subject: Mapped[str] = mapped_column()
    day: Mapped[date] = mapped_column(Date())
    starts_at: Mapped[datetime] = mapped_column()
    state: Mapped[str] = mapped_column()
    reason: Mapped[str | None] = mapped_column()
    fee: Mapped[int] = mapped_column()
    bill_id: Mapped[uuid.UUID | None] = mapped_column()
    number: Mapped[int | None] = mapped_column()
    source_version: Mapped[int] = mapped_column()
