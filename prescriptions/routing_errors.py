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


def stands_against(code: str) -> WrongState:
    """Something else stands against it; `code` is the reason's."""
    return WrongState("something stands against this now", code=code)


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
    detail = "no pharmacy by this name"
    return InvalidInput(detail, faults=(Fault(f"/pharmacies/{at}", "not_a_pharmacy", detail),))
