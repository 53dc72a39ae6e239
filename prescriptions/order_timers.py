"""What routing orders do by themselves.

Offers that nobody answered and prescriptions whose time is over end them; a while after an end without hand-over, what
is clinical in them is forgotten.
"""

import uuid
from functools import partial

import structlog
from sqlalchemy import select

from app.core.scope import Scope
from app.core.timers import Timer
from app.core.unit import Unit, run, unit
from prescriptions.models.routing import Quote, RoutingOrder
from prescriptions.order_content import forget_content
from prescriptions.rules.orders import ENDED, OrderState
from prescriptions.service.ordering import enter, happen, times_of

BATCH = 50
log = structlog.get_logger()


def end_due(scope: Scope) -> int:
    """End the orders of `scope` whose time is up, and forget what is in ended ones; returns how many."""
    ended = 0
    for one in _due(scope):
        try:
            ended += run(scope, partial(_end, one=one))
        except Exception as error:  # a defect with one order must not hold up the others
            log.error("order_not_ended", order=str(one), error=type(error).__name__)
    return ended


def _due(scope: Scope) -> list[uuid.UUID]:
    with unit(scope) as reading:
        query = select(RoutingOrder.id).where(
            RoutingOrder.tenant_id == scope.require_tenant(), RoutingOrder.due_at <= reading.now
        )
        return list(reading.session.scalars(query.order_by(RoutingOrder.due_at).limit(BATCH)))


def _end(opened: Unit, one: uuid.UUID) -> int:
    query = opened.select(RoutingOrder).where(RoutingOrder.id == one, RoutingOrder.due_at <= opened.now)
    order = opened.first(query.with_for_update(skip_locked=True))
    if order is None:
        return 0
    if order.state in ENDED:
        return _forget(opened, order)
    event = times_of(order).up(OrderState(order.state), opened.now)
    return int(event is not None and happen(opened, order, event))


def _forget(opened: Unit, order: RoutingOrder) -> int:
    """Forget what is clinical in an ended order, and with it the quote that it was made by."""
    forget_content(order)
    order.due_at = None
    quote = opened.get(Quote, order.quote_id, lock=True)
    if quote is not None:
        quote.due_at = opened.now
    enter(opened, order, "routing_order.forgotten")
    return 1


ORDER_TIMERS = (Timer("end-routing-orders", (RoutingOrder,), end_due),)
