"""The hand-over itself, once and for ever, against the resident's code: the same at the counter and at a door."""

import hmac

from app.core.errors import Forbidden, Refused, WrongState
from app.core.unit import Unit
from prescriptions.models.routing import RoutingOrder
from prescriptions.order_content import code_digest, sent_with
from prescriptions.routing_errors import locked, stands_against, wrong_code, wrong_order_state
from prescriptions.rules.orders import Against, OrderEvent, OrderState
from prescriptions.rules.pickup import Tried, Verdict, tried
from prescriptions.service.accepting import in_time, refuse_unlicensed
from prescriptions.service.ordering import enter, require
from tenants.api import Viewer, person_behind


def supply(opened: Unit, order: RoutingOrder, viewer: Viewer, code: str) -> Refused | None:
    """Let a member hand over an order, which the unit holds locked; returns the refusal that is to be remembered.

    Raises WrongState of the order, also `order_not_settled` and `order_expired`; Forbidden as `refuse_author` does.
    """
    now = in_time(opened, order)
    refuse_unlicensed(opened)
    refuse_unready(order)
    refuse_author(opened, order, viewer)
    attempt = _tried(opened, order, code)
    if attempt.verdict is not Verdict.RIGHT:
        return _remember(opened, order, attempt)
    order.handed_over_by, order.handed_over_at = viewer.member, now
    require(opened, order, OrderEvent.HANDED_OVER)
    return None


def refuse_author(opened: Unit, order: RoutingOrder, viewer: Viewer) -> None:
    """Raise Forbidden `own_prescription` where the doctor who wrote it would supply it, as who they are here."""
    author = sent_with(opened, order).author if order.content else None
    if author is not None and author == str(person_behind(opened, viewer.staff_id)):
        raise Forbidden("nobody supplies what they prescribed", code="own_prescription")


def refuse_unready(order: RoutingOrder) -> None:
    """Raise WrongState where an order is not prepared, or not settled."""
    if order.state != OrderState.PREPARED:
        raise wrong_order_state(order, OrderState.PREPARED)
    if order.settled_by is None:
        raise stands_against(Against.NOT_SETTLED)


def _tried(opened: Unit, order: RoutingOrder, code: str) -> Tried:
    right = hmac.compare_digest(code_digest(opened, order, code), order.code_digest or "")
    return tried(right=right, wrong=order.wrong_codes, locked=order.locked_at is not None)


def _remember(opened: Unit, order: RoutingOrder, attempt: Tried) -> Refused:
    """Spend the try: under the order's lock, so that tries at the same moment count one by one."""
    order.wrong_codes = attempt.wrong
    if attempt.locks:
        order.locked_at = opened.now
    enter(opened, order, "routing_order.locked" if attempt.locks else "routing_order.wrong_code")
    return Refused(_problem(attempt))


def _problem(attempt: Tried) -> WrongState:
    return locked() if attempt.verdict is Verdict.LOCKED else wrong_code()
