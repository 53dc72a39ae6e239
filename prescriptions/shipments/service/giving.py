"""The pharmacy gives a prepared parcel to a courier of its own, does not ship it, or takes it back to the shelf."""

import uuid

from app.core.ids import PublicId
from app.core.unit import Effect, Unit, run
from prescriptions.models.routing import RoutingOrder
from prescriptions.order_content import lines_of, seal_counselling
from prescriptions.routing_errors import stands_against
from prescriptions.rules.orders import OrderEvent, OrderState
from prescriptions.service.accepting import in_time, refuse_unlicensed
from prescriptions.service.handing_over import refuse_author, refuse_unready
from prescriptions.service.ordering import require as require_order
from prescriptions.shipments.errors import not_a_courier
from prescriptions.shipments.ids import ShipmentViewer
from prescriptions.shipments.models import Shipment
from prescriptions.shipments.moving import require
from prescriptions.shipments.names import CARRY
from prescriptions.shipments.rules import NotShippedReason, ShipmentEvent
from prescriptions.shipments.terms import all_shippable
from tenants.api import grants


def give(
    viewer: ShipmentViewer, known: PublicId, courier: PublicId, counselling: str, effect: Effect | None = None
) -> Shipment:
    """Give the parcel of a prepared and settled order to a courier, or to another one before it is picked up.

    `counselling` is what goes with the parcel about the medicines (用药交代), in place of what is said at the counter.
    Raises NotFound, InvalidInput for who is no courier here, Forbidden for a system and `own_prescription`,
    WrongState of the order and the shipment, `not_shippable` where the pharmacy says so by now.
    """

    def work(opened: Unit) -> Shipment:
        order, shipment = viewer.held(opened, known)
        in_time(opened, order)
        refuse_unlicensed(opened)
        refuse_unready(order)
        refuse_author(opened, order, viewer)
        _refuse_unshippable(opened, order)
        shipment.courier_id = _courier(opened, courier)
        order.counselling = seal_counselling(opened, order, counselling)
        require(opened, shipment, ShipmentEvent.GIVEN)
        return shipment

    return run(viewer.at(known), work, viewer.by, effect=effect)


def decline(
    viewer: ShipmentViewer, known: PublicId, reason: NotShippedReason, effect: Effect | None = None
) -> Shipment:
    """Do not bring it to the door: the order stays, its resident collects. Raises NotFound, WrongState."""

    def work(opened: Unit) -> Shipment:
        shipment = viewer.held(opened, known).shipment
        require(opened, shipment, ShipmentEvent.DECLINED, reason)
        return shipment

    return run(viewer.at(known), work, viewer.by, effect=effect)


def take_back(viewer: ShipmentViewer, known: PublicId, *, intact: bool, effect: Effect | None = None) -> Shipment:
    """Somebody of the pharmacy has the parcel back: an intact one lies on the shelf as before, prepared.

    What is not intact is prepared and verified anew, as long as its order lives. Raises NotFound, WrongState.
    """

    def work(opened: Unit) -> Shipment:
        order, shipment = viewer.held(opened, known)
        require(opened, shipment, ShipmentEvent.RETURNED)
        if not intact and order.state == OrderState.PREPARED:
            order.prepared_by = order.verified_by = None
            require_order(opened, order, OrderEvent.SPOILED)
        return shipment

    return run(viewer.at(known), work, viewer.by, effect=effect)


def _refuse_unshippable(opened: Unit, order: RoutingOrder) -> None:
    if not all_shippable(opened, {line.code for line in lines_of(opened, order)}):
        raise stands_against("not_shippable")


def _courier(opened: Unit, named: PublicId) -> uuid.UUID:
    """The affiliation of a courier of the unit's pharmacy; raises InvalidInput for anybody else."""
    if named.scope != opened.scope or CARRY not in (grants(opened, named.id) or ()):
        raise not_a_courier()
    return named.id
