"""What institutions keep of a resident: visits and prescriptions, as rows, with what the resident keeps of them."""

from datetime import timedelta
from typing import Any

from app.core.calendar import local_date
from app.core.ids import PublicId, new_id
from app.core.unit import Unit, run
from app.edge.paging import Page
from app.records.service.grounds import by_visit
from app.records.service.reading import SharedRecord, shared
from app.residents.rules.consents import Category
from app.visits.content import seal_complaint, seal_record
from app.visits.ids import visit_public_id
from app.visits.models import PersonVisit, Visit, VisitRecord
from app.visits.rules.conclusion import Diagnosis, Written
from prescriptions.content import Written as Prescribed
from prescriptions.content import seal_groups, seal_written
from prescriptions.ids import prescription_public_id
from prescriptions.models.prescribing import PersonPrescription, Prescription
from prescriptions.rules.lines import Control as Special
from prescriptions.rules.lines import Frequency, Line, Listed, Route
from tests.records.scenes import ASKED, House, Somebody

DIAGNOSIS = Diagnosis("I10.x09", "高血压病")
_LISTED = Listed("苯磺酸氨氯地平片", "C08CA01", "片", "5mg", "片", 7, "A", Special.ORDINARY, 2000, 2000, True)


def visit(
    at: House, who: Somebody, state: str = "taken", open_for: timedelta = timedelta(hours=1),
    ago: timedelta = timedelta(),
) -> Visit:  # fmt: skip
    """A visit with the doctor of `at`, which ended so long ago; a completed one is kept by the resident too."""
    completed = state == "completed"

    def make(opened: Unit) -> Visit:
        id = new_id()
        row = opened.add(
            Visit(
                tenant_id=at.number, id=id, resident_id=who.id, doctor_id=at.doctor.id, doctor_name="陈医生",
                subject="03", legal_basis="with_doctor_present", state=state, fee=1, bill_id=new_id(),
                institution_name="北院", institution_license="x", take_seconds=1, window_seconds=1, version=1,
                created_at=opened.now, complaint=seal_complaint(opened, id, "头痛"),
                due_at=opened.now + open_for if state in ("paid", "taken") else None,
                ended_at=None if state in ("paid", "taken") else opened.now - ago,
            )
        )  # fmt: skip
        opened.session.flush()
        content = seal_record(opened, id, Written(diagnoses=(DIAGNOSIS,)))
        opened.add(VisitRecord(id=id, resident_id=who.id, content=content, written_at=opened.now, version=1))
        return row

    made = run(at.scope, make)
    if completed:
        run(who.scope, lambda opened: opened.add(_kept(made)))
    return made


def prescription(
    at: House, who: Somebody, state: str = "ready", doctor: PublicId | None = None, ago: timedelta = timedelta()
) -> Prescription:
    """A prescription that the doctor signed so long ago, which the resident keeps too."""
    line = Line("86900000000017", 1000, Frequency.ONCE_DAILY, Route.ORAL, 7, 1, None, _LISTED)

    def make(opened: Unit) -> Prescription:
        id, now = new_id(), opened.now
        return opened.add(
            Prescription(
                tenant_id=at.number, id=id, resident_id=who.id, doctor_id=(doctor or at.doctor).id,
                doctor_name="陈医生", visit_id=new_id(), legal_basis="follow_up", state=state, validity_days=1,
                institution_name="北院", content=seal_written(opened, id, Prescribed((line,), (DIAGNOSIS,))),
                document=b"x", signed_at=now - ago, expires_at=now + timedelta(days=1),
                covers_until=local_date(now) + timedelta(days=6), attempt=0, version=1, created_at=now,
            )
        )  # fmt: skip

    made = run(at.scope, make)
    run(who.scope, lambda opened: opened.add(_kept_prescription(opened, made)))
    return made


def read(
    by: House, who: Somebody, category: Category = Category.VISITS, open_visit: Visit | None = None, **asked: Any
) -> Page[SharedRecord]:
    """What the doctor of `by` reads, who has an open visit with the resident."""
    known = visit_public_id(open_visit or visit(by, who))
    return shared(by_visit(by.viewer, known), category, {**ASKED, **asked}, by.viewer.by)


def sources(page: Page[SharedRecord]) -> list[PublicId]:
    """What a page is about."""
    return [one.source for one in page.data]


def id_of(row: Prescription) -> PublicId:
    """A prescription's public id."""
    return prescription_public_id(row)


def _kept(row: Visit) -> PersonVisit:
    return PersonVisit(
        person_id=row.resident_id, id=row.id, tenant=row.tenant_id, doctor_id=row.doctor_id,
        doctor_name=row.doctor_name, legal_basis=row.legal_basis, state=row.state, fee=row.fee, bill_id=row.bill_id,
        refunded=False, institution_name=row.institution_name, requested_at=row.created_at, source_version=1,
    )  # fmt: skip


def _kept_prescription(opened: Unit, row: Prescription) -> PersonPrescription:
    return PersonPrescription(
        person_id=row.resident_id, id=row.id, tenant=row.tenant_id, doctor_name=row.doctor_name,
        institution_name="北院", state=row.state, signed_at=row.signed_at, expires_at=row.expires_at,
        covers_until=row.covers_until, groups=seal_groups(opened, row.id, ["C08CA01"]), source_version=1,
    )  # fmt: skip
