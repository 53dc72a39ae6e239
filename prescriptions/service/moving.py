"""Moving a prescription: the one place where an event changes its state, and tells of it."""

from collections.abc import Sequence

from app.core.journal.record import Facts, Outgoing, record
from app.core.unit import Unit
from app.visits.api import count_prescribed, note_supplied
from prescriptions.ids import prescription_public_id
from prescriptions.models.prescribing import Prescription
from prescriptions.rules.prescriptions import ENDED, TAKEN_BACK, Event, State, Stopping, move
from prescriptions.service.telling import show


def happen(
    unit: Unit,
    prescription: Prescription,
    event: Event,
    reason: str | None = None,
    more_outgoing: Sequence[Outgoing] = (),
) -> bool:
    """Let `event` happen to `prescription`, which the unit holds locked; returns whether it changed anything.

    Who raises OFFERED has named the order on the row before (`order_tenant`, `attempt`); ORDER_ENDED takes it off.
    """
    former = State(prescription.state)
    stopping = Stopping(prescription.stopping) if prescription.stopping else None
    found = move(former, event, live=prescription.order_tenant is not None, stopping=stopping)
    if found is None:
        return False
    if event is Event.ORDER_ENDED:
        _take_order_off(prescription)
    prescription.state, prescription.stopping = found.state, found.stopping
    if event is not Event.ORDER_ENDED:  # it leaves what stood: the reason of the stop, or none
        prescription.reason = reason
    if found.state in ENDED or found.stopping:
        prescription.due_at = prescription.waiting = None
    elif event is Event.OFFERED:
        prescription.waiting = None
    if event is Event.SIGNED or found.state in TAKEN_BACK:
        count_prescribed(unit, prescription.visit_id, 1 if event is Event.SIGNED else -1)
    if event is Event.FULFILLED:
        note_supplied(unit, prescription.visit_id)
    enter(unit, prescription, _happened(event, former, found.state, found.stopping), more_outgoing, reason)
    return True


def enter(
    unit: Unit,
    prescription: Prescription,
    happened: str,
    more_outgoing: Sequence[Outgoing] = (),
    reason: str | None = None,
) -> None:
    """Write the entry for what `happened` to a prescription as its next version; its resident hears once it is signed.

    `reason` is told where the prescription itself has none: why it happened, which says nothing of how it stands now.
    Raises ValueError for a malformed name of what happened.
    """
    prescription.version += 1
    told = [*([show(unit, prescription)] if prescription.signed_at else []), *more_outgoing]
    about, whose = prescription_public_id(prescription), prescription.resident_id
    record(unit, happened, about, prescription.version, facts_of(prescription, reason), told, whose)


def facts_of(prescription: Prescription, reason: str | None = None) -> Facts:
    """What entries say of a prescription: states and codes; `reason` where it has none of its own."""
    facts: dict[str, int | str] = {
        "state": prescription.state, "legal_basis": prescription.legal_basis, "attempt": prescription.attempt,
    }  # fmt: skip
    told = {name: getattr(prescription, name) for name in ("reason", "stopping", "order_state", "waiting")}
    told["reason"] = told["reason"] or reason
    return facts | {name: value for name, value in told.items() if value}


def _take_order_off(prescription: Prescription) -> None:
    prescription.order_tenant = prescription.order_id = None
    prescription.order_state = prescription.pharmacy_name = None


def _happened(event: Event, former: State, state: State, stopping: Stopping | None) -> str:
    if state is not former:
        return f"prescription.{state}"
    return "prescription.stopping" if stopping else f"prescription.{event}"
