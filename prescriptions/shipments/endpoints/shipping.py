"""Shipments as residents ask for them, and as a pharmacy's people give them to couriers."""

from typing import Any

from flask_smorest import Blueprint

from app.core.ids import PublicId
from app.core.scope import Scope
from app.edge.endpoint import Call, endpoint
from app.edge.paging import Page, page_of
from app.edge.paths import any_id, own_id
from prescriptions.names import ORDER_ID
from prescriptions.routing_ids import OrderViewer
from prescriptions.shipments import queries, terms
from prescriptions.shipments.content import Destination
from prescriptions.shipments.ids import ShipmentViewer
from prescriptions.shipments.models import Shipment, ShippingTerms
from prescriptions.shipments.names import CARRY, GIVE, SHIPMENT_ID
from prescriptions.shipments.schemas import (
    DeclineShipmentIn,
    GiveShipmentIn,
    ShipmentDetailOut,
    ShipmentIn,
    ShipmentOut,
    ShipmentsQuery,
    ShippingTermsIn,
    ShippingTermsOut,
    TakeBackShipmentIn,
)
from prescriptions.shipments.service import asking, giving

blueprint = Blueprint("shipments", __name__, description="Pharmacies bring orders to the door")


def viewer(call: Call) -> ShipmentViewer:
    """The caller of an endpoint."""
    may = call.principal.may
    return ShipmentViewer(call.principal.scope, call.by, carries=may(CARRY) and not may(GIVE))


def own(call: Call, shipment_id: str) -> PublicId:
    """The shipment in a path, which must be the pharmacy's own; raises NotFound."""
    return own_id(shipment_id, SHIPMENT_ID, Scope.for_tenant(call.tenant))


@endpoint(
    blueprint, "PUT", "/shipping-terms",
    permission="products.manage", body=ShippingTermsIn, answer=ShippingTermsOut,
)  # fmt: skip
def state_terms(call: Call, body: dict[str, bool]) -> ShippingTerms:
    """Say whether the pharmacy brings orders to the door, free of charge; of which medicines, each product says."""
    return terms.state(Scope.for_tenant(call.tenant), body["ships"], call.by, call.effect)


@endpoint(blueprint, "GET", "/shipping-terms", permission="products.manage", answer=ShippingTermsOut)
def stated_terms(call: Call) -> ShippingTerms:
    """Whether the pharmacy brings orders to the door."""
    return terms.terms_of(Scope.for_tenant(call.tenant))


@endpoint(
    blueprint, "POST", "/routing-orders/<routing_order_id>/shipment",
    permission="shipments.own", body=ShipmentIn, answer=ShipmentOut, status=201,
)  # fmt: skip
def ask(call: Call, body: Destination, routing_order_id: str) -> Shipment:
    """Want an order brought to the door, where it is `shippable` and its pharmacy has accepted it: it learns where to.

    Nobody needs to: who asks for nothing collects at the counter, and so may who asked, until a courier has the parcel.
    """
    resident = OrderViewer(Scope.for_person(call.person), call.by)
    return asking.ask(resident, any_id(routing_order_id, ORDER_ID), body, call.effect)


@endpoint(
    blueprint, "POST", "/shipments/<shipment_id>/calling-off",
    permission="shipments.own", answer=ShipmentOut,
)  # fmt: skip
def call_off(call: Call, shipment_id: str) -> Shipment:
    """Collect after all, as long as no courier has the parcel; the order stays."""
    resident = ShipmentViewer(Scope.for_person(call.person), call.by)
    return asking.call_off(resident, any_id(shipment_id, SHIPMENT_ID), call.effect)


@endpoint(
    blueprint, "GET", "/shipments",
    permission="shipments.read", query=ShipmentsQuery, answer=page_of(ShipmentOut),
)  # fmt: skip
def every(call: Call, query: dict[str, Any]) -> Page[Shipment]:
    """The pharmacy's shipments, oldest first; a courier sees those that they were given."""
    return queries.shipments_of(viewer(call), Scope.for_tenant(call.tenant), query)


@endpoint(
    blueprint, "GET", "/shipments/<shipment_id>",
    permission="shipments.read", answer=ShipmentDetailOut,
)  # fmt: skip
def one(call: Call, shipment_id: str) -> queries.ShipmentDetail:
    """One shipment with where it goes: for its resident, and for people of the pharmacy, whose look is written down.

    A courier reads it from when it is given to them until it is handed over or back, or its order ends.
    """
    return queries.shipment_of(viewer(call), any_id(shipment_id, SHIPMENT_ID))


@endpoint(
    blueprint, "POST", "/shipments/<shipment_id>/giving",
    permission=GIVE, body=GiveShipmentIn, answer=ShipmentOut,
)  # fmt: skip
def give(call: Call, body: dict[str, Any], shipment_id: str) -> Shipment:
    """Give the parcel, prepared, verified and paid, to a courier of the pharmacy; to another until it is picked up."""
    return giving.give(viewer(call), own(call, shipment_id), body["courier"], body["counselling"], call.effect)


@endpoint(
    blueprint, "POST", "/shipments/<shipment_id>/declining",
    permission=GIVE, body=DeclineShipmentIn, answer=ShipmentOut,
)  # fmt: skip
def decline(call: Call, body: dict[str, Any], shipment_id: str) -> Shipment:
    """Do not bring it to the door; the order stays, and its resident collects."""
    return giving.decline(viewer(call), own(call, shipment_id), body["reason"], call.effect)


@endpoint(
    blueprint, "POST", "/shipments/<shipment_id>/return",
    permission=GIVE, body=TakeBackShipmentIn, answer=ShipmentOut,
)  # fmt: skip
def take_back(call: Call, body: dict[str, Any], shipment_id: str) -> Shipment:
    """Have a parcel back that a courier had; its order is prepared as before, or anew where it is not intact."""
    return giving.take_back(viewer(call), own(call, shipment_id), intact=body["intact"], effect=call.effect)
