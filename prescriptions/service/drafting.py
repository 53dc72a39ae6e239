"""Writing a prescription: a draft that its doctor may change until they sign or discard it."""

import uuid

from app.core.errors import Forbidden, WrongState
from app.core.ids import PublicId, new_id
from app.core.journal.record import record
from app.core.scope import Scope
from app.core.unit import Effect, Unit, run, unit
from app.core.versions import expect_version
from app.visits.api import VisitToPrescribe, visit_to_prescribe
from prescriptions.content import Written, seal_written
from prescriptions.errors import not_now
from prescriptions.ids import PrescriptionViewer, prescription_public_id
from prescriptions.models.prescribing import Prescription
from prescriptions.rules.prescriptions import ENDED, Event, State
from prescriptions.service.care import Care, care_for
from prescriptions.service.checking import Wish, checked
from prescriptions.service.details import Detail, detail
from prescriptions.service.moving import enter, facts_of, happen


def write(
    viewer: PrescriptionViewer, visit: PublicId, wish: Wish, replaces: PublicId | None, effect: Effect | None = None
) -> Detail:
    """The doctor of a visit begins a prescription; what the rules find stands in it.

    Raises NotFound, Forbidden, WrongState `replaced_not_ended`.
    """
    with unit(viewer.at(visit), viewer.by) as reading:
        found = _own_visit(reading, viewer, visit.id)
    care = care_for(Scope.for_person(found.resident), visit, viewer.by)

    def work(opened: Unit) -> Detail:
        borne = _own_visit(opened, viewer, visit.id)
        row = _new(opened, borne, wish, checked(opened, wish, borne, care))
        row.replaces = _replaced(opened, viewer, row, replaces)
        opened.add(row)
        record(opened, "prescription.drafted", prescription_public_id(row), 1, facts_of(row))
        return detail(opened, row)

    return run(viewer.at(visit), work, viewer.by, effect=effect)


def edit(
    viewer: PrescriptionViewer, known: PublicId, wish: Wish, seen: int | None, effect: Effect | None = None
) -> Detail:
    """The doctor writes a draft anew.

    Raises NotFound, Forbidden, WrongState where it is no draft, PreconditionFailed where it is not the `seen` version.
    """
    care = care_of(viewer, known)

    def work(opened: Unit) -> Detail:
        row = draft(opened, viewer, known)
        expect_version(row, seen)
        written = checked(opened, wish, visit_to_prescribe(opened, row.visit_id), care, row.id)
        row.content, row.validity_days = seal_written(opened, row.id, written), wish.validity_days
        enter(opened, row, "prescription.edited")
        return detail(opened, row)

    return run(viewer.at(known), work, viewer.by, effect=effect)


def discard(viewer: PrescriptionViewer, known: PublicId, effect: Effect | None = None) -> Detail:
    """The doctor gives a draft up. Raises NotFound, Forbidden, WrongState."""

    def work(opened: Unit) -> Detail:
        row = draft(opened, viewer, known)
        happen(opened, row, Event.DISCARDED)
        return detail(opened, row)

    return run(viewer.at(known), work, viewer.by, effect=effect)


def draft(opened: Unit, viewer: PrescriptionViewer, known: PublicId) -> Prescription:
    """The doctor's own draft, locked; raises NotFound, Forbidden, WrongState where it is none any more."""
    row = viewer.prescription(opened, known, lock=True)
    if row.state != State.DRAFT:
        raise not_now(row.state)
    return row


def care_of(viewer: PrescriptionViewer, known: PublicId) -> Care:
    """What to know of the resident of the doctor's own prescription. Two units; raises NotFound, Forbidden."""
    with unit(viewer.at(known), viewer.by) as reading:
        resident = viewer.prescription(reading, known).resident_id
    return care_for(Scope.for_person(resident), known, viewer.by)


def _own_visit(opened: Unit, viewer: PrescriptionViewer, visit_id: uuid.UUID) -> VisitToPrescribe:
    found = visit_to_prescribe(opened, visit_id)
    if found.doctor != viewer.staff_id:
        raise Forbidden("only the visit's doctor prescribes from it")
    return found


def _new(opened: Unit, visit: VisitToPrescribe, wish: Wish, written: Written) -> Prescription:
    id = new_id()
    return Prescription(
        tenant_id=opened.scope.require_tenant(), id=id, resident_id=visit.resident, doctor_id=visit.doctor,
        doctor_name=visit.doctor_name, visit_id=visit.id.id, legal_basis=visit.legal_basis, state=State.DRAFT,
        validity_days=wish.validity_days, content=seal_written(opened, id, written), attempt=0, version=1,
        created_at=opened.now,
    )  # fmt: skip


def _replaced(
    opened: Unit, viewer: PrescriptionViewer, row: Prescription, replaces: PublicId | None
) -> uuid.UUID | None:
    """The ended prescription of the same doctor for the same resident in whose place this one comes."""
    if replaces is None:
        return None
    viewer.at(replaces)  # another tenant's is not found
    former = viewer.prescription(opened, replaces)
    if former.resident_id != row.resident_id or former.state not in ENDED:
        raise WrongState("it replaces an ended prescription of the same resident", code="replaced_not_ended")
    return former.id
