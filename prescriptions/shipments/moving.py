"""Moving a shipment: the one place where an event changes its state; and how it follows its order."""

from app.core.journal.record import Facts, record
from app.core.unit import Unit
from prescriptions.models.routing import RoutingOrder
from prescriptions.rules.orders import OrderState
from prescriptions.shipments.errors import wrong_shipment_state
from prescriptions.shipments.ids import courier_public_id, order_public_id, shipment_public_id
from prescriptions.shipments.models import Shipment
from prescriptions.shipments.rules import OPEN, EndReason, ShipmentEvent, ShipmentState, due, move

_AS_BEFORE = (ShipmentEvent.RETURNED, ShipmentEvent.NEVER_BACK)
"""Events after which the reason stays why the parcel was not handed over."""


def begin(unit: Unit, shipment: Shipment) -> None:
    """Write the first entry of a fresh shipment."""
    unit.add(shipment)
    unit.session.flush()
    _note(unit, shipment, f"shipment.{shipment.state}")


def require(unit: Unit, shipment: Shipment, event: ShipmentEvent, reason: str | None = None) -> None:
    """Let `event` happen to a shipment, which the unit holds locked with its order.

    Raises WrongState `shipment_state` where it changes nothing.
    """
    if not _happen(unit, shipment, event, reason):
        raise wrong_shipment_state(shipment)


def enter(unit: Unit, shipment: Shipment, happened: str) -> None:
    """Write the entry for what `happened` to a shipment, without a change of its state, as its next version."""
    shipment.version += 1
    _note(unit, shipment, happened)


def open_shipment(unit: Unit, order: RoutingOrder) -> Shipment | None:
    """The shipment of `order` that has not ended; the unit holds the order locked."""
    query = unit.select(Shipment).where(Shipment.order_id == order.id, Shipment.state.in_(OPEN))
    return unit.first(query.with_for_update())


def last_shipment(unit: Unit, order: RoutingOrder) -> Shipment | None:
    """The last shipment of `order` that was asked for, ended or not."""
    return unit.first(unit.select(Shipment).where(Shipment.order_id == order.id).order_by(Shipment.id.desc()))


def follow(unit: Unit, order: RoutingOrder) -> None:
    """Let the open shipment of an order follow it, which has just been fulfilled, or has ended without hand-over."""
    shipment = open_shipment(unit, order)
    if shipment is None:
        return
    if order.state == OrderState.FULFILLED:
        at_the_door = shipment.state == ShipmentState.UNDER_WAY
        _happen(unit, shipment, ShipmentEvent.ORDER_FULFILLED, None if at_the_door else EndReason.COLLECTED)
    else:
        _happen(unit, shipment, ShipmentEvent.ORDER_ENDED, EndReason.ORDER_ENDED)


def _happen(unit: Unit, shipment: Shipment, event: ShipmentEvent, reason: str | None) -> bool:
    found = move(ShipmentState(shipment.state), event)
    if found is None:
        return False
    shipment.reason = shipment.reason if event in _AS_BEFORE else reason
    shipment.state, shipment.moved_at = found, unit.now
    shipment.due_at = due(found, event, unit.now)
    enter(unit, shipment, f"shipment.{found}")
    return True


def _note(unit: Unit, shipment: Shipment, happened: str) -> None:
    facts: Facts = {"state": shipment.state, "order": str(order_public_id(shipment))}
    courier = courier_public_id(shipment)
    if courier:
        facts = {**facts, "courier": str(courier)}
    if shipment.reason:
        facts = {**facts, "reason": shipment.reason}
    record(unit, happened, shipment_public_id(shipment), shipment.version, facts, (), shipment.resident_id)
