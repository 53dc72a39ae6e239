"""What shipments do by themselves: a while after their end, it is forgotten where they went."""

from app.core.due import each_due
from app.core.scope import Scope
from app.core.timers import Timer
from app.core.unit import Unit
from prescriptions.shipments.models import Shipment
from prescriptions.shipments.moving import enter


def forget_due(scope: Scope) -> int:
    """Forget where the shipments of `scope` went that are due; returns how many."""
    return each_due(scope, Shipment, _forget)


def _forget(opened: Unit, shipment: Shipment) -> int:
    shipment.destination = shipment.due_at = None
    enter(opened, shipment, "shipment.forgotten")
    return 1


SHIPMENT_TIMERS = (Timer("forget-destinations", (Shipment,), forget_due, hurried=False),)
