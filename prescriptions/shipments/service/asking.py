"""A resident wants an order brought to their door, or not any more."""

from app.core.ids import PublicId, new_id
from app.core.unit import Effect, Unit, run
from prescriptions.routing_errors import stands_against, wrong_order_state
from prescriptions.routing_ids import OrderViewer
from prescriptions.rules.orders import LIVE, OrderState
from prescriptions.service.accepting import in_time
from prescriptions.shipments.content import Destination, seal_destination
from prescriptions.shipments.ids import ShipmentViewer
from prescriptions.shipments.models import Shipment
from prescriptions.shipments.moving import begin, open_shipment, require
from prescriptions.shipments.rules import EndReason, ShipmentEvent, ShipmentState

ASKABLE = LIVE - {OrderState.OFFERED}


def ask(viewer: OrderViewer, order_id: PublicId, to: Destination, effect: Effect | None = None) -> Shipment:
    """Ask for an order to be brought to the door, once its pharmacy has accepted: so only that one learns where to.

    Raises NotFound, WrongState of the order, `not_shippable`, and `shipment_open` where it was asked for already.
    """

    def work(opened: Unit) -> Shipment:
        order = viewer.order(opened, order_id, lock=True)
        in_time(opened, order)
        if order.state not in ASKABLE:
            raise wrong_order_state(order, OrderState.ACCEPTED)
        if not order.shippable:
            raise stands_against("not_shippable")
        if open_shipment(opened, order):
            raise stands_against("shipment_open")
        id = new_id()
        shipment = Shipment(
            tenant_id=order.tenant_id, id=id, resident_id=order.resident_id, order_id=order.id,
            state=ShipmentState.ASKED, destination=seal_destination(opened, id, to), version=1,
            created_at=opened.now, moved_at=opened.now,
        )  # fmt: skip
        begin(opened, shipment)
        return shipment

    return run(viewer.at(order_id), work, viewer.by, effect=effect)


def call_off(viewer: ShipmentViewer, known: PublicId, effect: Effect | None = None) -> Shipment:
    """The resident will collect after all, as long as no courier has the parcel. Raises NotFound, WrongState."""

    def work(opened: Unit) -> Shipment:
        shipment = viewer.held(opened, known).shipment
        require(opened, shipment, ShipmentEvent.CALLED_OFF, EndReason.BY_RESIDENT)
        return shipment

    return run(viewer.at(known), work, viewer.by, effect=effect)
