"""What routing orders do by themselves.

Offers that nobody answered and prescriptions whose time is over end them; a while after an end without hand-over, what
is clinical in them is forgotten.
"""

from app.core.due import each_due
from app.core.scope import Scope
from app.core.timers import Timer
from app.core.unit import Unit
from prescriptions.models.routing import Quote, RoutingOrder
from prescriptions.order_content import forget_content
from prescriptions.rules.orders import ENDED, OrderState
from prescriptions.service.ordering import enter, happen, times_of


def end_due(scope: Scope) -> int:
    """End the orders of `scope` whose time is up, and forget what is in ended ones; returns how many."""
    return each_due(scope, RoutingOrder, _end)


def _end(opened: Unit, order: RoutingOrder) -> int:
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
