"""The hospital follows an order by what the pharmacy tells: the prescription moves, or its next choice is offered."""

from dataclasses import dataclass

from app.core.ids import PublicId
from app.core.unit import Unit
from prescriptions.models.prescribing import Prescription
from prescriptions.models.routing import Choice
from prescriptions.rules.orders import LIVE, OrderState
from prescriptions.rules.prescriptions import Event
from prescriptions.service.moving import enter, happen
from prescriptions.service.offering import CHOICE, following, note, offer


@dataclass(frozen=True)
class Moved:
    """What a pharmacy told of an order."""

    order: PublicId
    state: OrderState
    reason: str | None


def follow(unit: Unit, prescription: Prescription, choice: Choice, moved: Moved) -> None:
    """Let a prescription, which the unit holds locked, follow its order, made of `choice`."""
    if moved.state in LIVE:
        _name_order(prescription, moved)
        enter(unit, prescription, "prescription.order_moved")
        return
    choice.state, choice.reason = moved.state.value, moved.reason
    note(unit, choice)
    unit.session.flush()  # the next choice can be offered only after this one is not
    if moved.state is OrderState.FULFILLED:
        _name_order(prescription, moved)
        happen(unit, prescription, Event.FULFILLED, _too_late(prescription))
    else:
        _end(unit, prescription, choice)


def _name_order(prescription: Prescription, moved: Moved) -> None:
    prescription.order_id, prescription.order_state = moved.order.id, moved.state


def _too_late(prescription: Prescription) -> str | None:
    """What is noted of a stop that came when the medicines were already handed over."""
    return f"{prescription.stopping}_too_late" if prescription.stopping else None


def _end(unit: Unit, prescription: Prescription, ended: Choice) -> None:
    """The order ended without hand-over: the next choice, the resident's word, or the end that waited for this."""
    coming = following(unit, prescription, ended)
    if coming is None:
        prescription.waiting = CHOICE
    happen(unit, prescription, Event.ORDER_ENDED, f"order_{ended.state}")
    if coming is not None:
        offer(unit, prescription, coming)
