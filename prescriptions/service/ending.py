"""Ending a signed prescription: withdrawn by doctor or deputy, given up by its resident, expired by the clock.

While a pharmacy holds an order of it, the end waits for that pharmacy's answer.
"""

from app.core.ids import PublicId
from app.core.journal.record import Outgoing
from app.core.scope import Scope
from app.core.unit import Effect, Unit, run, unit
from app.visits.api import visit_to_prescribe
from prescriptions.errors import not_now
from prescriptions.ids import PrescriptionViewer, prescription_public_id
from prescriptions.models.prescribing import Prescription
from prescriptions.names import ORDER_STOP
from prescriptions.rules.ends import VISIT_FAILED, CloseReason, WithdrawReason
from prescriptions.rules.prescriptions import Event, State
from prescriptions.service.details import Detail, detail
from prescriptions.service.moving import happen
from prescriptions.service.reviewing import drop
from prescriptions.service.telling import show_at_once, shown


def withdraw(
    viewer: PrescriptionViewer, known: PublicId, reason: WithdrawReason, effect: Effect | None = None
) -> Detail:
    """Its doctor, or a deputy, withdraws a signed prescription; a pharmacy that holds its order is told to stop.

    Raises NotFound, Forbidden, WrongState where it has ended or is ending.
    """

    def work(opened: Unit) -> Detail:
        row = viewer.withdrawable(opened, known)
        if not stop(opened, row, Event.WITHDRAWN, reason):
            raise not_now(row.state)
        return detail(opened, row)

    return run(viewer.at(known), work, viewer.by, effect=effect)


def close(viewer: PrescriptionViewer, known: PublicId, reason: CloseReason, effect: Effect | None = None) -> Detail:
    """The resident gives a prescription up. Raises NotFound, WrongState.

    A look in the resident's own scope comes first, so that nobody reaches what is not theirs; the change itself is the
    tenant's.
    """
    with unit(viewer.at(known), viewer.by) as reading:
        viewer.prescription(reading, known)

    def work(opened: Unit) -> Detail:
        row = viewer.prescription(opened, known, lock=True)
        if not stop(opened, row, Event.CLOSED, reason):
            raise not_now(row.state)
        return detail(opened, row, for_staff=False)

    tenant = Scope.for_tenant(known.scope.require_tenant())
    closed = run(tenant, work, viewer.by, effect=effect)
    with unit(tenant) as reading:
        told = shown(reading, closed.row)
    show_at_once(closed.row.tenant_id, closed.row.resident_id, told, viewer.by)
    return closed


def end_of_visit(opened: Unit, visit: PublicId) -> int:
    """Let everything that was prescribed from a visit end, which ended without its conclusion; returns how much did.

    Source: 互联网诊疗管理办法(试行) 2018: what turns out to be a first visit bears no prescription.
    """
    found = visit_to_prescribe(opened, visit.id)
    query = opened.select(Prescription).where(
        Prescription.resident_id == found.resident, Prescription.visit_id == visit.id,
        Prescription.state.in_((State.PENDING_REVIEW, State.READY)),
    )  # fmt: skip
    rows = opened.all(query.order_by(Prescription.id).with_for_update())
    return sum(stop(opened, row, Event.WITHDRAWN, VISIT_FAILED) for row in rows)


def stop(opened: Unit, row: Prescription, event: Event, reason: str | None = None) -> bool:
    """Let a prescription end, which the unit holds locked: at once, or once its pharmacy has answered.

    An order that is live is told to stop, but for the expiry, which it knows itself. Returns whether anything changed.
    """
    reviewing = row.state == State.PENDING_REVIEW
    told = [] if event is Event.EXPIRED or row.order_tenant is None else [_order_stop(row, row.order_tenant, reason)]
    if not happen(opened, row, event, reason, told):
        return False
    if reviewing:
        drop(opened, row)
    return True


def _order_stop(row: Prescription, pharmacy: int, reason: str | None) -> Outgoing:
    payload = {"prescription": str(prescription_public_id(row)), "attempt": row.attempt, "reason": reason}
    return Outgoing(Scope.for_tenant(pharmacy), ORDER_STOP, payload)
