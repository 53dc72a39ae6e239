"""What prescriptions contribute to the export of everything about a person: prescriptions, choices and orders."""

from typing import Any

from app.core.errors import WrongState
from app.core.ids import PublicId
from app.edge.exporting import Contribution, Whose, every, rendered, rows_within
from prescriptions.ids import PrescriptionViewer, prescription_public_id
from prescriptions.models.prescribing import PersonPrescription, Prescription
from prescriptions.models.routing import RoutingOrder
from prescriptions.order_queries import order_of, paper_of
from prescriptions.queries import own, prescription_of
from prescriptions.routing_ids import OrderViewer, routing_order_public_id
from prescriptions.schemas.orders import DocumentOut, RoutingOrderDetailOut
from prescriptions.schemas.prescribing import OwnPrescriptionOut, PrescriptionOut
from prescriptions.schemas.routing import RoutingOut
from prescriptions.service.choosing import routing_of
from prescriptions.shipments.ids import ShipmentViewer, shipment_public_id
from prescriptions.shipments.models import Shipment
from prescriptions.shipments.queries import shipment_of
from prescriptions.shipments.schemas import ShipmentDetailOut


def _prescriptions(whose: Whose) -> list[dict[str, Any]]:
    """Signed ones, as their resident reads them: a draft is the doctor's."""
    viewer = PrescriptionViewer(whose.scope, whose.by)
    signed = (row for _, row in rows_within(whose, Prescription) if row.signed_at)
    return [_prescription(viewer, prescription_public_id(row)) for row in signed]


def _prescription(viewer: PrescriptionViewer, known: PublicId) -> dict[str, Any]:
    return {
        **PrescriptionOut().dump(prescription_of(viewer, known)),
        "routing": RoutingOut().dump(routing_of(viewer, known)),
    }


def _orders(whose: Whose) -> list[dict[str, Any]]:
    viewer = OrderViewer(whose.scope, whose.by)
    return [_order(viewer, routing_order_public_id(row)) for _, row in rows_within(whose, RoutingOrder)]


def _order(viewer: OrderViewer, known: PublicId) -> dict[str, Any]:
    """Without the pick-up code: who holds the document must not get the medicines."""
    order = RoutingOrderDetailOut(exclude=("pickup_code",)).dump(order_of(viewer, known))
    return {**order, "document": _document(viewer, known)}


def _document(viewer: OrderViewer, known: PublicId) -> Any:
    """What the pharmacy was sent, with its check's signature; nothing where it is forgotten."""
    try:
        return DocumentOut().dump(paper_of(viewer, known))
    except WrongState:
        return None


def _shipments(whose: Whose) -> list[dict[str, Any]]:
    viewer = ShipmentViewer(whose.scope, whose.by)
    return [
        ShipmentDetailOut().dump(shipment_of(viewer, shipment_public_id(row)))
        for _, row in rows_within(whose, Shipment)
    ]


CONTRIBUTION = Contribution(
    parts={
        "prescriptions": _prescriptions,
        "routing_orders": _orders,
        "shipments": _shipments,
        "prescriptions_kept": lambda whose: rendered(OwnPrescriptionOut, every(lambda asked: own(whose.scope, asked))),
    },
    tables=frozenset(
        {
            "prescriptions",
            "prescription_signatures",
            "prescription_choices",
            "routing_orders",
            "shipments",
            "person_prescriptions",
        }
    ),
    names=(PersonPrescription.tenant, PersonPrescription.order_tenant),
)
