"""Where a shipment goes, encrypted: the one place that seals and opens it."""

import uuid
from dataclasses import asdict, dataclass, field

import orjson

from app.core.unit import Unit
from prescriptions.shipments.models import Shipment


@dataclass(frozen=True)
class Destination:
    """Who receives a parcel, and where, in the resident's own words; the phone in E.164."""

    recipient: str = field(repr=False)
    phone: str = field(repr=False)
    address: str = field(repr=False)


def seal_destination(unit: Unit, shipment_id: uuid.UUID, to: Destination) -> bytes:
    """Where it goes, encrypted."""
    return unit.cipher.seal(orjson.dumps(asdict(to)), _place(unit, shipment_id))


def destination_of(unit: Unit, shipment: Shipment) -> Destination | None:
    """Where it goes; None where that is forgotten."""
    if shipment.destination is None:
        return None
    return Destination(**orjson.loads(unit.cipher.open(shipment.destination, _place(unit, shipment.id))))


def _place(unit: Unit, id: uuid.UUID) -> str:
    return f"tenant:{unit.scope.require_tenant()}/shipments/destination/{id}"
