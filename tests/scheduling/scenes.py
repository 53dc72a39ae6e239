"""A hospital with doctors and shifts, residents who book, a payer's success, and the machines turned by hand."""

import itertools
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import select

from app.core.calendar import ZONE, local_date
from app.core.carry import carry
from app.core.ids import PublicId, new_id
from app.core.journal.record import open_chain
from app.core.journal.seal import seal
from app.core.scope import Scope
from app.core.unit import Caller, Unit, database, run, unit
from app.identity.api import Closed, Role, close_account, locked_person, open_account
from app.payments.api import BillLine
from app.payments.models import MerchantAccount, Payment, Refund
from app.payments.repository import locked_bill, locked_refund
from app.payments.rules.payments import PaymentState
from app.payments.rules.refunds import RefundState
from app.payments.service.moving import move_payment, move_refund
from app.scheduling.handlers import HANDLERS
from app.scheduling.ids import appointment_public_id, slot_public_id
from app.scheduling.models import Appointment, Shift, Slot
from app.scheduling.rules.moves import HOLDING
from app.scheduling.rules.shifts import HalfDay, ShiftClass, SlotTimes
from app.scheduling.service.booking import book
from app.scheduling.service.cancellation import cancel
from app.scheduling.service.shifts import Opened, Wish, open_shift
from app.scheduling.slice import SLICE
from tenants.models import License, Profile, Staff
from tenants.papers import new_license
from tenants.practice_models import Presence
from tenants.rules import Document, Kind, Paper
from tenants.states import LicenseState, StaffState, TenantState
from tests.platform import Platform, new_tenant

BY = Caller("system:test")
HOLD = timedelta(minutes=10)
FEE = [BillLine("registration", "挂号费", 1500), BillLine("consultation", "诊查费", 3500)]
SUBJECT = "03"
FAR = date(2099, 12, 31)
_numbers = itertools.count(1)


def tomorrow() -> date:
    """The local date after today's."""
    return local_date(database().clock.now()) + timedelta(days=1)


def at(day: date, hour: int) -> datetime:
    """A full hour of a local date, in UTC."""
    return datetime.combine(day, time(hour), ZONE).astimezone(UTC)


def new_resident() -> uuid.UUID:
    """A fresh person."""
    person = new_id()
    run(Scope.for_person(person), open_chain)
    return person


def be_present(member: PublicId) -> None:
    """Let a member of a staff have proved that they work, for longer than anybody may in earnest."""

    def work(opened: Unit) -> None:
        until = datetime.combine(FAR, time.min, ZONE)
        opened.add(Presence(staff_id=member.id, method="face", proved_at=opened.now, due_at=until, ended_by="hours"))

    run(member.scope, work)


@dataclass(frozen=True)
class Hospital:
    """A tenant with a valid license, a registrar and doctors of one subject."""

    scope: Scope = field(default_factory=new_tenant)

    def __post_init__(self) -> None:
        """Open the hospital; its license holds for a long time."""
        run(self.scope, self._open)

    def _open(self, opened: Unit) -> None:
        profile = Profile(
            id=new_id(), name="示范医院", kind=Kind.HOSPITAL, state=TenantState.ACTIVE, version=1, opened_at=opened.now
        )
        opened.add(profile)
        number = f"N-{next(_numbers)}"
        paper = Paper(Document.MEDICAL_INSTITUTION_LICENSE, number, "卫健委", (SUBJECT, "04"), FAR)
        opened.add(new_license(paper, LicenseState.VALID, opened.now))
        opened.add(
            MerchantAccount(id=new_id(), url="http://127.0.0.1:1", api_key=b"", version=1, created_at=opened.now)
        )

    @property
    def number(self) -> int:
        """The tenant's number."""
        return self.scope.require_tenant()

    def member(self, *roles: Role, until: date = FAR, subjects: Sequence[str] = (SUBJECT,)) -> PublicId:
        """A fresh active member of the staff."""
        staff = Staff(
            id=new_id(), person_id=new_id(), name="陈医生", roles=list(roles), subjects=list(subjects),
            registration_number="D-1", registration_until=until, state=StaffState.ACTIVE, version=1,
            created_at=datetime.now(UTC),
        )  # fmt: skip
        run(self.scope, lambda opened: opened.add(staff))
        return PublicId("sta", self.scope, staff.id)

    def doctor(self, until: date = FAR, subjects: Sequence[str] = (SUBJECT,)) -> PublicId:
        """A fresh doctor, registered until then, who is at work."""
        known = self.member(Role.DOCTOR, until=until, subjects=subjects)
        be_present(known)
        return known

    def wish(self, doctor: PublicId | None = None, **more: Any) -> Wish:
        """A morning's shift tomorrow with one slot from nine to ten."""
        day, places = more.pop("day", tomorrow()), more.pop("places", 20)
        given = {
            "doctor": doctor or self.doctor(), "day": day, "half_day": HalfDay.MORNING, "site": "门诊楼 3 层",
            "kind": ShiftClass.ORDINARY, "subject": SUBJECT, "fee_lines": FEE,
            "slots": [SlotTimes(at(day, 9), at(day, 10), places)], **more,
        }  # fmt: skip
        return Wish(**given)

    def shift(self, doctor: PublicId | None = None, **more: Any) -> Opened:
        """An open shift."""
        return open_shift(self.scope, self.wish(doctor, **more), BY)

    def slot(self, **more: Any) -> PublicId:
        """The one slot of a fresh shift."""
        return slot_public_id(self.number, self.shift(**more).slots[0].id)

    def end_license(self, last_day: date) -> None:
        """Let the hospital's license be valid until `last_day`."""

        def work(opened: Unit) -> None:
            for row in opened.all(opened.select(License)):
                row.valid_until = last_day

        run(self.scope, work)

    def slots(self) -> list[Slot]:
        """Every slot as it is now."""
        with unit(self.scope) as reading:
            return reading.all(reading.select(Slot))

    def appointments(self) -> list[Appointment]:
        """Every appointment as it is now, oldest first."""
        with unit(self.scope) as reading:
            return reading.all(reading.select(Appointment).order_by(Appointment.id))

    def one(self, appointment: Appointment) -> Appointment:
        """An appointment as it is now."""
        with unit(self.scope) as reading:
            found = reading.get(Appointment, appointment.id)
        assert found
        return found

    def shift_now(self, shift: Shift) -> Shift:
        """A shift as it is now."""
        with unit(self.scope) as reading:
            found = reading.get(Shift, shift.id)
        assert found
        return found

    def balanced(self) -> None:
        """Every place is held by exactly the appointments that say so: none sold twice, none lost."""
        held = [a.slot_id for a in self.appointments() if a.state in HOLDING]
        assert {slot.id: slot.taken for slot in self.slots()} == {s.id: held.count(s.id) for s in self.slots()}


def booked(slot: PublicId, person: uuid.UUID | None = None, hold: timedelta = HOLD) -> Appointment:
    """A place of `slot` for a person, a fresh one where none is given."""
    return book(person or new_resident(), slot, hold, BY)


def canceled(hospital: Hospital, appointment: Appointment) -> Appointment:
    """Canceled by its resident."""
    return cancel(Scope.for_person(appointment.resident_id), appointment_public_id(appointment), BY)


def canceled_by_staff(hospital: Hospital, appointment: Appointment) -> Appointment:
    """Canceled at the registration desk."""
    return cancel(hospital.scope, appointment_public_id(appointment), BY)


def begin_payment(hospital: Hospital, appointment: Appointment) -> uuid.UUID:
    """A payment of the appointment's bill that is open at the gateway."""

    def work(opened: Unit) -> uuid.UUID:
        assert appointment.bill_id
        bill = locked_bill(opened, appointment.bill_id)
        account = opened.first(opened.select(MerchantAccount))
        assert bill and account
        payment = Payment(
            id=new_id(), bill_id=bill.id, account_id=account.id, resident_id=bill.resident_id, asked=new_id().hex,
            method="alipay", amount=bill.total, currency="CNY", state=PaymentState.REQUIRES_ACTION, stopping=False,
            channel_id=f"pi_{new_id().hex}", confirmed=True, paid=0, refunded=0, in_flight=0, tries=0, version=1,
            created_at=opened.now,
        )  # fmt: skip
        return opened.add(payment).id

    return run(hospital.scope, work)


def payment_ends(hospital: Hospital, payment_id: uuid.UUID, state: PaymentState) -> None:
    """The gateway says that a payment ended so."""

    def work(opened: Unit) -> None:
        bill_id = opened.session.scalars(
            select(Payment.bill_id).where(Payment.tenant_id == hospital.number, Payment.id == payment_id)
        ).one()
        bill, payment = locked_bill(opened, bill_id), opened.get(Payment, payment_id, lock=True)
        assert bill and payment
        move_payment(opened, bill, payment, state)

    run(hospital.scope, work)


def pay(hospital: Hospital, appointment: Appointment) -> None:
    """The payer pays at once."""
    payment_ends(hospital, begin_payment(hospital, appointment), PaymentState.SUCCEEDED)


def refund_arrives(hospital: Hospital, appointment: Appointment) -> None:
    """The gateway says that what was owed back has arrived."""

    def work(opened: Unit) -> None:
        for refund in opened.all(opened.select(Refund).where(Refund.bill_id == appointment.bill_id)):
            held = locked_refund(opened, refund.id)
            assert held
            move_refund(opened, *held, RefundState.SUCCEEDED)

    run(hospital.scope, work)


def settle(platform: Platform, *scopes: Scope) -> None:
    """Seal and carry between `scopes` until nothing moves."""
    moved = 1
    while moved:
        moved = sum(_turn(platform, scope) for scope in scopes)


def _turn(platform: Platform, scope: Scope) -> int:
    return seal(scope, frozenset(SLICE.events), platform.sealing) + carry(scope, HANDLERS)


def residents_of(appointments: Iterable[Appointment]) -> list[Scope]:
    """The scopes of those who hold the appointments."""
    return [Scope.for_person(appointment.resident_id) for appointment in appointments]


def died(person: Scope) -> None:
    """Somebody's account is closed, for they died."""

    def close(opened: Unit) -> None:
        open_account(opened, "zh-CN")
        row = locked_person(opened)
        assert row
        close_account(opened, row, Closed.DECEASED)

    run(person, close)
