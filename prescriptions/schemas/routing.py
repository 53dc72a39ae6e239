"""Bodies and answers of choosing pharmacies: products, quotes, choices."""

from marshmallow import Schema, ValidationError, fields, post_load, validate

from app.core.ids import PublicId
from app.core.scope import Scope
from app.edge.paging import PageQuery
from app.edge.schema import YES_OR_NO, Fen, IdOf, Input, Instant, PublicIdField, Text, Version, Word, YesNo
from prescriptions.ids import prescription_public_id
from prescriptions.names import ORDER_ID, PRESCRIPTION_ID, PRODUCT_ID, QUOTE_ID
from prescriptions.routing_ids import product_public_id, quote_of_choice, quote_public_id
from prescriptions.rules.choices import ChoiceState
from prescriptions.rules.orders import REASONS, OrderState
from prescriptions.service.choosing import Routing
from prescriptions.service.offering import CHOICE
from prescriptions.service.products import Told
from tenants.api import TENANT_ID

NAME = 200
CODE = 40
MOST_STOCK = 1_000_000
MOST_PHARMACIES = 10
MOST_PRICE = 100_000_000
"""Fen for one pack: a million yuan."""


class ProductIn(Input):
    """What a pharmacy has of a medicine: its national code, the price of a pack in fen, the stock in packs.

    `shippable` says that a courier may bring it: that it is under no special control (特殊管理药品), and needs no cold
    chain (冷链). What is not said so is collected.
    """

    medicine = Text(CODE, required=True)
    name = Text(NAME, required=True)
    price = Fen(required=True, least=1, most=MOST_PRICE)
    stock = fields.Integer(required=True, strict=True, validate=validate.Range(0, MOST_STOCK))
    shippable = YesNo(load_default=False)

    @post_load
    def _value(self, data: dict[str, object], **rest: object) -> Told:
        return Told(**data)  # type: ignore[arg-type]  # the fields above load what it takes


class ProductOut(Schema):
    """What a pharmacy has of a medicine; `as_of` is when it was told."""

    id = IdOf(PRODUCT_ID, product_public_id)
    medicine = fields.String(attribute="code")
    name = fields.String()
    price = Fen()
    stock = fields.Integer()
    as_of = Instant()
    shippable = fields.Function(lambda row: bool(row.shippable), metadata=YES_OR_NO)
    version = Version()


class ProductsQuery(PageQuery):
    """Perhaps a part of the name."""

    name = fields.String(load_default="", validate=validate.Length(max=NAME))


class QuotesIn(Input):
    """Which pharmacies to ask."""

    pharmacies = fields.List(
        PublicIdField(TENANT_ID), required=True, validate=validate.Length(1, MOST_PHARMACIES)
    )  # fmt: skip


class QuoteLineOut(Schema):
    """One medicine of a quote; price of a pack and amount in fen, null where the pharmacy does not carry it."""

    sequence = fields.Integer()
    name = fields.String()
    quantity = fields.Integer()
    price = Fen(allow_none=True)
    amount = Fen(allow_none=True)
    available = fields.Boolean()


class QuoteOut(Schema):
    """What one pharmacy asks; `own_cost` is null where nobody knows what the insurance pays.

    `ships` says that it would bring these medicines to the door, free of charge.
    """

    id = IdOf(QUOTE_ID, lambda one: quote_public_id(one.quote))
    pharmacy = IdOf(TENANT_ID, lambda one: one.pharmacy.id)
    pharmacy_name = fields.String(attribute="pharmacy.name")
    own_dispensary = fields.Boolean()
    available = fields.Boolean(attribute="quote.available")
    total = Fen(attribute="quote.total")
    own_cost = Fen(allow_none=True)
    ships = fields.Boolean()
    lines = fields.List(fields.Nested(QuoteLineOut))
    as_of = Instant(attribute="quote.as_of")
    valid_until = Instant(attribute="quote.valid_until")


class QuotesOut(Schema):
    """Quotes, the cheapest for the resident first, what is not available last."""

    data = fields.List(fields.Nested(QuoteOut))


def _each_once(chosen: list[PublicId]) -> None:
    if len(set(chosen)) < len(chosen):
        raise ValidationError("The same one twice.")


class ChoicesIn(Input):
    """Quotes in the order in which their pharmacies shall be offered the prescription."""

    choices = fields.List(
        PublicIdField(QUOTE_ID), required=True, validate=[validate.Length(1, MOST_PHARMACIES), _each_once]
    )  # fmt: skip


class ChoiceOut(Schema):
    """A chosen pharmacy and what became of it."""

    quote = IdOf(QUOTE_ID, quote_of_choice)
    pharmacy = PublicIdField(TENANT_ID, attribute="pharmacy_id")
    pharmacy_name = fields.String()
    rank = fields.Integer()
    state = Word(ChoiceState)
    reason = Word(REASONS, allow_none=True)
    attempt = fields.Integer(allow_none=True)
    total = Fen()
    own_cost = Fen(allow_none=True)


def _order(routing: Routing) -> PublicId | None:
    tenant, order = routing.prescription.order_tenant, routing.prescription.order_id
    return PublicId(ORDER_ID, Scope.for_tenant(tenant), order) if tenant and order else None


class RoutingOut(Schema):
    """The way of a prescription to pharmacies; `order` is null until the pharmacy has answered."""

    prescription = IdOf(PRESCRIPTION_ID, lambda one: prescription_public_id(one.prescription))
    attempt = fields.Integer(attribute="prescription.attempt")
    order = IdOf(ORDER_ID, _order, allow_none=True)
    order_state = Word(OrderState, attribute="prescription.order_state", allow_none=True)
    waiting = Word((CHOICE,), attribute="prescription.waiting", allow_none=True)
    choices = fields.List(fields.Nested(ChoiceOut))
    version = Version()
