"""What couriers do with the parcels that they were given."""

from typing import Any

from flask_smorest import Blueprint

from app.core.errors import Refused
from app.edge.endpoint import Call, endpoint
from prescriptions.shipments.endpoints.shipping import own, viewer
from prescriptions.shipments.models import Shipment
from prescriptions.shipments.names import CARRY
from prescriptions.shipments.schemas import ShipmentHandOverIn, ShipmentIncidentIn, ShipmentOut
from prescriptions.shipments.service import carrying

blueprint = Blueprint("couriers", __name__, description="Couriers of pharmacies carry parcels")


@endpoint(blueprint, "POST", "/shipments/<shipment_id>/pick-up", permission=CARRY, answer=ShipmentOut)
def pick_up(call: Call, shipment_id: str) -> Shipment:
    """Take the parcel along; from now on it is not handed over at the counter."""
    return carrying.pick_up(viewer(call), own(call, shipment_id), call.effect)


@endpoint(blueprint, "POST", "/shipments/<shipment_id>/departure", permission=CARRY, answer=ShipmentOut)
def depart(call: Call, shipment_id: str) -> Shipment:
    """Be on the way to this door."""
    return carrying.depart(viewer(call), own(call, shipment_id), call.effect)


@endpoint(
    blueprint, "POST", "/shipments/<shipment_id>/hand-over",
    permission=CARRY, body=ShipmentHandOverIn, answer=ShipmentOut,
)  # fmt: skip
def hand_over(call: Call, body: dict[str, Any], shipment_id: str) -> Shipment | Refused:
    """Hand the parcel over at the door. Five wrong codes lock the order, as at the counter."""
    return carrying.hand_over(viewer(call), own(call, shipment_id), body["pickup_code"], call.effect)


@endpoint(
    blueprint, "POST", "/shipments/<shipment_id>/incident",
    permission=CARRY, body=ShipmentIncidentIn, answer=ShipmentOut,
)  # fmt: skip
def report(call: Call, body: dict[str, Any], shipment_id: str) -> Shipment:
    """Say why the parcel cannot be handed over; it comes back to the pharmacy."""
    return carrying.report(viewer(call), own(call, shipment_id), body["reason"], call.effect)
