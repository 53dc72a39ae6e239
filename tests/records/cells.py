"""Each line of the table of purposes in action: who reads what, and what ends it."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from app.core.calendar import local_date
from app.core.errors import NotFound
from app.core.ids import PublicId, new_id
from app.core.scope import Scope
from app.core.unit import Unit, run, unit
from app.identity.api import Role
from app.records.queries import access_of
from app.records.rules.emergencies import Verdict
from app.records.service.emergencies import EMERGENCY_KEPT, close, emergency_id, review
from app.records.service.grounds import Ground, by_case, by_contract, by_emergency, by_visit
from app.records.service.projects import project_id
from app.records.service.reading import shared
from app.records.service.research import extract
from app.records.timers import end_due
from app.residents.names import CONTRACT_ID
from app.residents.purposes import FOLLOWED_UP
from app.residents.queries import contracts
from app.residents.rules.consents import Category, Purpose
from app.residents.service import consents
from app.visits.ids import VisitViewer, visit_public_id
from app.visits.models import Visit
from app.visits.purposes import AFTERCARE
from app.visits.queries import visit_of
from app.visits.rules.duties import SITTING, Duty
from app.visits.service.inspecting import inspect
from insurance.models import Claim, ClaimCase
from insurance.models.coverages import Member
from insurance.names import CASE_ID, CLAIM_ID, ELIGIBILITY_ID, MEMBER_ID
from insurance.purposes import ASKED as CHECKED
from insurance.purposes import DISPUTED
from insurance.queries.claims import case_of, claim_of
from insurance.queries.coverages import members_of
from insurance.service.eligibility import read as check_of
from prescriptions.ids import PrescriptionViewer
from prescriptions.models.prescribing import Prescription
from prescriptions.models.routing import RoutingOrder
from prescriptions.names import ORDER_ID
from prescriptions.order_queries import order_of, paper_of
from prescriptions.purposes import SUPPLIED
from prescriptions.queries import prescription_of
from prescriptions.routing_ids import OrderViewer
from prescriptions.service import drafting
from tenants.rules import Kind
from tests.architecture.claim_specimens import claim, claim_case, member
from tests.architecture.pharmacy_specimens import routing_order
from tests.architecture.specimens import eligibility_check
from tests.prescriptions.scenes import wish
from tests.records.cell import Cell, passed
from tests.records.desk_cells import correction_cell, feed_cell, telephone_cell
from tests.records.kept import id_of, prescription, visit
from tests.records.parcel_cells import parcel_cell, shipment_cell
from tests.records.research import OVER, registered
from tests.records.scenes import ASKED, House, Somebody, contracted, house, opened_access, resident
from tests.scheduling.clock import Clock

Scene = Callable[[Clock], Cell]


def contract_cell(clock: Clock) -> Cell:
    team, who = house(Kind.FAMILY_DOCTOR_TEAM), resident()
    contracted(team, who)

    def read() -> None:
        if not contracts(team.scope, {**ASKED, "state": None}).data:
            raise NotFound

    return Cell(read, lambda: clock.forward(days=30 + FOLLOWED_UP.days + 1))


def visit_cell(clock: Clock) -> Cell:
    at = house()
    known = visit_public_id(visit(at, resident(), "completed"))
    return Cell(lambda: visit_of(VisitViewer(at.scope, at.viewer.by), known), lambda: passed(clock, AFTERCARE))


def duty_cell(clock: Clock) -> Cell:
    at = house()
    known = visit_public_id(visit(at, resident(), "stopped"))
    member = VisitViewer(at.scope, at.acting(at.member(Role.MEDICAL_AFFAIRS)).by, inspector=True)
    inspect(member, known, Duty.COMPLAINT)
    return Cell(lambda: visit_of(member, known), lambda: passed(clock, SITTING))


def prescriber_cell(clock: Clock) -> Cell:
    at = house()
    known = id_of(prescription(at, resident(), "completed"))
    return Cell(lambda: prescription_of(prescriber(at), known), lambda: clock.forward(days=7))


def reviewer_cell(clock: Clock) -> Cell:
    at = house()
    row = prescription(at, resident())
    member = PrescriptionViewer(at.scope, at.acting(at.member(Role.PHARMACIST)).by, reviewer=True)
    return Cell(lambda: prescription_of(member, id_of(row)), lambda: changed(Prescription, row, state="expired"))


def deputy_cell(clock: Clock) -> Cell:
    at = house()
    row = prescription(at, resident(), doctor=PublicId("sta", at.scope, new_id()))
    member = PrescriptionViewer(at.scope, at.acting(at.member(Role.MEDICAL_AFFAIRS)).by, deputy=True)

    def take() -> None:
        with unit(at.scope, member.by) as opened:
            member.withdrawable(opened, id_of(row))

    return Cell(take, lambda: None, lambda: prescription_of(member, id_of(row)))


def care_cell(clock: Clock) -> Cell:
    at = house()
    row = prescription(at, resident())
    changed(Prescription, row, state="draft", document=None, signed_at=None, expires_at=None, institution_name=None)
    viewer, known = prescriber(at), id_of(row)
    end = {"state": "discarded"}
    return Cell(
        lambda: drafting.care_of(viewer, known), lambda: changed(Prescription, row, **end),
        lambda: drafting.edit(viewer, known, wish(), 1),
    )  # fmt: skip


def order_cell(clock: Clock) -> Cell:
    shop = house(Kind.PHARMACY)
    known = PublicId.parse(routing_order(shop.scope, {}), ORDER_ID)
    viewer = OrderViewer(shop.scope, shop.acting(shop.member(Role.PREPARER)).by)
    with unit(shop.scope) as reading:
        row = reading.get(RoutingOrder, known.id)
    assert row

    def handed_over() -> None:
        done = {"handed_over_at": clock.now(), "settled_by": "x", "due_at": None}
        changed(RoutingOrder, row, state="fulfilled", **done)
        order_of(viewer, known)
        passed(clock, SUPPLIED)

    return Cell(lambda: paper_of(viewer, known), handed_over)


def claim_cell(clock: Clock) -> Cell:
    at = house()
    known = PublicId.parse(claim(at.scope, {}), CLAIM_ID)

    def settled() -> None:
        passed(clock, DISPUTED + timedelta(days=1))
        claim_of(known, at.viewer.by)  # it is open
        changed(Claim, found(Claim, known), state="settled")

    return Cell(lambda: claim_of(known, at.viewer.by), settled)


def case_cell(clock: Clock) -> Cell:
    at = house(Kind.INSURER)
    known = PublicId.parse(claim_case(at.scope, {}), CASE_ID)

    def settled() -> None:
        changed(ClaimCase, found(ClaimCase, known), state="withdrawn")
        case_of(known, at.viewer.by)  # it may be disputed
        passed(clock, DISPUTED + timedelta(days=1))

    return Cell(lambda: case_of(known, at.viewer.by), settled)


def member_cell(clock: Clock) -> Cell:
    at = house(Kind.INSURER)
    known = PublicId.parse(member(at.scope, {}), MEMBER_ID)

    def read() -> None:
        if not members_of(at.scope, {**ASKED, "plan": None}).data:
            raise NotFound

    def over() -> None:
        changed(Member, found(Member, known), state="ended", reason="left", valid_until=local_date(clock.now()))
        passed(clock, DISPUTED + timedelta(days=1))

    return Cell(read, over)


def check_cell(clock: Clock) -> Cell:
    at = house()
    known = PublicId.parse(eligibility_check(at.scope, {}), ELIGIBILITY_ID)
    return Cell(lambda: check_of(known, at.viewer.by), lambda: passed(clock, CHECKED))


def shared_visit_cell(clock: Clock) -> Cell:
    at, who = house(), resident()
    who.consents(at, Category.VISITS)
    row = visit(at, who)
    end = {"state": "completed", "due_at": None}
    return Cell(_reading(at, who, by_visit, visit_public_id(row)), lambda: changed(Visit, row, **end))


def shared_contract_cell(clock: Clock) -> Cell:
    at, who = house(Kind.FAMILY_DOCTOR_TEAM), resident()
    who.consents(at, Category.VISITS, Purpose.FAMILY_DOCTOR, days=365)
    known = PublicId(CONTRACT_ID, at.scope, contracted(at, who).id)
    return Cell(_reading(at, who, by_contract, known), lambda: clock.forward(days=31))


def shared_case_cell(clock: Clock) -> Cell:
    at = house(Kind.INSURER)
    known = PublicId.parse(claim_case(at.scope, {}), CASE_ID)
    row, who = found(ClaimCase, known), resident()
    changed(ClaimCase, row, resident_id=who.id)
    who.consents(at, Category.VISITS, Purpose.INSURANCE_CLAIM)
    return Cell(_reading(at, who, by_case, known), lambda: changed(ClaimCase, row, state="withdrawn"))


def emergency_cell(clock: Clock) -> Cell:
    at, who = house(), resident()
    access = opened_access(at, who)
    return Cell(
        _reading(at, who, by_emergency, emergency_id(access.row)), lambda: close(at.viewer, emergency_id(access.row))
    )


def research_cell(clock: Clock) -> Cell:
    at, who = house(), resident()
    visit(at, who, "completed", ago=OVER)
    consent = who.consents(at, Category.DIAGNOSES, Purpose.RESEARCH)
    project, reader = project_id(registered(at).row), at.acting(at.member(Role.RESEARCHER))

    def read() -> None:
        if not extract(reader, project, Category.DIAGNOSES, "").data:
            raise NotFound

    return Cell(read, lambda: consents.revoke(consent.id, who.by))


def officer_cell(clock: Clock) -> Cell:
    at = house()
    known = emergency_id(opened_access(at, resident()).row)
    officer = at.acting(at.member(Role.PRIVACY_OFFICER))

    def forgotten() -> None:
        close(at.viewer, known)
        review(officer, known, Verdict.JUSTIFIED, "x")
        passed(clock, EMERGENCY_KEPT)
        end_due(at.scope)

    return Cell(lambda: access_of(officer, known), forgotten)


def _reading(at: House, who: Somebody, ground: Callable[..., Ground], known: PublicId) -> Callable[[], Any]:
    return lambda: shared(ground(at.viewer, known), Category.VISITS, ASKED, at.viewer.by)


def prescriber(at: House) -> PrescriptionViewer:
    return PrescriptionViewer(at.scope, at.viewer.by)


def found(model: Any, known: PublicId) -> Any:
    with unit(known.scope) as reading:
        row = reading.get(model, known.id)
    assert row
    return row


def changed(model: Any, row: Any, **values: Any) -> None:
    """Something happened to a row."""

    def change(opened: Unit) -> None:
        held = opened.get(model, row.id, lock=True)
        assert held
        for name, value in values.items():
            setattr(held, name, value)

    run(Scope.for_tenant(row.tenant_id), change)


_RESEARCH = ("extract for research", "researcher")
_VISIT, _PRESCRIPTION, _KEPT = "visit:", "prescription with", "what all institutions keep"
SCENES: Mapping[tuple[str, str], Scene] = {
    ("event:", "administrator"): feed_cell,
    ("family-doctor contract", "doctor, nurse"): contract_cell,
    (_VISIT, "doctor"): visit_cell,
    _RESEARCH: research_cell,
    (_VISIT, "medical affairs"): duty_cell,
    (_PRESCRIPTION, "doctor"): prescriber_cell,
    (_PRESCRIPTION, "pharmacist"): reviewer_cell,
    (_PRESCRIPTION, "head of department"): deputy_cell,
    ("allergies", "doctor, pharmacist"): care_cell,
    ("routing order", "pharmacist, preparer"): order_cell,
    ("shipment", "pharmacist, preparer"): shipment_cell,
    ("shipment", "courier"): parcel_cell,
    ("claim with", "finance clerk"): claim_cell,
    ("claim case", "claims reviewer"): case_cell,
    ("member", "administrator"): member_cell,
    ("eligibility check", "registrar"): check_cell,
    (_KEPT, "doctor"): shared_visit_cell,
    (_KEPT, "doctor of"): shared_contract_cell,
    (_KEPT, "claims reviewer"): shared_case_cell,
    (_KEPT, "doctor in"): emergency_cell,
    ("emergency access", "privacy officer"): officer_cell,
    ("appointment", "phone agent"): telephone_cell,
    ("correction", "medical affairs"): correction_cell,
}
"""By the beginnings of what is read and of who reads it."""
