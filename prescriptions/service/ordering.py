"""Moving a routing order: the one place where an event changes its state, and tells hospital and pharmacy of it."""

from collections.abc import Sequence
from dataclasses import asdict

from app.core.journal.record import Facts, Outgoing, record
from app.core.scope import Scope
from app.core.unit import Unit
from prescriptions.models.routing import RoutingOrder
from prescriptions.names import ORDER_MOVED, SUPPLY_ENDED, SUPPLY_FULFILLED
from prescriptions.order_content import lines_of
from prescriptions.routing_errors import wrong_order_state
from prescriptions.routing_ids import routing_order_public_id
from prescriptions.rules.orders import ENDED, LIVE, OrderEvent, OrderState, Times, move, needed
from prescriptions.shipments.moving import follow


def happen(unit: Unit, order: RoutingOrder, event: OrderEvent, reason: str | None = None) -> bool:
    """Let `event` happen to `order`, which the unit holds locked, and to its open shipment where it ends the order.

    Returns whether it changed anything.
    """
    found = move(OrderState(order.state), event)
    if found is None:
        return False
    order.state, order.reason, order.due_at = found, reason, times_of(order).due(found, unit.now)
    order.version += 1
    _note(unit, order, f"routing_order.{found}", _told(unit, order))
    if found not in LIVE:
        follow(unit, order)
    return True


def require(unit: Unit, order: RoutingOrder, event: OrderEvent, reason: str | None = None) -> None:
    """The same, for somebody who asks for it; raises WrongState where it changes nothing."""
    if not happen(unit, order, event, reason):
        raise wrong_order_state(order, needed(event))


def enter(unit: Unit, order: RoutingOrder, happened: str) -> None:
    """Write the entry for what `happened` to an order, without a change of its state, as its next version."""
    order.version += 1
    _note(unit, order, happened)


def arrive(unit: Unit, order: RoutingOrder) -> None:
    """Write the first entry of a fresh order, which may have ended already."""
    unit.add(order)
    unit.session.flush()
    _note(unit, order, f"routing_order.{order.state}", _told(unit, order))


def times_of(order: RoutingOrder) -> Times:
    """Until when what may be done."""
    return Times(order.offer_until, order.expires_at)


def _told(unit: Unit, order: RoutingOrder) -> list[Outgoing]:
    """What others hear of the state that an order is in now: its hospital, and who settled for it."""
    relays = [Outgoing(Scope.for_tenant(order.hospital), ORDER_MOVED, _moved(unit, order))]
    own = Scope.for_tenant(order.tenant_id)
    if order.state in ENDED:
        ended = {"order": str(routing_order_public_id(order)), "state": order.state, "reason": order.reason}
        relays.append(Outgoing(own, SUPPLY_ENDED, ended))
    if order.state == OrderState.FULFILLED:
        relays.append(Outgoing(own, SUPPLY_FULFILLED, _fulfilled(unit, order)))
    return relays


def _note(unit: Unit, order: RoutingOrder, happened: str, relays: Sequence[Outgoing] = ()) -> None:
    known = routing_order_public_id(order)
    record(unit, happened, known, order.version, facts_of(order), relays, order.resident_id)


def facts_of(order: RoutingOrder) -> Facts:
    """What entries say of an order: ids, states, codes and amounts."""
    facts: dict[str, int | str] = {
        "state": order.state, "amount": order.total, "prescription": order.prescription, "attempt": order.attempt,
    }  # fmt: skip
    if order.reason:
        facts["reason"] = order.reason
    return facts


def _moved(unit: Unit, order: RoutingOrder) -> dict[str, object]:
    return {
        "prescription": order.prescription, "attempt": order.attempt, "order": str(routing_order_public_id(order)),
        "state": order.state, "reason": order.reason, "version": order.version, "at": unit.now.isoformat(),
    }  # fmt: skip


def _fulfilled(unit: Unit, order: RoutingOrder) -> dict[str, object]:
    lines = [asdict(line) for line in lines_of(unit, order)]
    return {
        "order": str(routing_order_public_id(order)), "prescription": order.prescription,
        "resident": str(order.resident_id), "settlement": order.settled_by, "lines": lines, "total": order.total,
        "supplied_at": order.handed_over_at.isoformat() if order.handed_over_at else None,
    }  # fmt: skip
