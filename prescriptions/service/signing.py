"""Signing a prescription: checked once more, written as a document, signed with the doctor's own key."""

from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta

from app.core.ids import PublicId, new_id
from app.core.journal.record import record
from app.core.unit import Effect, Unit, run
from app.visits.api import VisitToPrescribe, visit_to_prescribe
from prescriptions.content import Written, seal_document, seal_written, written_in
from prescriptions.errors import blocked, unanswered
from prescriptions.ids import PrescriptionViewer, prescription_public_id, review_public_id
from prescriptions.models.prescribing import Prescription, PrescriptionReview
from prescriptions.rules import findings as rules
from prescriptions.rules.documents import SignedAs
from prescriptions.rules.prescriptions import Event
from prescriptions.rules.reviews import ReviewState
from prescriptions.rules.validity import covers_until, expires_at
from prescriptions.service.care import Care
from prescriptions.service.checking import checked, wish_of
from prescriptions.service.details import Detail, detail
from prescriptions.service.documents import add_signature, write_document
from prescriptions.service.drafting import care_of, draft
from prescriptions.service.moving import happen
from tenants.api import refuse_without_presence, remembering


def sign(
    viewer: PrescriptionViewer,
    known: PublicId,
    acknowledged: Collection[str],
    day: timedelta | None = None,
    effect: Effect | None = None,
) -> Detail:
    """The doctor signs a draft, having `acknowledged` every warning; it stands in the pharmacists' queue then.

    Visit, papers, formulary, allergies and what the resident takes are looked at again, the visit locked: it neither
    ends nor bears another prescription at the same moment. `day`: see `rules.validity`.
    Raises NotFound, Forbidden, and WrongState: `prescription_state`, `prescription_blocked`, `findings_unanswered` (the
    faults name the findings), `presence_needed`, `no_signing_key`, `no_certificate`.
    """
    care = care_of(viewer, known)

    def work(opened: Unit) -> Detail:
        row = draft(opened, viewer, known)
        refuse_without_presence(opened, viewer.staff_id)
        visit = visit_to_prescribe(opened, row.visit_id, lock=True)
        written = checked(opened, wish_of(written_in(opened, row), row.validity_days), visit, care, row.id)
        _refuse(written, frozenset(acknowledged))
        seen = {one.code for one in written.findings} & frozenset(acknowledged)
        _seal(opened, row, replace(written, acknowledged=tuple(sorted(seen))), visit, care, day)
        happen(opened, row, Event.SIGNED)
        add_signature(opened, row, viewer.staff_id, SignedAs.DOCTOR)
        _queue(opened, row)
        return detail(opened, row)

    with remembering(viewer.at(known), "prescription.sign", known, viewer.by):
        return run(viewer.at(known), work, viewer.by, effect=effect)


def _refuse(written: Written, acknowledged: frozenset[str]) -> None:
    against = rules.blocking(written.findings)
    if against:
        raise blocked(against)
    unseen = rules.unanswered(written.findings, acknowledged)
    if unseen:
        raise unanswered(unseen)


def _seal(
    opened: Unit, row: Prescription, written: Written, visit: VisitToPrescribe, care: Care, day: timedelta | None
) -> None:
    """Fix what is signed, and until when it holds."""
    until = expires_at(opened.now, row.validity_days, day)
    document = write_document(opened, row, written, visit, care.resident, until)
    row.content, row.document = seal_written(opened, row.id, written), seal_document(opened, row.id, document)
    row.institution_name, row.signed_at = visit.institution_name, opened.now
    row.expires_at = row.due_at = until
    row.covers_until = covers_until(opened.now, max(line.days for line in written.lines))


def _queue(opened: Unit, row: Prescription) -> None:
    review = opened.add(
        PrescriptionReview(
            tenant_id=row.tenant_id, id=new_id(), prescription_id=row.id, author_id=row.doctor_id,
            state=ReviewState.QUEUED, created_at=opened.now, version=1,
        )
    )  # fmt: skip
    facts = {"prescription": str(prescription_public_id(row))}
    record(opened, "prescription_review.queued", review_public_id(review), 1, facts)
