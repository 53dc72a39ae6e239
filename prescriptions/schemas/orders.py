"""Bodies and answers of routing orders."""

from marshmallow import Schema, fields, validate

from app.edge.paging import PageQuery
from app.edge.schema import YES_OR_NO, Fen, IdOf, Input, Instant, PublicIdField, Text, Version, Word
from prescriptions.names import ORDER_ID, PRESCRIPTION_ID
from prescriptions.routing_ids import routing_order_public_id
from prescriptions.rules.orders import REASONS, DeclineReason, OrderState, ReleaseReason
from prescriptions.rules.pickup import DIGITS
from prescriptions.schemas.formulary import CATEGORIES
from prescriptions.shipments.ids import shipment_public_id
from prescriptions.shipments.names import SHIPMENT_ID
from tenants.api import TENANT_ID

WORDS = 2000
PICKUP_CODE = validate.Regexp(rf"\A[0-9]{{{DIGITS}}}\Z", error="Not a pick-up code.")


class RoutingOrderOut(Schema):
    """An order without what is clinical; `total` in fen. `settled`: it is paid for, by a settlement that stands."""

    id = IdOf(ORDER_ID, routing_order_public_id)
    state = Word(OrderState)
    reason = Word(REASONS, allow_none=True)
    prescription = PublicIdField(PRESCRIPTION_ID)
    hospital = PublicIdField(TENANT_ID, attribute="hospital_id")
    hospital_name = fields.String()
    attempt = fields.Integer()
    offered_at = Instant(attribute="created_at")
    offer_until = Instant()
    expires_at = Instant()
    settled = fields.Boolean()
    locked = fields.Function(lambda row: row.locked_at is not None, metadata=YES_OR_NO)
    total = Fen()
    handed_over_at = Instant(allow_none=True)
    version = Version()


class SupplyLineOut(Schema):
    """What is to be supplied of one medicine: quantity in packs, amount in fen."""

    sequence = fields.Integer()
    code = fields.String()
    name = fields.String()
    category = Word(CATEGORIES)
    quantity = fields.Integer()
    amount = Fen()


class RoutingOrderDetailOut(Schema):
    """An order with its lines and its resident's name, which a pharmacy reads once it has accepted.

    `pickup_code` is for the resident alone. `settled`: it is paid for; of an order that ended without hand-over the
    settlement is undone, and what was paid goes back. `shippable`: a shipment to the door may be asked for; `shipment`
    is the last one that was.
    """

    id = IdOf(ORDER_ID, lambda one: routing_order_public_id(one.order))
    state = Word(OrderState, attribute="order.state")
    reason = Word(REASONS, attribute="order.reason", allow_none=True)
    prescription = PublicIdField(PRESCRIPTION_ID, attribute="order.prescription")
    hospital = PublicIdField(TENANT_ID, attribute="order.hospital_id")
    hospital_name = fields.String(attribute="order.hospital_name")
    attempt = fields.Integer(attribute="order.attempt")
    offered_at = Instant(attribute="order.created_at")
    offer_until = Instant(attribute="order.offer_until")
    expires_at = Instant(attribute="order.expires_at")
    settled = fields.Boolean(attribute="order.settled")
    locked = fields.Function(lambda one: one.order.locked_at is not None, metadata=YES_OR_NO)
    total = Fen(attribute="order.total")
    handed_over_at = Instant(attribute="order.handed_over_at", allow_none=True)
    lines = fields.List(fields.Nested(SupplyLineOut))
    resident_name = fields.String(allow_none=True)
    pickup_code = fields.String(allow_none=True)
    shippable = fields.Function(lambda one: bool(one.order.shippable), metadata=YES_OR_NO)
    shipment = IdOf(SHIPMENT_ID, lambda one: one.shipment and shipment_public_id(one.shipment), allow_none=True)
    version = Version()


class RoutingOrdersQuery(PageQuery):
    """In which state; every state where none is named."""

    state = fields.Enum(OrderState, by_value=True, load_default=None)


class DocumentOut(Schema):
    """The prescription as its hospital signed it, every signature on it, and the pharmacy's own once it checked."""

    document = fields.Dict(attribute="sent.document")
    signatures = fields.List(fields.Dict(), attribute="sent.signatures")
    check = fields.Dict(allow_none=True)


class DeclineOrderIn(Input):
    """Why the pharmacy does not accept it."""

    reason = fields.Enum(DeclineReason, by_value=True, required=True)


class ReleaseOrderIn(Input):
    """Why the pharmacy gives it back."""

    reason = fields.Enum(ReleaseReason, by_value=True, required=True)


class HandOverIn(Input):
    """The code that the resident shows, and what they were told about their medicines (用药交代)."""

    pickup_code = fields.String(required=True, validate=PICKUP_CODE)
    counselling = Text(WORDS, required=True)
