"""Errors of choosing and routing, each with its stable code."""

from app.core.errors import Fault, InvalidInput, WrongState


def wrong_order_state() -> WrongState:
    """The order's state does not allow it."""
    return WrongState("the order is not in a state in which this can be done", code="order_state")


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
