"""Routing orders: read by their resident and their pharmacy, taken on, given back, taken back."""

from typing import Any

from flask_smorest import Blueprint

from app.core.ids import PublicId
from app.core.scope import Scope
from app.edge.endpoint import Call, endpoint
from app.edge.paging import Page, page_of
from app.edge.paths import any_id, own_id
from prescriptions import order_queries, verification_queries
from prescriptions.models.routing import RoutingOrder
from prescriptions.names import ORDER_ID
from prescriptions.routing_ids import OrderViewer
from prescriptions.schemas.orders import (
    DeclineOrderIn,
    DocumentOut,
    ReleaseOrderIn,
    RoutingOrderDetailOut,
    RoutingOrderOut,
    RoutingOrdersQuery,
)
from prescriptions.schemas.verifying import VerificationOut
from prescriptions.service import accepting
from prescriptions.service.verifying import Verification

blueprint = Blueprint("routing-orders", __name__, description="Prescriptions on their way to pharmacies")


def viewer(call: Call) -> OrderViewer:
    """The caller of an endpoint."""
    return OrderViewer(call.principal.scope, call.by)


def own(call: Call, routing_order_id: str) -> PublicId:
    """The order in a path, which must be the pharmacy's own; raises NotFound."""
    return own_id(routing_order_id, ORDER_ID, Scope.for_tenant(call.tenant))


def _residents(call: Call) -> OrderViewer:
    return OrderViewer(Scope.for_person(call.person), call.by)


@endpoint(
    blueprint, "GET", "/routing-orders",
    permission="routing_orders.read", query=RoutingOrdersQuery, answer=page_of(RoutingOrderOut),
)  # fmt: skip
def every(call: Call, query: dict[str, Any]) -> Page[RoutingOrder]:
    """The pharmacy's orders, oldest first."""
    return order_queries.orders_of(Scope.for_tenant(call.tenant), query)


@endpoint(
    blueprint, "GET", "/routing-orders/<routing_order_id>",
    permission="routing_orders.read", answer=RoutingOrderDetailOut, partly_versioned=True,  # its shipment has its own
)  # fmt: skip
def one(call: Call, routing_order_id: str) -> order_queries.Detail:
    """One order, as its resident or as its pharmacy, whose look is written down."""
    return order_queries.order_of(viewer(call), any_id(routing_order_id, ORDER_ID))


@endpoint(
    blueprint, "GET", "/routing-orders/<routing_order_id>/document",
    permission="routing_orders.read", answer=DocumentOut,
)  # fmt: skip
def document(call: Call, routing_order_id: str) -> order_queries.Paper:
    """The signed prescription: for the pharmacy once it has accepted, and its look is written down."""
    return order_queries.paper_of(viewer(call), any_id(routing_order_id, ORDER_ID))


@endpoint(
    blueprint, "POST", "/routing-orders/<routing_order_id>/acceptance",
    permission="routing_orders.accept", answer=RoutingOrderOut,
)  # fmt: skip
def accept(call: Call, routing_order_id: str) -> RoutingOrder:
    """Take an order on: from now on the pharmacy knows for whom it is, and the resident has a pick-up code."""
    return accepting.accept(viewer(call), own(call, routing_order_id), call.effect)


@endpoint(
    blueprint, "GET", "/routing-orders/<routing_order_id>/verification",
    permission="routing_orders.read", answer=VerificationOut,
)  # fmt: skip
def verify_signatures(call: Call, routing_order_id: str) -> Verification:
    """Whether the signatures on what was sent can be relied upon, the pharmacy's own among them once it checked."""
    return verification_queries.of_order(viewer(call), any_id(routing_order_id, ORDER_ID))


@endpoint(
    blueprint, "POST", "/routing-orders/<routing_order_id>/declining",
    permission="routing_orders.accept", body=DeclineOrderIn, answer=RoutingOrderOut,
)  # fmt: skip
def decline(call: Call, body: dict[str, Any], routing_order_id: str) -> RoutingOrder:
    """Do not take an order on."""
    return accepting.decline(viewer(call), own(call, routing_order_id), body["reason"], call.effect)


@endpoint(
    blueprint, "POST", "/routing-orders/<routing_order_id>/release",
    permission="routing_orders.accept", body=ReleaseOrderIn, answer=RoutingOrderOut,
)  # fmt: skip
def release(call: Call, body: dict[str, Any], routing_order_id: str) -> RoutingOrder:
    """Give an accepted order back, before it is prepared."""
    return accepting.release(viewer(call), own(call, routing_order_id), body["reason"], call.effect)


@endpoint(
    blueprint, "POST", "/routing-orders/<routing_order_id>/revocation",
    permission="routing_orders.own", answer=RoutingOrderOut,
)  # fmt: skip
def revoke(call: Call, routing_order_id: str) -> RoutingOrder:
    """The resident takes the order back, as long as nothing was handed over; then they may choose again."""
    return accepting.revoke(_residents(call), any_id(routing_order_id, ORDER_ID), call.effect)


@endpoint(
    blueprint, "POST", "/routing-orders/<routing_order_id>/pickup-code",
    permission="routing_orders.own", answer=RoutingOrderOut,
)  # fmt: skip
def renew_code(call: Call, routing_order_id: str) -> RoutingOrder:
    """Another pick-up code, to be read with the order; the former one and a lock after wrong codes end."""
    return accepting.renew_code(_residents(call), any_id(routing_order_id, ORDER_ID), call.effect)
