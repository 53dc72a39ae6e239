"""A hospital that may hold visits online, its doctor, residents who ask, and the machines turned by hand."""

import uuid
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from app.core.calendar import local_date
from app.core.carry import carry
from app.core.ids import PublicId, new_id
from app.core.journal.seal import seal
from app.core.relays import each_of
from app.core.scope import Scope
from app.core.unit import Caller, Unit, database, run, unit
from app.identity.api import Role
from app.payments.models import Bill, MerchantAccount, Payment, Refund
from app.payments.repository import locked_bill, locked_refund
from app.payments.rules.payments import PaymentState
from app.payments.rules.refunds import RefundState
from app.payments.service.moving import move_payment, move_refund
from app.residents.models import Resident
from app.scheduling.handlers import HANDLERS as SCHEDULING
from app.visits.handlers import HANDLERS as VISITS
from app.visits.ids import VisitViewer, visit_public_id
from app.visits.models import Visit
from app.visits.rules.basis import Evidence, EvidenceKind, LegalBasis
from app.visits.rules.conclusion import Diagnosis, Written
from app.visits.service import acting, messages, records
from app.visits.service.fees import set_fee
from app.visits.service.requesting import Terms, Wish, request
from app.visits.slice import SLICE
from tenants.papers import new_license
from tenants.rules import Document, Paper
from tenants.states import LicenseState
from tests.platform import Platform, new_tenant
from tests.scheduling.scenes import FAR, SUBJECT, Hospital, new_resident

BY = Caller("system:test")
FEE = 3000
TERMS = Terms(timedelta(hours=24), timedelta(hours=48))
COMPLAINT = "近三日晨起头痛，血压一百五十"
WORD = "请继续服药并每日测量血压"
CODE = "I10.x05"
CONCLUSION = Written("头痛", "血压偏高", "规律服药，两周后复测", (Diagnosis("I10.x09", "高血压病"),))
_KEYS = {*SCHEDULING, *VISITS}
HANDLERS = {key: each_of([slice[key] for slice in (SCHEDULING, VISITS) if key in slice]) for key in _KEYS}


def today() -> date:
    """The local date of everybody's units."""
    return local_date(database().clock.now())


def verified_resident() -> uuid.UUID:
    """A fresh person whose real name is verified."""
    person = new_resident()
    verify(person)
    return person


def verify(person: uuid.UUID) -> None:
    """Let the real name of a person be verified."""

    def work(opened: Unit) -> None:
        name = opened.cipher.seal("张三".encode(), f"{opened.scope}/residents/name")
        opened.add(
            Resident(
                state="verified", document_kind="identity_card", name=name, number=b"unread", number_digest="0" * 64,
                birth_date=date(1960, 1, 1), sex="male", verification_method="registry", verified_at=opened.now,
                tries_on=today(), tries=1, card_tries=0, version=1,
            )
        )  # fmt: skip

    run(Scope.for_person(person), work)


def evidence(code: str = CODE, days: int = 10) -> Evidence:
    """An outpatient record that is so many days old."""
    return Evidence(EvidenceKind.OUTPATIENT_RECORD, "示范市第二医院", code, today() - timedelta(days=days))


@dataclass(frozen=True)
class Clinic:
    """A hospital that may hold visits online, and a doctor whose text visits cost `FEE`."""

    hospital: Hospital = field(default_factory=lambda: Hospital(new_tenant()))
    doctor: PublicId = field(init=False)

    def __post_init__(self) -> None:
        """Get the papers of an Internet hospital, hire the doctor."""
        self.license(Document.INTERNET_HOSPITAL_LICENSE)
        self.license(Document.MLPS_LEVEL_3)
        object.__setattr__(self, "doctor", self.hospital.doctor())
        set_fee(self.doctor, FEE, BY)

    @property
    def scope(self) -> Scope:
        """The tenant's."""
        return self.hospital.scope

    def license(self, kind: Document, until: date = FAR) -> None:
        """Another paper of the hospital's."""
        paper = Paper(kind, f"N-{kind}", "卫健委", (), until)
        run(self.scope, lambda opened: opened.add(new_license(paper, LicenseState.VALID, opened.now)))

    def wish(self, **more: Any) -> Wish:
        """A follow-up with fresh evidence."""
        given = {
            "doctor": self.doctor, "subject": SUBJECT, "basis": LegalBasis.FOLLOW_UP, "complaint": COMPLAINT,
            "evidence": evidence(), **more,
        }  # fmt: skip
        return Wish(**given)

    def viewer(self, doctor: PublicId | None = None) -> VisitViewer:
        """The doctor, or another one, as who acts."""
        return VisitViewer(self.scope, Caller(f"staff:{doctor or self.doctor}"))

    def other(self) -> VisitViewer:
        """Another doctor of the hospital's."""
        return self.viewer(self.hospital.member(Role.DOCTOR))

    def asked(self, person: uuid.UUID | None = None, **more: Any) -> Visit:
        """A visit that waits for its payment."""
        return request(person or verified_resident(), self.wish(**more), TERMS, BY)

    def now(self, visit: Visit) -> Visit:
        """A visit as it is now."""
        with unit(self.scope) as reading:
            found = reading.get(Visit, visit.id)
        assert found
        return found

    def of(self, person: uuid.UUID) -> list[Visit]:
        """The visits that a resident asked for here, oldest first."""
        with unit(self.scope) as reading:
            return reading.all(reading.select(Visit).where(Visit.resident_id == person).order_by(Visit.id))

    def bills(self, person: uuid.UUID) -> list[uuid.UUID]:
        """The bills that a resident has here."""
        with unit(self.scope) as reading:
            return [bill.id for bill in reading.all(reading.select(Bill).where(Bill.resident_id == person))]

    def paid(self, platform: Platform, **more: Any) -> Visit:
        """A visit in the doctor's queue."""
        visit = self.asked(**more)
        self.pay(visit)
        settle(platform, self.scope)
        return self.now(visit)

    def taken(self, platform: Platform, **more: Any) -> Visit:
        """A visit that the doctor took."""
        return acting.take(self.viewer(), visit_public_id(self.paid(platform, **more)))

    def ready(self, platform: Platform) -> Visit:
        """A visit that only has to be completed."""
        visit = self.taken(platform)
        known = visit_public_id(visit)
        acting.accept_evidence(self.viewer(), known)
        messages.write(self.viewer(), known, WORD)
        records.write(self.viewer(), known, CONCLUSION, 1)
        return self.now(visit)

    def begin_payment(self, visit: Visit) -> uuid.UUID:
        """A payment of the visit's bill that is open at the gateway."""

        def work(opened: Unit) -> uuid.UUID:
            bill, account = locked_bill(opened, visit.bill_id), opened.first(opened.select(MerchantAccount))
            assert bill and account
            payment = Payment(
                id=new_id(), bill_id=bill.id, account_id=account.id, resident_id=bill.resident_id, asked=new_id().hex,
                method="alipay", amount=bill.total, currency="CNY", state=PaymentState.REQUIRES_ACTION, stopping=False,
                channel_id=f"pi_{new_id().hex}", confirmed=True, paid=0, refunded=0, in_flight=0, tries=0, version=1,
                created_at=opened.now,
            )  # fmt: skip
            return opened.add(payment).id

        return run(self.scope, work)

    def payment_succeeds(self, visit: Visit, payment_id: uuid.UUID) -> None:
        """The gateway says that it was paid."""

        def work(opened: Unit) -> None:
            bill, payment = locked_bill(opened, visit.bill_id), opened.get(Payment, payment_id, lock=True)
            assert bill and payment
            move_payment(opened, bill, payment, PaymentState.SUCCEEDED)

        run(self.scope, work)

    def pay(self, visit: Visit) -> None:
        """The payer pays at once."""
        self.payment_succeeds(visit, self.begin_payment(visit))

    def refunds(self, visit: Visit) -> list[int]:
        """The amounts that went or go back for a visit, in fen."""
        with unit(self.scope) as reading:
            query = select(Refund.amount).where(
                Refund.tenant_id == self.scope.require_tenant(), Refund.bill_id == visit.bill_id
            )
            return list(reading.session.scalars(query))

    def refund_arrives(self, visit: Visit) -> None:
        """The gateway says that what was owed back has arrived."""

        def work(opened: Unit) -> None:
            for refund in opened.all(opened.select(Refund).where(Refund.bill_id == visit.bill_id)):
                held = locked_refund(opened, refund.id)
                assert held
                move_refund(opened, *held, RefundState.SUCCEEDED)

        run(self.scope, work)


def resident_of(visit: Visit) -> VisitViewer:
    """The resident of a visit as who acts."""
    return VisitViewer(Scope.for_person(visit.resident_id), Caller(f"person:{visit.resident_id}"))


def time_is_up(clinic: Clinic, visit_id: uuid.UUID, after: timedelta = timedelta(0)) -> None:
    """Let the time of the visit's state be up `after` so long."""

    def work(opened: Unit) -> None:
        row = opened.get(Visit, visit_id, lock=True)
        assert row
        row.due_at = opened.now + after

    run(clinic.scope, work)


def settle(platform: Platform, *scopes: Scope) -> None:
    """Seal and carry between `scopes` until nothing moves."""
    while sum(seal(scope, frozenset(SLICE.events), platform.sealing) + carry(scope, HANDLERS) for scope in scopes):
        pass
