"""Reads of routing: products, and orders as their resident or their pharmacy sees them. Lists come in pages.

Before a pharmacy accepts an order it does not learn for whom it is; after an end without hand-over it reads no more of
it. Looks of its people and systems at what is somebody's are written down.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.core.ids import PublicId
from app.core.scope import Scope
from app.core.unit import Unit, unit
from app.edge.paging import Keyset, Page
from prescriptions.models.routing import Product, RoutingOrder
from prescriptions.names import PURPOSE
from prescriptions.order_content import Sent, SupplyLine, code_of, lines_of, sent_with
from prescriptions.routing_errors import wrong_order_state
from prescriptions.routing_ids import OrderViewer, routing_order_public_id
from prescriptions.rules.orders import ENDED, LIVE, NAMED, OrderState
from prescriptions.shipments.models import Shipment
from prescriptions.shipments.moving import last_shipment
from tenants.api import look

Asked = Mapping[str, Any]
_PRODUCTS = Keyset("products", (Product.id,))
_ORDERS = Keyset("routing_orders", (RoutingOrder.id,))


@dataclass(frozen=True)
class Detail:
    """An order with what is clinical in it, as far as who asks may see it."""

    order: RoutingOrder
    lines: Sequence[SupplyLine] = field(repr=False)
    resident_name: str | None = field(repr=False)
    pickup_code: str | None = field(repr=False)
    shipment: Shipment | None
    """The last one that was asked for."""

    @property
    def version(self) -> int:
        """The order's."""
        return self.order.version


@dataclass(frozen=True)
class Paper:
    """The prescription as its hospital sent it, and the check's signature once there is one."""

    hospital: int
    """The tenant that sent it."""
    sent: Sent = field(repr=False)
    check: Mapping[str, Any] | None = field(repr=False)


def products_of(pharmacy: Scope, asked: Asked) -> Page[Product]:
    """What the pharmacy sells, perhaps by a part of the name."""
    with unit(pharmacy) as reading:
        query = reading.select(Product)
        if asked["name"]:
            query = query.where(Product.name.contains(asked["name"], autoescape=True))
        return _PRODUCTS.page(reading, query, asked)


def orders_of(pharmacy: Scope, asked: Asked) -> Page[RoutingOrder]:
    """The pharmacy's orders, oldest first, perhaps of one state; nothing of whom they are for."""
    with unit(pharmacy) as reading:
        query = reading.select(RoutingOrder)
        if asked["state"]:
            query = query.where(RoutingOrder.state == asked["state"])
        return _ORDERS.page(reading, query, asked)


def order_of(viewer: OrderViewer, known: PublicId) -> Detail:
    """One order; raises NotFound."""
    with unit(viewer.at(known), viewer.by) as reading:
        order = viewer.readable(reading, known)
        if viewer.of_tenant:
            return _for_pharmacy(reading, order)
        shipment = last_shipment(reading, order)
        if order.content is None:
            return Detail(order, (), None, None, shipment)
        code = code_of(reading, order) if order.state in LIVE else None
        return Detail(order, lines_of(reading, order), sent_with(reading, order).resident_name, code, shipment)


def paper_of(viewer: OrderViewer, known: PublicId) -> Paper:
    """The prescription with its signatures: for its resident, and for the pharmacy while it may know for whom it is.

    Raises NotFound, WrongState, also where it is forgotten.
    """
    with unit(viewer.at(known), viewer.by) as reading:
        order = viewer.readable(reading, known)
        if viewer.of_tenant and order.state not in NAMED:
            raise wrong_order_state(order, OrderState.ACCEPTED)
        _look(viewer, reading, order)
        return Paper(order.hospital, sent_with(reading, order), order.check_signature)


def _for_pharmacy(reading: Unit, order: RoutingOrder) -> Detail:
    lines = () if order.state in ENDED else lines_of(reading, order)
    shipment = last_shipment(reading, order)
    if order.state not in NAMED:
        return Detail(order, lines, None, None, shipment)
    look(reading, order.resident_id, PURPOSE, routing_order_public_id(order))
    return Detail(order, lines, sent_with(reading, order).resident_name, None, shipment)


def _look(viewer: OrderViewer, reading: Unit, order: RoutingOrder) -> None:
    if viewer.of_tenant:
        look(reading, order.resident_id, PURPOSE, routing_order_public_id(order))
