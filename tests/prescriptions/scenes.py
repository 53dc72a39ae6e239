"""A hospital that prescribes: its formulary, a doctor and two pharmacists with keys, and machines turned by hand."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from sqlalchemy import select

from app.core.carry import carry
from app.core.ids import PublicId
from app.core.journal.seal import seal
from app.core.scope import Scope
from app.core.unit import Caller, Unit, run, unit
from app.factory import hearing
from app.identity.api import Role
from app.identity.signatures.service import make
from app.visits.ids import VisitViewer, visit_public_id
from app.visits.models import Visit
from app.visits.names import VISIT_ID
from app.visits.rules.conclusion import Diagnosis
from app.visits.service import acting, records
from app.visits.service.concluding import Outcome, conclude_for
from app.visits.timers import end_due
from prescriptions.ids import PrescriptionViewer, prescription_public_id, review_public_id
from prescriptions.models import Prescription, PrescriptionReview
from prescriptions.rules.lines import Control, Frequency, Line, Listed, Route
from prescriptions.rules.prescriptions import Event
from prescriptions.service import drafting, formulary, reviewing, signing
from prescriptions.service.checking import Wish
from prescriptions.service.details import Detail
from prescriptions.service.moving import happen
from prescriptions.service.verifying import known_to, signatures_hold
from tests.core.journal.scenes import eventually
from tests.platform import Platform
from tests.scheduling.scenes import be_present
from tests.visits.scenes import CONCLUSION, Clinic, time_is_up

BY = Caller("system:test")
CODE = "86901234000017"
OTHER = "86901234000024"
PENICILLIN = "86901234000031"
NAME = "苯磺酸左氨氯地平片"
AMLODIPINE = Listed(NAME, "C08CA01", "片", "5mg", "片", 7, "A", Control.ORDINARY, 2000, 2000, True)
VALSARTAN = replace(AMLODIPINE, name="缬沙坦胶囊", ingredient_group="C09CA03", category="B", unit="粒")
AMOXICILLIN = replace(AMLODIPINE, name="阿莫西林胶囊", ingredient_group="J01CA04", long_term=False, pack_units=24)
MEDICINES = {CODE: AMLODIPINE, OTHER: VALSARTAN, PENICILLIN: AMOXICILLIN}
DIAGNOSIS = Diagnosis("I10.x09", "高血压病")
NOTE = "晨起空腹服用，避免西柚"
QUESTION = "与既往用药是否重叠"
ANSWER = "已停用原药，请通过"


def line(code: str = CODE, **more: Any) -> Line:
    """One tablet every day for a week: one pack."""
    given = {"dose": 1000, "frequency": Frequency.ONCE_DAILY, "route": Route.ORAL, "days": 7, "quantity": 1, **more}
    return Line(code, **given)


def wish(*lines: Line, **more: Any) -> Wish:
    """What a doctor wants to prescribe."""
    given = {"diagnoses": (DIAGNOSIS,), "validity_days": 3, "note": NOTE, **more}
    return Wish(lines or (line(),), **given)


@dataclass(frozen=True)
class Ward:
    """A hospital that may hold visits online, with a formulary, a doctor and pharmacists who can sign."""

    platform: Platform = field(repr=False)
    clinic: Clinic = field(default_factory=Clinic)

    def __post_init__(self) -> None:
        """Fill the formulary, let the doctor sign."""
        for code, medicine in MEDICINES.items():
            formulary.add(self.scope, code, medicine, BY)
        self._able(self.clinic.doctor)

    @cached_property
    def pharmacist(self) -> PublicId:
        """Comes when first asked for: a key and its certificate cost more than most of what is tested."""
        return self._able(self.clinic.hospital.member(Role.PHARMACIST))

    @cached_property
    def second(self) -> PublicId:
        """Another one."""
        return self._able(self.clinic.hospital.member(Role.PHARMACIST))

    def _able(self, member: PublicId) -> PublicId:
        """The member, who can sign now and is at work."""
        make(self.scope, Caller(f"staff:{member}"))
        be_present(member)
        return member

    @property
    def scope(self) -> Scope:
        """The tenant's."""
        return self.clinic.scope

    @property
    def doctor(self) -> PrescriptionViewer:
        """The doctor as who acts."""
        return PrescriptionViewer(self.scope, Caller(f"staff:{self.clinic.doctor}"))

    @property
    def reviewer(self) -> PrescriptionViewer:
        """The first pharmacist as who acts."""
        return PrescriptionViewer(self.scope, Caller(f"staff:{self.pharmacist}"), reviewer=True)

    @property
    def colleague(self) -> PrescriptionViewer:
        """The other pharmacist."""
        return PrescriptionViewer(self.scope, Caller(f"staff:{self.second}"), reviewer=True)

    def clinic_other(self) -> PrescriptionViewer:
        """Another doctor of the hospital's."""
        return PrescriptionViewer(self.scope, Caller(f"staff:{self.clinic.hospital.doctor()}"))

    def visit(self, **more: Any) -> Visit:
        """A visit that was taken: evidence accepted, diagnosis written down."""
        visit = self.clinic.asked(**more)
        self.clinic.pay(visit)
        self.settle()
        eventually(lambda: self.clinic.now(visit).state == "paid")  # a worker of the test's may carry it, too
        known, viewer = visit_public_id(visit), self.clinic.viewer()
        acting.take(viewer, known)
        if visit.evidence is not None:
            acting.accept_evidence(viewer, known)
        records.write(viewer, known, CONCLUSION, 1)
        return self.clinic.now(visit)

    def visit_of(self, detail: Detail) -> Visit:
        """The visit that bears a prescription, as it is now."""
        with unit(self.scope) as reading:
            found = reading.get(Visit, detail.row.visit_id)
        assert found
        return found

    def draft(self, *lines: Line, visit: Visit | None = None, **more: Any) -> Detail:
        """A draft of the doctor's."""
        return drafting.write(self.doctor, visit_public_id(visit or self.visit()), wish(*lines, **more), None)

    def signed(self, *lines: Line, acknowledged: Sequence[str] = (), **more: Any) -> Detail:
        """A prescription in the pharmacists' queue."""
        return signing.sign(self.doctor, known(self.draft(*lines, **more)), acknowledged)

    def taken(self, *lines: Line, **more: Any) -> Detail:
        """A prescription whose review the first pharmacist took."""
        detail = self.signed(*lines, **more)
        reviewing.take(self.reviewer, self.review(detail))
        return detail

    def ready(self, *lines: Line, **more: Any) -> Detail:
        """A prescription that passed its review."""
        return reviewing.let_pass(self.reviewer, self.review(self.taken(*lines, **more)), ())

    def review(self, detail: Detail) -> PublicId:
        """The review of a prescription."""
        return review_public_id(self.review_now(detail))

    def review_now(self, detail: Detail) -> PrescriptionReview:
        """The review of a prescription as it is now."""
        with unit(self.scope) as reading:
            query = reading.select(PrescriptionReview).where(PrescriptionReview.prescription_id == detail.row.id)
            found = reading.first(query)
        assert found
        return found

    def now(self, detail: Detail) -> Prescription:
        """A prescription as it is now."""
        with unit(self.scope) as reading:
            found = reading.get(Prescription, detail.row.id)
        assert found
        return found

    def offered(self, detail: Detail, pharmacy: Scope) -> None:
        """Let a pharmacy hold an order of it."""

        def work(opened: Unit) -> None:
            row = opened.get(Prescription, detail.row.id, lock=True)
            assert row
            row.order_tenant, row.attempt = pharmacy.require_tenant(), row.attempt + 1
            assert happen(opened, row, Event.OFFERED)

        run(self.scope, work)

    def moved(self, detail: Detail, event: Event) -> None:
        """Let an event happen to a prescription that somebody else's word makes happen."""

        def work(opened: Unit) -> None:
            row = opened.get(Prescription, detail.row.id, lock=True)
            assert row and happen(opened, row, event)

        run(self.scope, work)

    def affairs(self) -> VisitViewer:
        """A member of medical affairs."""
        member = self.clinic.hospital.member(Role.MEDICAL_AFFAIRS)
        return VisitViewer(self.scope, Caller(f"staff:{member}"), inspector=True)

    def abandoned(self, *details: Detail) -> None:
        """The visits that bore these are left open, and medical affairs do not count them as care."""
        affairs = self.affairs()
        for detail in details:
            time_is_up(self.clinic, detail.row.visit_id)
            end_due(self.scope)
            visit = PublicId(VISIT_ID, self.scope, detail.row.visit_id)
            conclude_for(affairs, visit, Outcome.ABANDONED)

    def reviews(self) -> int:
        """How many reviews there are."""
        with unit(self.scope) as reading:
            query = select(PrescriptionReview.id).where(PrescriptionReview.tenant_id == self.scope.tenant)
            return len(list(reading.session.scalars(query)))

    def settle(self, *scopes: Scope) -> None:
        """Seal and carry between the hospital and `scopes` until nothing moves."""
        heard = hearing(self.platform.settings)
        everybody = (self.scope, *scopes)
        while sum(seal(s, heard.public, self.platform.sealing) + carry(s, heard.handlers) for s in everybody):
            pass


def known(detail: Detail) -> PublicId:
    """A prescription's public id."""
    return prescription_public_id(detail.row)


def person_of(detail: Detail) -> Scope:
    """The scope of its resident."""
    return Scope.for_person(detail.row.resident_id)


def resident(person: uuid.UUID) -> PrescriptionViewer:
    """A resident as who acts."""
    return PrescriptionViewer(Scope.for_person(person), Caller(f"person:{person}"))


def holds(ward: Ward, document: Mapping[str, Any], signatures: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a prescription of the ward's may be relied upon, by what it knows of its keys now."""
    return signatures_hold(document, signatures, known_to(ward.scope, signatures))


def codes(detail: Detail) -> list[tuple[str, int | None]]:
    """What the rules found, by code and line."""
    return [(one.code, one.line) for one in detail.written.findings]
