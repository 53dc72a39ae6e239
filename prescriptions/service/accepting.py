"""A pharmacy accepts an order or not, gives it back; its resident takes it back, or asks for a new pick-up code."""

import secrets
from collections.abc import Callable
from datetime import datetime

from app.core.calendar import local_date
from app.core.ids import PublicId
from app.core.unit import Effect, Unit, run
from prescriptions.models.routing import RoutingOrder
from prescriptions.order_content import seal_code
from prescriptions.routing_errors import stands_against, wrong_order_state
from prescriptions.routing_ids import OrderViewer
from prescriptions.rules.orders import (
    BY_RESIDENT,
    LIVE,
    Against,
    DeclineReason,
    OrderEvent,
    OrderState,
    ReleaseReason,
)
from prescriptions.rules.pickup import DIGITS
from prescriptions.service.ordering import enter, require, times_of
from tenants.api import may_sell_online

Change = Callable[[Unit, RoutingOrder], None]


def accept(viewer: OrderViewer, known: PublicId, effect: Effect | None = None) -> RoutingOrder:
    """Take the order on; its resident gets a pick-up code. Raises NotFound, WrongState."""

    def accepting(opened: Unit, order: RoutingOrder) -> None:
        in_time(opened, order)
        refuse_unlicensed(opened)
        order.accepted_by = viewer.by.actor
        seal_code(opened, order, new_code())
        require(opened, order, OrderEvent.ACCEPTED)

    return change(viewer, known, accepting, effect)


def decline(viewer: OrderViewer, known: PublicId, reason: DeclineReason, effect: Effect | None = None) -> RoutingOrder:
    """Do not take the order on. Raises NotFound, WrongState."""
    return change(viewer, known, lambda opened, order: require(opened, order, OrderEvent.DECLINED, reason), effect)


def release(viewer: OrderViewer, known: PublicId, reason: ReleaseReason, effect: Effect | None = None) -> RoutingOrder:
    """Give an accepted order back, before it is prepared. Raises NotFound, WrongState."""
    return change(viewer, known, lambda opened, order: require(opened, order, OrderEvent.RELEASED, reason), effect)


def revoke(viewer: OrderViewer, known: PublicId, effect: Effect | None = None) -> RoutingOrder:
    """The resident takes the order back, as long as nothing was handed over. Raises NotFound, WrongState."""
    return change(viewer, known, lambda opened, order: require(opened, order, OrderEvent.REVOKED, BY_RESIDENT), effect)


def renew_code(viewer: OrderViewer, known: PublicId, effect: Effect | None = None) -> RoutingOrder:
    """Give the resident another pick-up code, which ends a lock. Raises NotFound, WrongState."""

    def renewing(opened: Unit, order: RoutingOrder) -> None:
        in_time(opened, order)
        if order.state not in LIVE - {OrderState.OFFERED}:
            raise wrong_order_state(order, OrderState.ACCEPTED)
        seal_code(opened, order, new_code())
        order.wrong_codes, order.locked_at = 0, None
        enter(opened, order, "routing_order.code_renewed")

    return change(viewer, known, renewing, effect)


def change(viewer: OrderViewer, known: PublicId, work: Change, effect: Effect | None) -> RoutingOrder:
    """Change the order, locked, in the scope in which `viewer` sees it; raises NotFound and what `work` raises."""

    def changing(opened: Unit) -> RoutingOrder:
        order = viewer.order(opened, known, lock=True)
        work(opened, order)
        return order

    return run(viewer.at(known), changing, viewer.by, effect=effect)


def in_time(opened: Unit, order: RoutingOrder) -> datetime:
    """The present instant, read under the order's lock; raises WrongState where the time is up, noticed or not."""
    now = opened.clock.now()
    against = times_of(order).against(OrderState(order.state), now)
    if against:
        raise stands_against(against)
    return now


def refuse_unlicensed(opened: Unit) -> None:
    """Raise WrongState `not_licensed` where the pharmacy may not sell today."""
    if not may_sell_online(opened, local_date(opened.now)):
        raise stands_against(Against.NOT_LICENSED)


def new_code() -> str:
    """A fresh pick-up code."""
    return f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
