"""Lines of the table of purposes that concern parcels: those who give them to couriers, and the courier."""

from app.core.ids import PublicId
from app.core.unit import Unit, run
from app.identity.api import Role
from prescriptions.shipments.ids import ShipmentViewer, shipment_public_id
from prescriptions.shipments.models import Shipment
from prescriptions.shipments.queries import shipment_of
from prescriptions.shipments.rules import KEPT
from tenants.rules import Kind
from tests.architecture.pharmacy_specimens import parcel
from tests.records.cell import Cell, passed
from tests.records.scenes import House, house
from tests.scheduling.clock import Clock


def shipment_cell(clock: Clock) -> Cell:
    """A preparer reads where a parcel goes, and for a while where it went."""
    shop = house(Kind.PHARMACY)
    known = shipment_public_id(parcel(shop.scope))
    viewer = ShipmentViewer(shop.scope, shop.acting(shop.member(Role.PREPARER)).by)

    def ended() -> None:
        _becomes(shop, known, state="called_off", moved_at=clock.now())
        shipment_of(viewer, known)
        passed(clock, KEPT)

    return Cell(lambda: shipment_of(viewer, known), ended)


def parcel_cell(clock: Clock) -> Cell:
    """A courier reads where a parcel goes until it is handed over."""
    shop = house(Kind.PHARMACY)
    known, courier = shipment_public_id(parcel(shop.scope)), shop.member(Role.COURIER)
    _becomes(shop, known, state="given", courier_id=courier.id)
    viewer = ShipmentViewer(shop.scope, shop.acting(courier).by, carries=True)
    return Cell(lambda: shipment_of(viewer, known), lambda: _becomes(shop, known, state="handed_over"))


def _becomes(shop: House, known: PublicId, **values: object) -> None:
    def change(opened: Unit) -> None:
        row = opened.get(Shipment, known.id, lock=True)
        assert row
        for name, value in values.items():
            setattr(row, name, value)

    run(shop.scope, change)
