"""What a pharmacy does when a hospital offers a prescription, or asks for the end of an order."""

from sqlalchemy import func, select

from app.core.ids import MalformedId, PublicId
from app.core.relays import Answer, Handler, Incoming
from app.core.unit import Unit
from prescriptions.models.routing import RoutingOrder
from prescriptions.names import ORDER_OFFER, ORDER_STOP, PRESCRIPTION_ID
from prescriptions.rules.orders import OrderEvent
from prescriptions.service.arriving import Offer, take
from prescriptions.service.ordering import happen


def take_offer(unit: Unit, relay: Incoming) -> Answer:
    """Make the order; an attempt that is not newer than all orders of the prescription here is refused."""
    if not _is_the_givers(relay):
        return {"refused": "not_the_givers"}
    offer = Offer.read(relay.giver.require_tenant(), relay.payload)
    if offer.attempt <= _last_attempt(unit, offer.prescription):
        return {"refused": "stale_attempt"}
    return {"state": take(unit, offer).state}


def take_stop(unit: Unit, relay: Incoming) -> Answer:
    """End an order for its hospital, whatever the pharmacy was doing; what was handed over stays handed over."""
    if not _is_the_givers(relay):
        return {"refused": "not_the_givers"}
    query = unit.select(RoutingOrder).where(
        RoutingOrder.prescription == relay.payload["prescription"], RoutingOrder.attempt == relay.payload["attempt"]
    )
    order = unit.first(query.with_for_update())
    if order is None:
        return {"refused": "unknown_order"}
    happen(unit, order, OrderEvent.REVOKED, relay.payload["reason"])
    return {"state": order.state}


def _is_the_givers(relay: Incoming) -> bool:
    try:
        return PublicId.parse(relay.payload["prescription"], PRESCRIPTION_ID).scope == relay.giver
    except MalformedId:
        return False


def _last_attempt(unit: Unit, prescription: str) -> int:
    query = select(func.max(RoutingOrder.attempt)).where(
        RoutingOrder.tenant_id == unit.scope.require_tenant(), RoutingOrder.prescription == prescription
    )
    return unit.session.execute(query).scalar() or 0


HANDLERS: dict[tuple[str, int], Handler] = {(ORDER_OFFER, 1): take_offer, (ORDER_STOP, 1): take_stop}
