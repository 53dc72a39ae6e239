"""Errors of choosing and routing, each with its stable code."""

from app.core.errors import Fault, InvalidInput, Problem, WrongState
from prescriptions.models.routing import RoutingOrder
from prescriptions.rules.orders import OrderState, refusal


class TooManyQuotes(Problem):
    """429: quotes were asked for this prescription too often; `retry_after` is when the next may be asked for."""

    status = 429
    code = "too_many_quotes"
    title = "Too many quotes for this prescription"


def wrong_order_state(order: RoutingOrder, needed: OrderState) -> WrongState:
    """The order is not `needed`, which somebody's act wants; the detail names state and reason by their codes."""
    reason = f" ({order.reason})" if order.reason else ""
    return WrongState(f"the order is {order.state}{reason}", code=refusal(OrderState(order.state), needed))


def forgotten() -> WrongState:
    """The order ended without hand-over, so long ago that what was in it is forgotten."""
    return WrongState(
        "what an order holds that came to nothing is kept for a month: ask the hospital that prescribed",
        code="order_forgotten",
    )


_NO_PHARMACY = "no pharmacy by this name"
AGAINST = {
    "order_expired": "the time in which the prescription may be supplied is over",
    "offer_over": "the time in which the pharmacy could accept the offer is over",
    "order_not_settled": "it is handed over once it is paid for: settle it first (POST /api/v1/settlements)",
    "order_not_prepared": "it is settled once it is prepared and verified: wait for the pharmacy",
    "order_settled": "it is settled already",
    "order_live": "a pharmacy holds an order of this prescription: take that back first, or wait for its end",
    "order_with_courier": "a courier has the parcel: it is handed over at the door, or brought back first",
    "preparer_verifies": "who prepared it does not verify it: another member of the staff does",
    "not_licensed": "the pharmacy has no license to sell medicines online that holds today",
    "signatures_invalid": "a signature on the prescription does not hold: decline, and tell the hospital",
    "prescription_stopping": "the prescription is ending: its pharmacy has still to answer",
    "prescription_expired": "the prescription's time is over: ask its doctor for another one",
    "tenant_suspended": "the hospital that prescribed is suspended: it sends nothing to pharmacies now",
    "not_shippable": "the pharmacy does not ship, or not each of these medicines: collect it there",
    "shipment_open": "there is a shipment of this order that has not ended",
}
"""What can stand against acting on an order or a prescription that is there, by code: what it is, and what to do."""


def stands_against(code: str) -> WrongState:
    """What AGAINST says of `code` stands against it."""
    return WrongState(AGAINST[code], code=code)


def wrong_code() -> WrongState:
    """The pick-up code is another one; rendered from a refusal that is remembered."""
    return WrongState("this is not the pick-up code", code="wrong_pickup_code")


def locked() -> WrongState:
    """Too many wrong codes; rendered from a refusal that is remembered."""
    return WrongState("locked after too many wrong codes: the resident asks for a new one", code="pickup_locked")


def bad_choice(at: int, rule: str, detail: str) -> InvalidInput:
    """The choice in place `at` of the list cannot be made."""
    return InvalidInput(detail, faults=(Fault(f"/choices/{at}", rule, detail),))


def bad_pharmacy(at: int) -> InvalidInput:
    """What stands in place `at` of the list is no pharmacy."""
    return InvalidInput(_NO_PHARMACY, faults=(Fault(f"/pharmacies/{at}", "not_a_pharmacy", _NO_PHARMACY),))
