"""What visits do when they hear of a bill: the relays come from payments in the same tenant."""

from app.core.ids import MalformedId, PublicId
from app.core.relays import Answer, Handler, Incoming
from app.core.scope import Scope
from app.core.unit import Unit
from app.payments.api import BILL_PAID, BILL_REFUNDED, REFUND_ID
from app.visits.models import Visit
from app.visits.names import SHOW, VISIT_ID
from app.visits.rules.moves import Event
from app.visits.service.moving import enter, happen
from app.visits.service.telling import take_shown


def take_paid(unit: Unit, relay: Incoming) -> Answer:
    """Put the visit into the doctor's queue, or give the money back where it was given up meanwhile."""
    visit = _visit(unit, relay)
    if visit is None:
        return {"refused": "not_a_visit"}
    return {} if happen(unit, visit, Event.PAID) else {"refused": "nothing_to_change"}


def take_refunded(unit: Unit, relay: Incoming) -> Answer:
    """Note that what was paid is back."""
    visit = _visit(unit, relay)
    if visit is None:
        return {"refused": "not_a_visit"}
    if visit.refunded_at is not None or relay.payload["refund"] != _refund_of(visit):
        return {"refused": "another_refund"}
    visit.refunded_at = unit.now
    enter(unit, visit, "visit.refunded")
    return {}


def _visit(unit: Unit, relay: Incoming) -> Visit | None:
    """The visit that the bill is for, locked; None where it is for something else."""
    try:
        known = PublicId.parse(relay.payload["purpose"], VISIT_ID)
    except MalformedId:
        return None
    visit = unit.get(Visit, known.id, lock=True)
    if visit is None:
        raise LookupError("a bill without its visit")
    return visit


def _refund_of(visit: Visit) -> str | None:
    if visit.refund_id is None:
        return None
    return str(PublicId(REFUND_ID, Scope.for_tenant(visit.tenant_id), visit.refund_id))


HANDLERS: dict[tuple[str, int], Handler] = {
    (BILL_PAID, 1): take_paid,
    (BILL_REFUNDED, 1): take_refunded,
    (SHOW, 1): take_shown,
}
