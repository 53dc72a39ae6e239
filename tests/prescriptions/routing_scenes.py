"""Pharmacies that sell, a hospital whose prescription is ready, and the machines turned by hand."""

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Any

import orjson

from app.core.carry import carry
from app.core.errors import Refused
from app.core.ids import PublicId, new_id
from app.core.journal.record import relay_place
from app.core.journal.seal import seal
from app.core.ports import OwnCost, fill, ports
from app.core.relays import Incoming, Relay
from app.core.scope import Scope
from app.core.unit import Caller, Unit, run, unit
from app.identity.api import Role
from app.identity.signatures.service import make
from prescriptions.api import SUPPLY_ENDED, SUPPLY_FULFILLED, mark_settled
from prescriptions.content import Written, seal_document, seal_written
from prescriptions.ids import PrescriptionViewer, prescription_public_id
from prescriptions.models import Choice, Prescription, Quote, RoutingOrder
from prescriptions.order_content import code_of
from prescriptions.routing_ids import OrderViewer, quote_public_id, routing_order_public_id
from prescriptions.rules.documents import SignedAs, canonical
from prescriptions.rules.ends import WithdrawReason
from prescriptions.service import accepting, choosing, dispensing, ending, quoting
from prescriptions.service.documents import add_signature
from prescriptions.service.products import Told, tell
from prescriptions.slice import SLICE
from tenants.models import License, Profile, Staff
from tenants.names import PLATFORM, PUBLISH, TENANT_ID
from tenants.papers import new_license
from tenants.rules import Document, Kind, Paper
from tenants.service.publishing import publish, take_publication
from tenants.states import LicenseState, StaffState, TenantState
from tests.platform import Platform, new_tenant
from tests.scheduling.scenes import FAR, be_present, new_resident

BY = Caller("system:test")
OFFER = timedelta(hours=24)
NAME = "张三"
CODE = "86900000000017"
OTHER = "86900000000024"
MEDICINES = ((CODE, "苯磺酸氨氯地平片", "A", 2), (OTHER, "缬沙坦胶囊", "B", 1))
"""Code, name, insurance class and packs of what is prescribed."""
SETTLEMENT = "stl"
COUNSELLING = "每日早晨一片，若踝部水肿请复诊"
PUBLIC = frozenset(SLICE.events)
HANDLERS = {
    **SLICE.handlers,
    (SUPPLY_ENDED, 1): lambda unit, relay: {"refused": "nobody_settles_here"},
    (SUPPLY_FULFILLED, 1): lambda unit, relay: {"refused": "nobody_settles_here"},
}


def member(scope: Scope, *roles: Role) -> PublicId:
    """A fresh active member of a staff, with a key to sign with, at work."""
    row = Staff(
        id=new_id(), person_id=new_id(), name="王药师", roles=list(roles), subjects=[], state=StaffState.ACTIVE,
        registration_number="P-1", registration_until=FAR, version=1, created_at=datetime.now(UTC),
    )  # fmt: skip
    run(scope, lambda opened: opened.add(row))
    known = PublicId("sta", scope, row.id)
    make(scope, Caller(f"staff:{known}"))
    be_present(known)
    return known


def papers(scope: Scope, kind: Kind, name: str, parent: int | None, *documents: Document) -> None:
    """Open a tenant with these papers, and let the directory know."""

    def work(opened: Unit) -> Any:
        profile = Profile(
            id=new_id(), name=name, kind=kind, parent=parent, state=TenantState.ACTIVE, version=1, opened_at=opened.now
        )
        opened.add(profile)
        for document in documents:
            paper = Paper(document, f"N-{new_id()}", "药监局", (), FAR)
            opened.add(new_license(paper, LicenseState.VALID, opened.now))
        return publish(opened, profile).payload

    told = Incoming(new_id(), scope, "x", PUBLISH, run(scope, work))
    run(PLATFORM, lambda opened: take_publication(opened, told))


def suspend(tenant: Scope) -> None:
    """Let a tenant be suspended."""

    def work(opened: Unit) -> None:
        row = opened.first(opened.select(Profile).with_for_update())
        assert row
        row.state = TenantState.SUSPENDED

    run(tenant, work)


@dataclass(frozen=True)
class Shop:
    """A pharmacy that may sell online, with everything in stock; its people come when they are first asked for."""

    price: int = 1000
    """Of a pack, in fen."""
    parent: int | None = None
    scope: Scope = field(default_factory=new_tenant)
    name: str = field(default_factory=lambda: f"药店{new_id().hex[-6:]}")

    def __post_init__(self) -> None:
        """Open it and fill its shelves."""
        papers(
            self.scope, Kind.PHARMACY, self.name, self.parent, Document.DRUG_SUPPLY_LICENSE, Document.ONLINE_SALE_REPORT
        )
        self.stocks()

    @cached_property
    def pharmacist(self) -> PublicId:
        return member(self.scope, Role.PHARMACIST)

    @cached_property
    def preparer(self) -> PublicId:
        return member(self.scope, Role.PREPARER)

    @property
    def number(self) -> int:
        """The tenant's number."""
        return self.scope.require_tenant()

    @property
    def id(self) -> PublicId:
        """The tenant's public id."""
        with unit(self.scope) as reading:
            row = reading.first(reading.select(Profile))
        assert row
        return PublicId(TENANT_ID, self.scope, row.id)

    def stocks(self, price: int | None = None, stock: int = 100) -> None:
        """Tell price and stock of everything that is prescribed."""
        for code, name, *_ in MEDICINES:
            tell(self.scope, Told(code, name, price or self.price, stock), BY)

    def as_member(self, who: PublicId) -> OrderViewer:
        """A member of the staff as who acts."""
        return OrderViewer(self.scope, Caller(f"staff:{who}"))

    @property
    def counter(self) -> OrderViewer:
        """The pharmacist."""
        return self.as_member(self.pharmacist)

    @property
    def bench(self) -> OrderViewer:
        """The preparer."""
        return self.as_member(self.preparer)

    @property
    def system(self) -> OrderViewer:
        """The pharmacy's own system."""
        return OrderViewer(self.scope, Caller(f"client:{PublicId('cli', self.scope, new_id())}"))

    def orders(self) -> list[RoutingOrder]:
        """Every order, oldest first."""
        with unit(self.scope) as reading:
            return reading.all(reading.select(RoutingOrder).order_by(RoutingOrder.id))

    def order(self) -> RoutingOrder:
        """The newest order."""
        return self.orders()[-1]

    @property
    def known(self) -> PublicId:
        """The newest order's public id."""
        return routing_order_public_id(self.order())

    def code(self) -> str:
        """The pick-up code of the newest order."""
        with unit(self.scope) as reading:
            code = code_of(reading, self.order())
        assert code
        return code

    def end_license(self) -> None:
        """Let every paper have ended yesterday."""

        def work(opened: Unit) -> None:
            for row in opened.all(opened.select(License)):
                row.valid_until = date(2020, 1, 1)

        run(self.scope, work)

    def suspend(self) -> None:
        """Let the tenant be suspended."""
        suspend(self.scope)

    def prepare(self) -> RoutingOrder:
        """Bring the newest order from its offer to where it waits to be paid for."""
        known = self.known
        accepting.accept(self.counter, known)
        dispensing.check(self.counter, known)
        dispensing.prepare(self.bench, known)
        return dispensing.verify(self.counter, known)

    def settle(self) -> PublicId:
        """Let the newest order be paid for."""
        settlement, known = PublicId(SETTLEMENT, self.scope, new_id()), self.known
        run(self.scope, lambda opened: mark_settled(opened, known, settlement))
        return settlement

    def hand_over(self, code: str = "") -> RoutingOrder | Refused:
        """Hand over the newest order, against its code unless another is given."""
        return dispensing.hand_over(self.counter, self.known, code or self.code(), COUNSELLING)

    def time_is_up(self, after: timedelta = timedelta(0), *, expiry: bool = False) -> None:
        """Let the time of the newest order's offer, or of its prescription, be up `after` so long."""
        order_id = self.order().id

        def work(opened: Unit) -> None:
            row = opened.get(RoutingOrder, order_id, lock=True)
            assert row
            row.due_at = row.offer_until = opened.clock.now() + after
            if expiry:
                row.expires_at = row.due_at

        run(self.scope, work)


def wrong_than(code: str) -> str:
    """Another code."""
    return f"{(int(code) + 1) % 10**6:06}"


@dataclass(frozen=True)
class Ward:
    """A hospital with a doctor and a pharmacist who sign."""

    scope: Scope = field(default_factory=new_tenant)
    doctor: PublicId = field(init=False)
    reviewer: PublicId = field(init=False)

    def __post_init__(self) -> None:
        """Open it and hire its people."""
        papers(self.scope, Kind.HOSPITAL, "示范医院", None, Document.MEDICAL_INSTITUTION_LICENSE)
        object.__setattr__(self, "doctor", member(self.scope, Role.DOCTOR))
        object.__setattr__(self, "reviewer", member(self.scope, Role.PHARMACIST))

    def ready(self, person: uuid.UUID | None = None, valid: timedelta = timedelta(days=3)) -> Prescription:
        """A prescription that was signed and reviewed."""
        resident, id = person or new_resident(), new_id()

        def work(opened: Unit) -> Prescription:
            row = Prescription(
                tenant_id=self.scope.require_tenant(), id=id, resident_id=resident, doctor_id=self.doctor.id,
                doctor_name="陈医生", visit_id=new_id(), legal_basis="follow_up", state="ready", validity_days=3,
                institution_name="示范医院", signed_at=opened.now, expires_at=opened.now + valid, attempt=0,
                due_at=opened.now + valid, covers_until=date(2099, 1, 1), version=3, created_at=opened.now,
                content=seal_written(opened, id, Written((), ())),
            )  # fmt: skip
            row.document = seal_document(opened, id, canonical(document(row)))
            opened.add(row)
            opened.session.flush()
            add_signature(opened, row, self.doctor.id, SignedAs.DOCTOR)
            opened.session.flush()
            add_signature(opened, row, self.reviewer.id, SignedAs.REVIEWER)
            return row

        return run(self.scope, work)

    def now(self, prescription: Prescription) -> Prescription:
        """A prescription as it is now."""
        with unit(self.scope) as reading:
            found = reading.get(Prescription, prescription.id)
        assert found
        return found

    def choices(self, prescription: Prescription) -> list[str]:
        """What became of what was chosen, by rank."""
        with unit(self.scope) as reading:
            query = reading.select(Choice).where(Choice.prescription_id == prescription.id, Choice.rank.is_not(None))
            return [row.state for row in reading.all(query.order_by(Choice.rank))]

    def withdraw(self, prescription: Prescription) -> None:
        """The doctor withdraws it."""
        viewer = PrescriptionViewer(self.scope, Caller(f"staff:{self.doctor}"))
        ending.withdraw(viewer, prescription_public_id(prescription), WithdrawReason.WRITTEN_WRONGLY)


def document(row: Prescription) -> dict[str, Any]:
    """What the doctor signs."""
    lines = [
        {
            "sequence": at, "medicine": code, "name": name, "form": "片", "strength": "5mg", "category": category,
            "quantity": packs, "pack_units": 7, "unit": "片", "dose": 1000, "frequency": "qd", "route": "oral",
            "days": 7, "note": None,
        }
        for at, (code, name, category, packs) in enumerate(MEDICINES, 1)
    ]  # fmt: skip
    return {
        "id": str(prescription_public_id(row)), "tenant": "示范医院",
        "institution": {"name": "示范医院", "license": "N-1"},
        "resident": {"name": NAME, "sex": "male", "birth_date": "1960-01-01"}, "doctor": row.doctor_name,
        "legal_basis": row.legal_basis, "diagnoses": [{"code": "I10.x05", "name": "高血压病"}], "lines": lines,
        "note": None, "signed_at": row.signed_at.isoformat() if row.signed_at else None,
        "expires_at": row.expires_at.isoformat() if row.expires_at else None, "replaces": None,
    }  # fmt: skip


def resident_of(row: Prescription) -> PrescriptionViewer:
    """The resident of a prescription as who acts."""
    return PrescriptionViewer(Scope.for_person(row.resident_id), Caller(f"person:{row.resident_id}"))


def owner_of(row: RoutingOrder) -> OrderViewer:
    """The resident of an order as who acts."""
    return OrderViewer(Scope.for_person(row.resident_id), Caller(f"person:{row.resident_id}"))


def quoted(prescription: Prescription, *shops: Shop) -> list[quoting.Shown]:
    """Quotes of pharmacies, as they are shown."""
    known = prescription_public_id(prescription)
    return list(quoting.quotes(resident_of(prescription), known, [shop.id for shop in shops], None).data)


def chosen(prescription: Prescription, *shops: Shop, within: timedelta = OFFER) -> choosing.Routing:
    """Pharmacies chosen in this order by fresh quotes."""
    by_shop = {one.quote.tenant_id: quote_public_id(one.quote) for one in quoted(prescription, *shops)}
    wanted = [by_shop[shop.number] for shop in shops]
    return choosing.choose(resident_of(prescription), prescription_public_id(prescription), wanted, within)


@dataclass(frozen=True)
class Town:
    """A hospital, pharmacies, and the machines between them."""

    platform: Platform
    ward: Ward = field(default_factory=Ward)
    shops: Sequence[Shop] = field(default_factory=lambda: (Shop(),))

    @property
    def shop(self) -> Shop:
        """The first pharmacy."""
        return self.shops[0]

    def settle(self, *more: Scope) -> None:
        """Seal and carry until nothing moves."""
        scopes = (self.ward.scope, *(shop.scope for shop in self.shops), *more)
        while sum(seal(one, PUBLIC, self.platform.sealing) + carry(one, HANDLERS) for one in scopes):
            pass

    def offered(self, *shops: Shop, person: uuid.UUID | None = None) -> Prescription:
        """A prescription whose order has been offered to the first of `shops`."""
        prescription = self.ward.ready(person)
        chosen(prescription, *(shops or self.shops))
        self.settle()
        return self.ward.now(prescription)

    def prepared(self) -> Prescription:
        """A prescription whose order waits to be handed over, paid for."""
        prescription = self.offered(self.shop)
        self.shop.prepare()
        self.shop.settle()
        return prescription


@contextmanager
def costing(own_cost: OwnCost) -> Iterator[None]:
    """Let somebody else say what a resident pays themself."""
    former = ports()
    fill(replace(former, own_cost=own_cost))
    try:
        yield
    finally:
        fill(former)


def quotes_over(town: Town, prescription: Prescription) -> None:
    """Let the time of every quote of a prescription be over, at the hospital and at the pharmacies."""

    def over(opened: Unit) -> None:
        for row in opened.all(opened.select(Choice).where(Choice.prescription_id == prescription.id)):
            row.valid_until = opened.now

    def over_there(opened: Unit) -> None:
        for row in opened.all(opened.select(Quote)):
            row.valid_until = opened.now

    run(town.ward.scope, over)
    for shop in town.shops:
        run(shop.scope, over_there)


def payloads(giver: Scope, type: str) -> list[dict[str, Any]]:
    """What the relays of `type` say that a tenant has sealed, oldest first."""
    with unit(giver) as reading:
        query = reading.select(Relay).where(Relay.type == type)
        rows = reading.all(query.order_by(Relay.seq, Relay.position))
        return [orjson.loads(reading.cipher.open(row.payload or b"", relay_place(giver, row.id))) for row in rows]
