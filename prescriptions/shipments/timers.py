"""What shipments do by themselves: what never came back is lost, and a while after an end it is forgotten where to."""

from app.core.due import each_due
from app.core.scope import Scope
from app.core.timers import Timer
from app.core.unit import Unit
from prescriptions.shipments.models import Shipment
from prescriptions.shipments.moving import enter, require
from prescriptions.shipments.rules import OPEN, ShipmentEvent


def end_due(scope: Scope) -> int:
    """End the shipments of `scope` that did not come back, and forget where ended ones went; returns how many."""
    return each_due(scope, Shipment, _end)


def _end(opened: Unit, shipment: Shipment) -> int:
    """Only a shipment whose order has ended is due, so that nothing else moves it but its return, by the same lock."""
    if shipment.state in OPEN:
        require(opened, shipment, ShipmentEvent.NEVER_BACK)
        return 1
    shipment.destination = shipment.due_at = None
    enter(opened, shipment, "shipment.forgotten")
    return 1


SHIPMENT_TIMERS = (Timer("end-shipments", (Shipment,), end_due, hurried=False),)
