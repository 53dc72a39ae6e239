"""Specimens of what a pharmacy supplies and brings; see specimens.py."""

from collections.abc import Mapping
from datetime import timedelta

from app.core.ids import new_id
from app.core.scope import Scope
from app.core.unit import Unit, run
from prescriptions.models.routing import RoutingOrder
from prescriptions.order_content import Sent, seal_lines, seal_sent
from prescriptions.routing_ids import routing_order_public_id
from prescriptions.shipments.content import Destination, seal_destination
from prescriptions.shipments.ids import shipment_public_id
from prescriptions.shipments.models import Shipment
from tests.architecture.cast import SECRET

Made = Mapping[str, str]


def routing_order(scope: Scope, made: Made) -> str:
    """An order that a pharmacy has accepted."""
    return str(routing_order_public_id(_accepted(scope)))


def shipment(scope: Scope, made: Made) -> str:
    """An order of the pharmacy's that is to be brought to the door."""
    return str(shipment_public_id(parcel(scope)))


def parcel(scope: Scope) -> Shipment:
    """A shipment that a resident asked the pharmacy for."""
    order = _accepted(scope)

    def make(opened: Unit) -> Shipment:
        id = new_id()
        return opened.add(
            Shipment(
                id=id, resident_id=order.resident_id, order_id=order.id, state="asked", version=1,
                created_at=opened.now, destination=seal_destination(opened, id, Destination(SECRET, SECRET, SECRET)),
                moved_at=opened.now,
            )
        )  # fmt: skip

    return run(scope, make)


def _accepted(scope: Scope) -> RoutingOrder:
    def make(opened: Unit) -> RoutingOrder:
        id, until = new_id(), opened.now + timedelta(days=1)
        sent = Sent({"id": "x", "resident": {"name": "x"}, "diagnoses": []}, [])
        return opened.add(
            RoutingOrder(
                tenant_id=scope.require_tenant(), id=id, resident_id=new_id(), prescription="x", hospital=7,
                hospital_id="x", hospital_name=SECRET, attempt=1, quote_id=new_id(),
                content=seal_sent(opened, id, sent), lines=seal_lines(opened, id, []), total=1,
                state="accepted", offer_until=until, expires_at=until,
                due_at=until, wrong_codes=0, version=2, created_at=opened.now,
            )
        )  # fmt: skip

    return run(scope, make)
