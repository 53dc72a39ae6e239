"""For which purpose people of a pharmacy read where a shipment goes: the conditions by which queries find it."""

import uuid

from sqlalchemy import ColumnElement, and_, or_

from app.core.purposes import Purpose
from app.core.unit import Unit
from prescriptions.shipments.models import Shipment
from prescriptions.shipments.names import PURPOSE
from prescriptions.shipments.rules import CARRIED, KEPT, OPEN


def is_shipped(unit: Unit) -> ColumnElement[bool]:
    """It is on its way, or ended not long ago."""
    return or_(Shipment.state.in_(OPEN), Shipment.moved_at > unit.now - KEPT)


def is_carried(courier: uuid.UUID) -> ColumnElement[bool]:
    """It was given to this courier, the parcel is neither handed over nor back, and its order has not ended.

    What is out while that ended has a `due_at`: the way to the pharmacy needs no address.
    """
    return and_(Shipment.courier_id == courier, Shipment.state.in_(CARRIED), Shipment.due_at.is_(None))


SHIPMENT_PURPOSES = (
    Purpose(
        "shipment: recipient, phone, address", "pharmacist, preparer", "those of the pharmacy",
        "30 days after its end", PURPOSE,
    ),
    Purpose(
        "shipment: recipient, phone, address", "courier", "parcels that were given to them",
        "it is handed over, back, or given to another courier; or its order ends", PURPOSE,
    ),
)  # fmt: skip
