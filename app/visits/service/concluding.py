"""What is missing of a visit's conclusion, what the end of its window does, and what medical affairs does about it."""

import uuid
from datetime import timedelta
from enum import StrEnum

from app.core.errors import Forbidden, NotFound
from app.core.ids import PublicId
from app.core.unit import Effect, Unit, run
from app.visits.content import evidence_of, written_in
from app.visits.errors import medicines_handed_over, not_now
from app.visits.ids import VisitViewer
from app.visits.models import Visit, VisitRecord
from app.visits.rules.conclusion import Lack, Written, lack
from app.visits.rules.moves import BY_MEDICAL_AFFAIRS, REMIND_AFTER, Conduct, Event, State, at_time_up
from app.visits.service.messages import doctor_wrote
from app.visits.service.moving import happen, require
from tenants.api import same_person


class Outcome(StrEnum):
    """As what medical affairs end a visit that its doctor left open: as care, or as none, and the fee goes back."""

    COMPLETED = "completed"
    ABANDONED = "abandoned"


def missing_in(opened: Unit, visit: Visit) -> Lack | None:
    """The first thing that a visit still needs before it is completed; None where nothing is."""
    row = opened.get(VisitRecord, visit.id)
    return lack(
        written_in(opened, row) if row else Written(), evidence_of(opened.cipher, visit),
        accepted=visit.evidence_accepted_at is not None, doctor_wrote=doctor_wrote(opened, visit),
    )  # fmt: skip


def end_of_time(opened: Unit, visit: Visit) -> None:
    """Let the time of a visit be up, which the unit holds locked."""
    conduct = Conduct(
        doctor_wrote(opened, visit), bool(visit.prescribed), missing_in(opened, visit) is None, _overdue(opened, visit)
    )
    happen(opened, visit, *at_time_up(State(visit.state), conduct))


def _overdue(opened: Unit, visit: Visit) -> timedelta:
    """How long ago the window of a visit closed; of one that was not taken, none did."""
    if visit.taken_at is None:
        return timedelta(0)
    return opened.now - visit.taken_at - timedelta(seconds=visit.window_seconds)


def count_prescribed(opened: Unit, visit_id: uuid.UUID, change: int) -> None:
    """One prescription more stands that was signed in a visit of the unit's tenant (1), or one less (-1).

    The entry is that of the prescription. One that was signed when nobody counted is none less. Where none stands any
    more, the end of time looks at the visit once more, though its doctor is reminded no longer: the fee is owed back.
    """
    visit = opened.get(Visit, visit_id, lock=True)
    if visit is None:
        return
    visit.prescribed = max(0, (visit.prescribed or 0) + change)
    if visit.state == State.UNCONCLUDED and not visit.prescribed and visit.due_at is None:
        visit.due_at = opened.now + REMIND_AFTER


def note_supplied(opened: Unit, visit_id: uuid.UUID) -> None:
    """Medicines that were prescribed in a visit of the unit's tenant were handed over.

    The entry is that of the prescription.
    """
    visit = opened.get(Visit, visit_id, lock=True)
    if visit is not None:
        visit.supplied = True


def conclude_for(viewer: VisitViewer, known: PublicId, outcome: Outcome, effect: Effect | None = None) -> Visit:
    """Medical affairs end a visit whose doctor does not conclude it: somebody else than that doctor.

    Raises NotFound, Forbidden `own_visit`, WrongState: `medicines_handed_over` where that was care beyond doubt. Who
    hands over at that moment is told by `visit.failed`, or is quicker: then the fee has gone back, and what was
    supplied is settled for itself.
    """

    def work(opened: Unit) -> Visit:
        visit = opened.get(Visit, known.id, lock=True)
        if visit is None:
            raise NotFound
        if same_person(opened, visit.doctor_id, viewer.staff_id):
            raise Forbidden("a doctor concludes their own visits themself", code="own_visit")
        if visit.state != State.UNCONCLUDED:
            raise not_now(visit)
        if outcome is Outcome.ABANDONED and visit.supplied:
            raise medicines_handed_over()
        event = Event.COMPLETED if outcome is Outcome.COMPLETED else Event.GIVEN_UP
        require(opened, visit, event, BY_MEDICAL_AFFAIRS)
        return visit

    return run(viewer.at(known), work, viewer.by, effect=effect)
