"""A pharmacy and a hospital that are paid, a scheme that settles, and everybody's books."""

import uuid
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

from app.core.db import Base
from app.core.ids import PublicId, new_id
from app.core.scope import Scope
from app.core.unit import Unit, run, unit
from app.identity.api import Role, issue_staff_token
from app.payments.models import Bill, MerchantAccount, Payment, Posting, Refund
from app.payments.repository import locked_bill, locked_refund
from app.payments.rules.payments import PaymentState
from app.payments.rules.refunds import RefundState
from app.payments.service.moving import move_payment, move_refund
from app.payments.service.refunds import LATE
from app.visits.ids import visit_public_id
from app.visits.models import Visit
from app.visits.service import acting, messages, records
from deploy.demo.partners import Scheme
from insurance.models import Claim, Settlement
from insurance.service.driving import drive_due
from prescriptions.models import RoutingOrder
from prescriptions.order_content import Sent, SupplyLine, seal_lines, seal_sent
from prescriptions.routing_ids import routing_order_public_id
from prescriptions.rules.orders import OrderEvent, OrderState
from prescriptions.service.ordering import happen
from tests.insurance.scenes import Insured, Insurer, World
from tests.platform import Platform, new_tenant
from tests.scheduling.scenes import Hospital
from tests.tenants.world import Actor
from tests.visits.scenes import CONCLUSION, WORD, Clinic

Row = TypeVar("Row", bound=Base)
LINES = (
    SupplyLine(1, "86900001000011", "苯磺酸氨氯地平片", "A", 2, 12_000),
    SupplyLine(2, "86900002000022", "阿托伐他汀钙片", "B", 1, 10_000),
    SupplyLine(3, "86900003000033", "维生素C片", "C", 1, 3_333),
)
TOTAL = sum(line.amount for line in LINES)
DIAGNOSIS = "I10.x05"
KEY = "key of a provider with the scheme"


@dataclass(frozen=True)
class Provider:
    """A tenant that is paid for what it supplies."""

    scope: Scope
    clerk: Actor
    administrator: Actor

    @property
    def number(self) -> int:
        """The tenant's number."""
        return self.scope.require_tenant()

    def rows(self, model: type[Row]) -> list[Row]:
        """Every row of a table of the tenant's."""
        with unit(self.scope) as reading:
            return reading.all(reading.select(model))

    def settlement(self, id: str) -> Settlement:
        """A settlement as it is now."""
        return found(self.scope, Settlement, PublicId.parse(id, "stl").id)

    def claim(self) -> Claim:
        """The one claim."""
        (one,) = self.rows(Claim)
        return one

    def connect(self, scheme: Scheme, insurer: Insurer) -> str:
        """A connection to a scheme, by which the tenant is known there."""
        institution = f"I{self.number}"
        scheme.admit(institution, KEY)
        body = {"insurer": insurer.id, "url": scheme.url, "institution": institution, "key": KEY}
        return str(self.administrator.do("POST", "/scheme-connections", body)["id"])

    def drive(self) -> None:
        """Let the worker go on as if every pause were over."""

        def due(opened: Unit) -> None:
            for row in opened.all(opened.select(Settlement).where(Settlement.due_at.is_not(None)).with_for_update()):
                row.due_at = opened.now

        run(self.scope, due)
        drive_due(self.scope)

    def begin_payment(self, bill_id: uuid.UUID) -> uuid.UUID:
        """A payment of a bill that is open at the gateway."""

        def work(opened: Unit) -> uuid.UUID:
            bill, account = locked_bill(opened, bill_id), opened.first(opened.select(MerchantAccount))
            assert bill and account
            payment = Payment(
                id=new_id(), bill_id=bill.id, account_id=account.id, resident_id=bill.resident_id, asked=new_id().hex,
                method="alipay", amount=bill.total, currency="CNY", state=PaymentState.REQUIRES_ACTION, stopping=False,
                channel_id=f"pi_{new_id().hex}", confirmed=True, paid=0, refunded=0, in_flight=0, tries=0, version=1,
                created_at=opened.now,
            )  # fmt: skip
            return opened.add(payment).id

        return run(self.scope, work)

    def payment_succeeds(self, bill_id: uuid.UUID, payment_id: uuid.UUID) -> None:
        """The gateway says that it was paid."""

        def work(opened: Unit) -> None:
            bill, payment = locked_bill(opened, bill_id), opened.get(Payment, payment_id, lock=True)
            assert bill and payment
            move_payment(opened, bill, payment, PaymentState.SUCCEEDED)

        run(self.scope, work)

    def pay(self, bill: str) -> None:
        """The payer pays a bill at once."""
        bill_id = PublicId.parse(bill, "bil").id
        self.payment_succeeds(bill_id, self.begin_payment(bill_id))

    def refunds_arrive(self) -> None:
        """The gateway says that everything that was owed back has arrived."""

        def work(opened: Unit) -> None:
            for refund in opened.all(opened.select(Refund).where(Refund.state != RefundState.SUCCEEDED)):
                held = locked_refund(opened, refund.id)
                assert held
                move_refund(opened, *held, RefundState.SUCCEEDED)

        run(self.scope, work)

    def refunds(self) -> list[int]:
        """What goes or went back, in fen."""
        return sorted(row.amount for row in self.rows(Refund))

    def books(self) -> Counter[str]:
        """The balance of each kind of account. Whatever happened, debits and credits are equal, and what insurers owe
        is what the claims and the settlements say.
        """
        balances, reasons = Counter[str](), Counter[tuple[uuid.UUID, str]]()
        for row in self.rows(Posting):
            kind = (
                row.account if row.account.startswith(("receivable", "income:insured")) else row.account.split(":")[0]
            )
            balances[kind] += row.amount
            reasons[row.subject_id, row.reason] += row.amount
        assert sum(balances.values()) == 0
        assert set(reasons.values()) <= {0}
        assert {kind: amount for kind, amount in balances.items() if kind.startswith("receivable") and amount} == {
            f"receivable:{insurer}": amount for insurer, amount in self._borne().items() if amount
        }
        return balances

    def _borne(self) -> Counter[int]:
        """What each insurer bears: of claims that it decided, and of supplies that its scheme settled."""
        borne = Counter[int]()
        for claim in self.rows(Claim):
            if claim.kind == "direct_billing":
                borne[claim.insurer] += claim.fund
        for row in self.rows(Settlement):
            if row.insurer and row.payer == "public_scheme" and row.state == "committed":
                borne[row.insurer] += row.fund + row.account
        return borne

    def kept(self) -> int:
        """What of the residents' money is with the provider, in fen: it paid bills, and is not back or on its way."""
        paid = [int(row.total) for row in self.rows(Bill) if row.state == "paid"]
        return sum(paid) - sum(row.amount for row in self.rows(Refund) if row.cause != LATE)


@dataclass(frozen=True)
class Pharmacy(Provider):
    """A pharmacy whose orders are prepared in a moment."""

    site: Hospital

    def supervisor(self, world: World) -> Actor:
        """Who stands above its clerk."""
        return _staff(world, self.site, Role.FINANCE_SUPERVISOR)

    def order(self, who: Insured, hospital: Scope, lines: tuple[SupplyLine, ...] = LINES) -> str:
        """A supply that waits for its settlement; its public id."""
        own = new_id()

        def work(opened: Unit) -> str:
            until = opened.now + timedelta(days=1)
            sent = Sent({"resident": {"name": who.name}, "diagnoses": [{"code": DIAGNOSIS, "name": "高血压"}]}, [])
            row = opened.add(
                RoutingOrder(
                    id=own, resident_id=who.actor.id, prescription=str(PublicId("prx", hospital, new_id())),
                    hospital=hospital.require_tenant(), hospital_id=str(PublicId("ten", hospital, new_id())),
                    hospital_name="示范医院", attempt=1, quote_id=new_id(), content=seal_sent(opened, own, sent),
                    lines=seal_lines(opened, own, lines), total=sum(line.amount for line in lines), state="prepared",
                    offer_until=until, expires_at=until, due_at=until, wrong_codes=0, prepared_by="a",
                    verified_by="b", version=1, created_at=opened.now,
                )
            )  # fmt: skip
            return str(routing_order_public_id(row))

        return run(self.scope, work)

    def order_now(self, order: str) -> RoutingOrder:
        """An order as it is now."""
        return found(self.scope, RoutingOrder, PublicId.parse(order, "rou").id)

    def ends(self, order: str, event: OrderEvent = OrderEvent.REVOKED) -> None:
        """An order ends without hand-over."""

        def work(opened: Unit) -> None:
            row = opened.get(RoutingOrder, PublicId.parse(order, "rou").id, lock=True)
            assert row
            assert happen(opened, row, event, "by_resident")

        run(self.scope, work)

    def hands_over(self, order: str) -> None:
        """The medicines are handed over, as the counter does it."""

        def work(opened: Unit) -> None:
            row = opened.get(RoutingOrder, PublicId.parse(order, "rou").id, lock=True)
            assert row
            assert row.state == OrderState.PREPARED
            assert row.settled_by
            row.handed_over_by, row.handed_over_at = "staff:test", opened.now
            assert happen(opened, row, OrderEvent.HANDED_OVER)

        run(self.scope, work)


@dataclass(frozen=True)
class VisitHospital(Provider):
    """A hospital that holds visits online."""

    clinic: Clinic
    platform: Platform

    def visit(self, who: Insured) -> str:
        """A visit of the resident's that was paid and completed; its public id."""
        row = self.clinic.taken(self.platform, person=who.actor.id)
        known, doctor = visit_public_id(row), self.clinic.viewer()
        acting.accept_evidence(doctor, known)
        messages.write(doctor, known, WORD)
        records.write(doctor, known, CONCLUSION, 1)
        acting.complete(doctor, known)
        return str(known)

    def visit_now(self, visit: str) -> Visit:
        """A visit as it is now."""
        return found(self.scope, Visit, PublicId.parse(visit, "vis").id)


def pharmacy(world: World) -> Pharmacy:
    """A fresh pharmacy."""
    hospital = Hospital(new_tenant())
    clerk, administrator = _staff(world, hospital, Role.FINANCE_CLERK), _administrator(world, hospital)
    return Pharmacy(hospital.scope, clerk, administrator, hospital)


def visit_hospital(world: World, platform: Platform) -> VisitHospital:
    """A fresh hospital."""
    clinic = Clinic()
    clerk = _staff(world, clinic.hospital, Role.FINANCE_CLERK)
    return VisitHospital(clinic.scope, clerk, _administrator(world, clinic.hospital), clinic, platform)


def asked(who: Insured, subject: str, coverage: PublicId | None = None) -> dict[str, Any]:
    """A settlement that the resident asks for."""
    wish = {"subject": subject, "coverage": str(coverage) if coverage else None}
    shown: dict[str, Any] = who.actor.do("POST", "/settlements", wish)
    return shown


def read(who: Insured, settlement: dict[str, Any]) -> dict[str, Any]:
    """A settlement as its resident sees it now."""
    shown: dict[str, Any] = who.actor.do("GET", f"/settlements/{settlement['id']}")
    return shown


def confirmed(who: Insured, trial: dict[str, Any], credential: str | None = None) -> dict[str, Any]:
    """The resident confirms what was shown."""
    path, seen = f"/settlements/{trial['id']}/confirmation", f'"{trial["version"]}"'
    shown: dict[str, Any] = who.actor.do("POST", path, {"credential": credential}, If_Match=seen)
    return shown


def _administrator(world: World, hospital: Hospital) -> Actor:
    return _staff(world, hospital, Role.TENANT_ADMINISTRATOR)


def _staff(world: World, hospital: Hospital, role: Role) -> Actor:
    member = hospital.member(role)
    person = new_id()
    return Actor(world.app, issue_staff_token(hospital.scope, member.id, person), person)


def found(scope: Scope, model: type[Row], id: uuid.UUID) -> Row:
    """A row as it is now."""
    with unit(scope) as reading:
        row = reading.get(model, id)
    assert row
    return row
