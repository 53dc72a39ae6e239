"""Reads of shipments: lists name nobody; where a parcel goes is read by its resident and by whose work it is.

Looks of a pharmacy's people are written down.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.core.ids import PublicId
from app.core.scope import Scope
from app.core.unit import unit
from app.edge.paging import Keyset, Page
from prescriptions.shipments.content import Destination, destination_of
from prescriptions.shipments.ids import ShipmentViewer, shipment_public_id
from prescriptions.shipments.models import Shipment
from prescriptions.shipments.names import PURPOSE
from tenants.api import look

_SHIPMENTS = Keyset("shipments", (Shipment.id,))


@dataclass(frozen=True)
class ShipmentDetail:
    """A shipment, and where it goes; that is null once it is forgotten."""

    row: Shipment
    to: Destination | None = field(repr=False)

    @property
    def version(self) -> int:
        """The shipment's."""
        return self.row.version


def shipments_of(viewer: ShipmentViewer, pharmacy: Scope, asked: Mapping[str, Any]) -> Page[Shipment]:
    """The pharmacy's shipments, a courier's own alone, oldest first, perhaps of one state."""
    with unit(pharmacy) as reading:
        query = reading.select(Shipment)
        if viewer.carries:
            query = query.where(Shipment.courier_id == viewer.staff_id)
        if asked["state"]:
            query = query.where(Shipment.state == asked["state"])
        return _SHIPMENTS.page(reading, query, asked)


def shipment_of(viewer: ShipmentViewer, known: PublicId) -> ShipmentDetail:
    """One shipment; raises NotFound, Forbidden `purpose_ended`."""
    with unit(viewer.at(known), viewer.by) as reading:
        row = viewer.readable(reading, known)
        if viewer.of_tenant:
            look(reading, row.resident_id, PURPOSE, shipment_public_id(row))
        return ShipmentDetail(row, destination_of(reading, row))
