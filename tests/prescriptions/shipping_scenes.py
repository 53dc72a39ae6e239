"""A pharmacy that brings medicines to the door, its couriers, and a parcel of its."""

from dataclasses import dataclass, field

from app.core.errors import Refused
from app.core.ids import PublicId
from app.core.unit import Caller, unit
from app.identity.api import Role
from prescriptions.models import Prescription, Shipment
from prescriptions.service.products import Told, tell
from prescriptions.shipments import terms
from prescriptions.shipments.content import Destination
from prescriptions.shipments.ids import ShipmentViewer, shipment_public_id
from prescriptions.shipments.rules import IncidentReason
from prescriptions.shipments.service import asking, carrying, giving
from tests.prescriptions.routing_scenes import BY, COUNSELLING, MEDICINES, Shop, Town, member, owner_of

DOOR = Destination("李四", "+8613800000000", "示范路1号2单元301")


def ship(shop: Shop, *, ships: bool = True, shippable: bool = True) -> None:
    """Let a pharmacy say what it brings to the door."""
    terms.state(shop.scope, ships, BY)
    for code, name, *_ in MEDICINES:
        tell(shop.scope, Told(code, name, shop.price, 100, shippable), BY)


@dataclass(frozen=True)
class Round:
    """A pharmacy with two couriers, and its newest order, which is to be brought to the door."""

    town: Town
    couriers: tuple[PublicId, PublicId] = field(init=False)

    def __post_init__(self) -> None:
        """Let the pharmacy ship, and hire its couriers."""
        ship(self.shop)
        hired = (member(self.shop.scope, Role.COURIER), member(self.shop.scope, Role.COURIER))
        object.__setattr__(self, "couriers", hired)

    @property
    def shop(self) -> Shop:
        """The pharmacy."""
        return self.town.shop

    @property
    def bench(self) -> ShipmentViewer:
        """The preparer, who gives parcels to couriers."""
        return ShipmentViewer(self.shop.scope, self.shop.bench.by)

    def courier(self, which: int = 0) -> ShipmentViewer:
        """One of the couriers as who acts."""
        return ShipmentViewer(self.shop.scope, Caller(f"staff:{self.couriers[which]}"), carries=True)

    @property
    def resident(self) -> ShipmentViewer:
        """Whose parcel it is."""
        owner = owner_of(self.shop.order())
        return ShipmentViewer(owner.scope, owner.by)

    def now(self) -> Shipment:
        """The newest shipment as it is now."""
        with unit(self.shop.scope) as reading:
            found = reading.first(reading.select(Shipment).order_by(Shipment.id.desc()))
        assert found
        return found

    @property
    def known(self) -> PublicId:
        """The newest shipment's public id."""
        return shipment_public_id(self.now())

    def ask(self) -> Shipment:
        """The resident wants the newest order brought."""
        return asking.ask(owner_of(self.shop.order()), self.shop.known, DOOR)

    def asked(self) -> "Round":
        """A fresh order, prepared and paid, of which that was asked."""
        self.town.prepared()
        self.ask()
        return self

    def give(self, which: int = 0) -> Shipment:
        """Give the parcel to one of the couriers."""
        return giving.give(self.bench, self.known, self.couriers[which], COUNSELLING)

    def under_way_of(self) -> Prescription:
        """The prescription of a fresh parcel on its way to the door."""
        prescription = self.town.prepared()
        self.ask()
        self.give()
        carrying.pick_up(self.courier(), self.known)
        carrying.depart(self.courier(), self.known)
        return prescription

    def under_way(self) -> "Round":
        """A fresh parcel on its way to the door."""
        self.under_way_of()
        return self

    def hand_over(self, code: str = "") -> Shipment | Refused:
        """The courier hands it over, against its code unless another is given."""
        return carrying.hand_over(self.courier(), self.known, code or self.shop.code())

    def fail(self, reason: IncidentReason = IncidentReason.NOBODY_THERE) -> Shipment:
        """The courier cannot hand it over."""
        return carrying.report(self.courier(), self.known, reason)

    def take_back(self, *, intact: bool = True) -> Shipment:
        """The pharmacy has it back."""
        return giving.take_back(self.bench, self.known, intact=intact)
