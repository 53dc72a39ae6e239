"""What people of a pharmacy do with an order that was accepted: check, prepare, verify, hand over."""

from typing import Any

from flask_smorest import Blueprint

from app.core.errors import Refused
from app.edge.endpoint import Call, endpoint
from prescriptions.endpoints.orders import own, viewer
from prescriptions.models.routing import RoutingOrder
from prescriptions.schemas.orders import HandOverIn, RoutingOrderOut
from prescriptions.service import dispensing

blueprint = Blueprint("dispensing", __name__, description="Pharmacies prepare medicines and hand them over")


@endpoint(
    blueprint, "POST", "/routing-orders/<routing_order_id>/check",
    permission="routing_orders.check", answer=RoutingOrderOut, fresh=True,
)  # fmt: skip
def check(call: Call, routing_order_id: str) -> RoutingOrder:
    """The pharmacy's pharmacist has checked the prescription: their signature is added, if all others hold."""
    return dispensing.check(viewer(call), own(call, routing_order_id), call.effect)


@endpoint(
    blueprint, "POST", "/routing-orders/<routing_order_id>/preparation",
    permission="routing_orders.prepare", answer=RoutingOrderOut,
)  # fmt: skip
def prepare(call: Call, routing_order_id: str) -> RoutingOrder:
    """Begin to prepare what was checked; from now on the order cannot be released."""
    return dispensing.prepare(viewer(call), own(call, routing_order_id), call.effect)


@endpoint(
    blueprint, "POST", "/routing-orders/<routing_order_id>/verification",
    permission="routing_orders.prepare", answer=RoutingOrderOut,
)  # fmt: skip
def verify(call: Call, routing_order_id: str) -> RoutingOrder:
    """A second person has verified what was prepared: it can be paid for, and then handed over."""
    return dispensing.verify(viewer(call), own(call, routing_order_id), call.effect)


@endpoint(
    blueprint, "POST", "/routing-orders/<routing_order_id>/hand-over",
    permission="routing_orders.hand_over", body=HandOverIn, answer=RoutingOrderOut,
)  # fmt: skip
def hand_over(call: Call, body: dict[str, Any], routing_order_id: str) -> RoutingOrder | Refused:
    """Hand the medicines over against the resident's code, once they are paid for. Five wrong codes lock the order."""
    known = own(call, routing_order_id)
    return dispensing.hand_over(viewer(call), known, body["pickup_code"], body["counselling"], call.effect)
