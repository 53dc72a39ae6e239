"""Public ids of shipments, and who looks for one."""

from dataclasses import dataclass
from typing import NamedTuple, NoReturn

from sqlalchemy import select

from app.core.errors import Forbidden, NotFound
from app.core.ids import PublicId
from app.core.scope import Scope
from app.core.unit import Unit
from prescriptions.models.routing import RoutingOrder
from prescriptions.names import ORDER_ID
from prescriptions.shipments.models import Shipment, ShippingTerms
from prescriptions.shipments.names import SHIPMENT_ID, TERMS_ID
from prescriptions.shipments.purposes import is_carried, is_shipped
from tenants.api import STAFF_ID, Viewer


def shipment_public_id(shipment: Shipment) -> PublicId:
    """A shipment's public id."""
    return PublicId(SHIPMENT_ID, Scope.for_tenant(shipment.tenant_id), shipment.id)


def order_public_id(shipment: Shipment) -> PublicId:
    """The public id of its order."""
    return PublicId(ORDER_ID, Scope.for_tenant(shipment.tenant_id), shipment.order_id)


def courier_public_id(shipment: Shipment) -> PublicId | None:
    """The public id of the courier to whom it was given last."""
    scope = Scope.for_tenant(shipment.tenant_id)
    return PublicId(STAFF_ID, scope, shipment.courier_id) if shipment.courier_id else None


def terms_public_id(terms: ShippingTerms) -> PublicId:
    """The public id of a pharmacy's terms."""
    return PublicId(TERMS_ID, Scope.for_tenant(terms.tenant_id), terms.id)


class Held(NamedTuple):
    """A shipment and its order, both locked until the unit ends."""

    order: RoutingOrder
    shipment: Shipment


@dataclass(frozen=True)
class ShipmentViewer(Viewer):
    """Who asks for a shipment: its resident, a courier for what was given to them, or others of the pharmacy."""

    carries: bool = False
    """Whether it is a courier, who sees nothing but what was given to them."""

    def held(self, unit: Unit, known: PublicId) -> Held:
        """The shipment with its order, both locked, the order first: whatever happens to either waits there.

        Raises NotFound.
        """
        order = unit.get(RoutingOrder, self._found(unit, known).order_id, lock=True)
        if order is None:
            raise NotFound
        return Held(order, self._found(unit, known, lock=True))

    def carried(self, unit: Unit, known: PublicId) -> Held:
        """The same, for the very courier to whom it was given; raises NotFound, Forbidden for a system."""
        courier = self.staff_id
        held = self.held(unit, known)
        if held.shipment.courier_id != courier:
            raise NotFound
        return held

    def readable(self, unit: Unit, known: PublicId) -> Shipment:
        """The shipment as they may read where it goes: a courier while they have to find the way.

        Raises NotFound, and Forbidden `purpose_ended` where it was theirs to read.
        """
        if not self.of_tenant:
            return self._found(unit, known)
        purpose = is_carried(self.staff_id) if self.carries else is_shipped(unit)
        found = unit.first(unit.select(Shipment).where(Shipment.id == known.id, purpose))
        if found is None:
            self._refuse(unit, known)
        return found

    def _refuse(self, unit: Unit, known: PublicId) -> NoReturn:
        """Say why the shipment was not found, without reading it."""
        asked = select(Shipment.courier_id).where(
            Shipment.tenant_id == unit.scope.require_tenant(), Shipment.id == known.id
        )
        row = unit.session.execute(asked).first()
        if row is None or (self.carries and row.courier_id != self.staff_id):
            raise NotFound
        raise Forbidden("the parcel has arrived, or will not", code="purpose_ended")

    def _found(self, unit: Unit, known: PublicId, *, lock: bool = False) -> Shipment:
        found = unit.get(Shipment, known.id, lock=lock)
        if found is None or (self.carries and found.courier_id != self.staff_id):
            raise NotFound
        return found
