"""What resident and doctor do with a visit."""

from collections.abc import Callable

from app.core.calendar import local_date
from app.core.ids import PublicId
from app.core.journal.record import record
from app.core.scope import Scope
from app.core.unit import Effect, Unit, run, unit
from app.visits.content import seal_record
from app.visits.errors import evidence_accepted, lacking, may_not_practise, not_now, prescription_stands
from app.visits.ids import VisitViewer, visit_public_id
from app.visits.models import Visit, VisitRecord
from app.visits.names import RECORD_ID
from app.visits.rules.conclusion import Written
from app.visits.rules.moves import BY_RESIDENT, WORKED_ON, DeclineReason, Event, State, StopReason
from app.visits.service.concluding import missing_in
from app.visits.service.messages import in_time
from app.visits.service.moving import enter, require
from app.visits.service.telling import show_at_once
from tenants.api import doctor_may_visit_online, refuse_without_presence, remembering

Change = Callable[[Unit, Visit], None]


def cancel(viewer: VisitViewer, known: PublicId, effect: Effect | None = None) -> Visit:
    """The resident gives a visit up that was not taken yet; what was paid goes back. Raises NotFound, WrongState.

    A look in the resident's own scope comes first, so that nobody reaches what is not theirs; the change itself is the
    tenant's, because bill and payment move with it.
    """
    with unit(viewer.at(known), viewer.by) as reading:
        viewer.visit(reading, known)
    visit = _change(viewer, known, lambda opened, row: require(opened, row, Event.CANCELED, BY_RESIDENT), effect)
    show_at_once(visit, viewer.by)
    return visit


def take(viewer: VisitViewer, known: PublicId, effect: Effect | None = None) -> Visit:
    """The doctor takes a visit from the queue; its window begins.

    Raises NotFound, Forbidden, and WrongState, also where doctor or site may not hold visits online any more, or the
    doctor has not proved their presence; such a refusal stands in the journal.
    """

    def change(opened: Unit, visit: Visit) -> None:
        in_time(opened, visit)
        against = doctor_may_visit_online(opened, visit.doctor_id, visit.subject, local_date(opened.now))
        if against:
            raise may_not_practise(against)
        refuse_without_presence(opened, visit.doctor_id)
        require(opened, visit, Event.TAKEN)
        _open_record(opened, visit)

    with remembering(Scope.for_tenant(viewer.at(known).require_tenant()), "visit.take", known, viewer.by):
        return _change(viewer, known, change, effect)


def decline(viewer: VisitViewer, known: PublicId, reason: DeclineReason, effect: Effect | None = None) -> Visit:
    """The doctor does not take a visit. Raises NotFound, Forbidden, WrongState."""
    return _change(viewer, known, lambda opened, visit: require(opened, visit, Event.DECLINED, reason), effect)


def stop(viewer: VisitViewer, known: PublicId, reason: StopReason, effect: Effect | None = None) -> Visit:
    """The doctor ends a visit that cannot be held online.

    Raises NotFound, Forbidden, WrongState: `prescription_stands` while one that was signed in it does, so that nobody
    has their fee back for care, and nobody's medicines are withdrawn by the way. Who signs holds the visit, too.
    """

    def change(opened: Unit, visit: Visit) -> None:
        in_time(opened, visit)
        if visit.state == State.TAKEN and visit.prescribed:
            raise prescription_stands()
        require(opened, visit, Event.STOPPED, reason)

    return _change(viewer, known, change, effect)


def accept_evidence(viewer: VisitViewer, known: PublicId, effect: Effect | None = None) -> Visit:
    """The doctor accepts the evidence of the former diagnosis, once. Raises NotFound, Forbidden, WrongState."""

    def change(opened: Unit, visit: Visit) -> None:
        in_time(opened, visit)
        if visit.state not in WORKED_ON:
            raise not_now(visit)
        if visit.evidence is None or visit.evidence_accepted_at:
            raise evidence_accepted()
        visit.evidence_accepted_at = opened.now
        enter(opened, visit, "visit.evidence_accepted")

    return _change(viewer, known, change, effect)


def complete(viewer: VisitViewer, known: PublicId, effect: Effect | None = None) -> Visit:
    """The doctor concludes a visit. Raises NotFound, Forbidden, and WrongState with the code of what is missing."""

    def change(opened: Unit, visit: Visit) -> None:
        in_time(opened, visit)
        missing = missing_in(opened, visit)
        if visit.state in WORKED_ON and missing:
            raise lacking(missing)
        require(opened, visit, Event.COMPLETED)

    return _change(viewer, known, change, effect)


def _change(viewer: VisitViewer, known: PublicId, change: Change, effect: Effect | None) -> Visit:
    """Change a locked visit in the tenant's own scope, as its resident or its doctor."""

    def work(opened: Unit) -> Visit:
        visit = viewer.visit(opened, known, lock=True)
        change(opened, visit)
        return visit

    return run(Scope.for_tenant(viewer.at(known).require_tenant()), work, viewer.by, effect=effect)


def _open_record(opened: Unit, visit: Visit) -> None:
    content = seal_record(opened, visit.id, Written())
    opened.add(
        VisitRecord(id=visit.id, resident_id=visit.resident_id, content=content, written_at=opened.now, version=1)
    )
    about = PublicId(RECORD_ID, opened.scope, visit.id)
    record(opened, "visit_record.opened", about, 1, {"visit": str(visit_public_id(visit))})
