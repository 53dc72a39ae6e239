"""What a hospital does when a pharmacy tells of an order."""

from app.core.ids import MalformedId, PublicId
from app.core.relays import Answer, Handler, Incoming
from app.core.unit import Unit
from prescriptions.models.prescribing import Prescription
from prescriptions.models.routing import Choice
from prescriptions.names import ORDER_ID, ORDER_MOVED, PRESCRIPTION_ID
from prescriptions.rules.choices import ChoiceState
from prescriptions.rules.orders import OrderState
from prescriptions.service.following import Moved, follow


def take_moved(unit: Unit, relay: Incoming) -> Answer:
    """Follow the order, if it is the prescription's live one; a stale attempt changes nothing."""
    prescription = _prescription(unit, relay)
    if prescription is None:
        return {"refused": "unknown_prescription"}
    if (prescription.order_tenant, prescription.attempt) != (relay.giver.tenant, relay.payload["attempt"]):
        return {"refused": "stale_attempt"}
    choice = _choice(unit, prescription)
    if choice is None:
        return {"refused": "stale_attempt"}
    moved = Moved(
        PublicId.parse(relay.payload["order"], ORDER_ID), OrderState(relay.payload["state"]), relay.payload["reason"]
    )
    follow(unit, prescription, choice, moved)
    return {}


def _prescription(unit: Unit, relay: Incoming) -> Prescription | None:
    """The prescription that the order is for, locked."""
    try:
        known = PublicId.parse(relay.payload["prescription"], PRESCRIPTION_ID)
    except MalformedId:
        return None
    return unit.get(Prescription, known.id, lock=True) if known.scope == unit.scope else None


def _choice(unit: Unit, prescription: Prescription) -> Choice | None:
    """The choice whose order lives."""
    query = unit.select(Choice).where(
        Choice.prescription_id == prescription.id, Choice.state == ChoiceState.OFFERED,
        Choice.attempt == prescription.attempt,
    )  # fmt: skip
    return unit.first(query.with_for_update())


HANDLERS: dict[tuple[str, int], Handler] = {(ORDER_MOVED, 1): take_moved}
