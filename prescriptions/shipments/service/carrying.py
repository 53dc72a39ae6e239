"""What a courier does with a parcel that was given to them: takes it along, hands it over, or reports why not."""

from app.core.errors import Refused
from app.core.ids import PublicId
from app.core.unit import Effect, Unit, run
from prescriptions.service.handing_over import supply
from prescriptions.shipments.errors import wrong_shipment_state
from prescriptions.shipments.ids import ShipmentViewer
from prescriptions.shipments.models import Shipment
from prescriptions.shipments.moving import require
from prescriptions.shipments.rules import IncidentReason, ShipmentEvent, ShipmentState


def pick_up(viewer: ShipmentViewer, known: PublicId, effect: Effect | None = None) -> Shipment:
    """Take the parcel along: from now on nobody hands it over at the counter. Raises NotFound, WrongState."""
    return _step(viewer, known, ShipmentEvent.PICKED_UP, effect)


def depart(viewer: ShipmentViewer, known: PublicId, effect: Effect | None = None) -> Shipment:
    """Be on the way to this door. Raises NotFound, WrongState."""
    return _step(viewer, known, ShipmentEvent.DEPARTED, effect)


def report(viewer: ShipmentViewer, known: PublicId, reason: IncidentReason, effect: Effect | None = None) -> Shipment:
    """Say why the parcel cannot be handed over: it comes back. Raises NotFound, WrongState."""
    return _step(viewer, known, ShipmentEvent.FAILED, effect, reason)


def hand_over(viewer: ShipmentViewer, known: PublicId, code: str, effect: Effect | None = None) -> Shipment | Refused:
    """Hand the parcel over at the door, against the code and by the rules of the counter, in the same act.

    Raises NotFound, Forbidden for a system, WrongState of the shipment and the order; wrong codes are remembered as at
    the counter.
    """

    def work(opened: Unit) -> Shipment | Refused:
        order, shipment = viewer.carried(opened, known)
        if shipment.state != ShipmentState.UNDER_WAY:
            raise wrong_shipment_state(shipment)
        refused = supply(opened, order, viewer, code)
        return refused or shipment

    return run(viewer.at(known), work, viewer.by, effect=effect)


def _step(
    viewer: ShipmentViewer, known: PublicId, event: ShipmentEvent, effect: Effect | None, reason: str | None = None
) -> Shipment:
    def work(opened: Unit) -> Shipment:
        shipment = viewer.carried(opened, known).shipment
        require(opened, shipment, event, reason)
        return shipment

    return run(viewer.at(known), work, viewer.by, effect=effect)
