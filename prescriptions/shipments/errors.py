"""Errors of shipments, each with its stable code."""

from app.core.errors import Fault, InvalidInput, WrongState
from prescriptions.shipments.models import Shipment

_NO_COURIER = "no courier of this pharmacy"


def wrong_shipment_state(shipment: Shipment) -> WrongState:
    """The shipment's state does not allow it; the detail names state and reason by their codes."""
    reason = f" ({shipment.reason})" if shipment.reason else ""
    return WrongState(f"the shipment is {shipment.state}{reason}", code="shipment_state")


def not_a_courier() -> InvalidInput:
    """Who is named is no courier of this pharmacy now."""
    return InvalidInput(_NO_COURIER, faults=(Fault("/courier", "not_a_courier", _NO_COURIER),))
