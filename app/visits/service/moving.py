"""Moving a visit: the one place where an event changes its state, and does what goes with it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from app.core.calendar import local_date
from app.core.journal.record import Facts, Outgoing, record
from app.core.scope import Scope
from app.core.unit import Unit
from app.payments.api import request_cancel, request_refund
from app.visits.errors import not_now
from app.visits.ids import visit_public_id
from app.visits.models import Visit
from app.visits.names import FAILED
from app.visits.rules.moves import REMIND_AFTER, WORKED_ON, Effect, Event, State, move
from app.visits.service.telling import show
from tenants.api import responsible_institution


def happen(unit: Unit, visit: Visit, event: Event, reason: str | None = None) -> bool:
    """Let `event` happen to `visit`, which the unit holds locked; returns whether it changed anything."""
    former = State(visit.state)
    found = move(former, event)
    if found is None:
        return False
    for effect in sorted(found.effects):
        _DO[effect](unit, visit)
    moved = found.state is not former or event is Event.LEFT_OPEN
    if moved:
        _enter_state(unit, visit, found.state, reason)
    if event is Event.LEFT_ALONE:
        visit.due_at = None
    told = [_failed(visit)] if former in WORKED_ON and Effect.REFUND in found.effects else []
    enter(unit, visit, f"visit.{found.state}" if moved else _STAYS.get(event, "visit.refunding"), told)
    return True


def require(unit: Unit, visit: Visit, event: Event, reason: str | None = None) -> None:
    """The same, for somebody who asks for it; raises WrongState where it changes nothing."""
    if not happen(unit, visit, event, reason):
        raise not_now(visit)


def enter(unit: Unit, visit: Visit, happened: str, more_outgoing: Sequence[Outgoing] = ()) -> None:
    """Write the entry for what `happened` to a visit as its next version, which tells its resident."""
    visit.version += 1
    relays = [show(visit), *more_outgoing]
    record(unit, happened, visit_public_id(visit), visit.version, facts_of(visit), relays, visit.resident_id)


def facts_of(visit: Visit) -> Facts:
    """What entries say of a visit: states, codes and amounts."""
    facts: dict[str, int | str] = {"state": visit.state, "amount": visit.fee, "legal_basis": visit.legal_basis}
    if visit.reason:
        facts["reason"] = visit.reason
    return facts


def _failed(visit: Visit) -> Outgoing:
    return Outgoing(Scope.for_tenant(visit.tenant_id), FAILED, {"visit": str(visit_public_id(visit))})


def _enter_state(unit: Unit, visit: Visit, state: State, reason: str | None) -> None:
    visit.state, visit.reason, visit.due_at = state, reason, _deadline(visit, state, unit.now)
    if state is State.TAKEN:
        visit.taken_at = unit.now
    if visit.due_at is None:
        visit.ended_at = unit.now


def _deadline(visit: Visit, state: State, now: datetime) -> datetime | None:
    if state is State.UNCONCLUDED:
        return now + REMIND_AFTER
    seconds = {State.PAID: visit.take_seconds, State.TAKEN: visit.window_seconds}.get(state)
    return None if seconds is None else now + timedelta(seconds=seconds)


def _fix_institution(unit: Unit, visit: Visit) -> None:
    found = responsible_institution(unit, local_date(unit.now))
    visit.institution_name, visit.institution_license = found.name, found.license_number


def _close_bill(unit: Unit, visit: Visit) -> None:
    request_cancel(unit, visit.bill_id)


def _refund(unit: Unit, visit: Visit) -> None:
    visit.refund_id = request_refund(unit, visit.bill_id, visit.fee, "visit_not_completed").id


_STAYS: Mapping[Event, str] = {Event.LEFT_ALONE: "visit.left_unconcluded"}
"""What an event is called that leaves a visit in its state; any other gives money back."""
_DO: Mapping[Effect, Callable[[Unit, Visit], None]] = {
    Effect.CLOSE_BILL: _close_bill,
    Effect.FIX_INSTITUTION: _fix_institution,
    Effect.REFUND: _refund,
}
