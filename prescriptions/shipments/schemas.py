"""Bodies and answers of shipments. None of them says what is in the parcel, or what it cost."""

from marshmallow import Schema, fields, post_load

from app.edge.paging import PageQuery
from app.edge.schema import IdOf, Input, Instant, PublicIdField, Text, Version, Word, YesNo
from app.identity.api import phone_field
from prescriptions.names import ORDER_ID
from prescriptions.schemas.orders import PICKUP_CODE, WORDS
from prescriptions.shipments.content import Destination
from prescriptions.shipments.ids import courier_public_id, order_public_id, shipment_public_id
from prescriptions.shipments.names import SHIPMENT_ID
from prescriptions.shipments.rules import SHIPMENT_REASONS, IncidentReason, NotShippedReason, ShipmentState
from tenants.api import STAFF_ID

NAME = 100
ADDRESS = 300


class ShippingTermsIn(Input):
    """Whether the pharmacy brings orders to the door, free of charge."""

    ships = YesNo(required=True)


class ShippingTermsOut(Schema):
    """Whether the pharmacy brings orders to the door."""

    ships = fields.Boolean()


class ShipmentIn(Input):
    """Who receives the parcel, under which number they are called, and where."""

    recipient = Text(NAME, required=True)
    phone = phone_field()
    address = Text(ADDRESS, required=True)

    @post_load
    def _value(self, data: dict[str, str], **rest: object) -> Destination:
        return Destination(**data)


class ShipmentOut(Schema):
    """A shipment without where it goes; `moved_at` is when it came into its state."""

    id = IdOf(SHIPMENT_ID, shipment_public_id)
    order = IdOf(ORDER_ID, order_public_id)
    state = Word(ShipmentState)
    reason = Word(SHIPMENT_REASONS, allow_none=True)
    courier = IdOf(STAFF_ID, courier_public_id, allow_none=True)
    asked_at = Instant(attribute="created_at")
    moved_at = Instant()
    version = Version()


class ShipmentDetailOut(Schema):
    """A shipment with where it goes; null once that is forgotten."""

    id = IdOf(SHIPMENT_ID, lambda one: shipment_public_id(one.row))
    order = IdOf(ORDER_ID, lambda one: order_public_id(one.row))
    state = Word(ShipmentState, attribute="row.state")
    reason = Word(SHIPMENT_REASONS, attribute="row.reason", allow_none=True)
    courier = IdOf(STAFF_ID, lambda one: courier_public_id(one.row), allow_none=True)
    recipient = fields.Function(lambda one: one.to and one.to.recipient, metadata={"type": ["string", "null"]})
    phone = fields.Function(lambda one: one.to and one.to.phone, metadata={"type": ["string", "null"]})
    address = fields.Function(lambda one: one.to and one.to.address, metadata={"type": ["string", "null"]})
    asked_at = Instant(attribute="row.created_at")
    moved_at = Instant(attribute="row.moved_at")
    version = Version()


class ShipmentsQuery(PageQuery):
    """In which state; every state where none is named."""

    state = fields.Enum(ShipmentState, by_value=True, load_default=None)


class GiveShipmentIn(Input):
    """To which courier, and what goes with the parcel about the medicines (用药交代), sealed in it."""

    courier = PublicIdField(STAFF_ID, required=True)
    counselling = Text(WORDS, required=True)


class DeclineShipmentIn(Input):
    """Why the pharmacy does not bring it."""

    reason = fields.Enum(NotShippedReason, by_value=True, required=True)


class TakeBackShipmentIn(Input):
    """Whether the parcel came back intact; if not, its medicines are prepared and verified anew."""

    intact = YesNo(required=True)


class ShipmentIncidentIn(Input):
    """Why the courier cannot hand it over."""

    reason = fields.Enum(IncidentReason, by_value=True, required=True)


class ShipmentHandOverIn(Input):
    """The code that the resident shows at the door."""

    pickup_code = fields.String(required=True, validate=PICKUP_CODE)
