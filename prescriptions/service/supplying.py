"""What insurance is told of an order that it shall settle for, and what it says back."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime

from app.core.errors import NotFound, WrongState
from app.core.ids import PublicId
from app.core.unit import Unit
from prescriptions.models.routing import RoutingOrder
from prescriptions.order_content import SupplyLine, lines_of, sent_with
from prescriptions.routing_errors import stands_against, wrong_order_state
from prescriptions.routing_ids import routing_order_public_id
from prescriptions.rules.orders import ENDED, Against, OrderState
from prescriptions.service.ordering import enter, times_of


@dataclass(frozen=True)
class Supply:
    """What a pharmacy supplies with one order; `total` in fen, `hospital` the tenant that prescribed."""

    order: PublicId
    resident: uuid.UUID
    prescription: str
    """The public id of the hospital's prescription."""
    hospital: int
    diagnoses: tuple[str, ...] = field(repr=False)
    """ICD-10 codes."""
    lines: tuple[SupplyLine, ...] = field(repr=False)
    total: int
    expires_at: datetime
    state: str


def supply_to_settle(unit: Unit, order: PublicId, *, lock: bool = False) -> Supply:
    """The supply that waits for its settlement; with `lock`, held until the unit ends. A resident may be bound.

    Raises NotFound, and WrongState: `order_expired` and `order_ended` where it has ended, settled or not, else
    `order_settled` or `order_not_prepared`.
    """
    row = _settleable(unit, order, lock=lock)
    sent = sent_with(unit, row)
    return Supply(
        routing_order_public_id(row), row.resident_id, row.prescription, row.hospital, sent.diagnoses,
        lines_of(unit, row), row.total, row.expires_at, row.state,
    )  # fmt: skip


def mark_settled(unit: Unit, order: PublicId, settlement: PublicId) -> None:
    """Note that `settlement` paid for an order, in the unit that commits it.

    Raises NotFound, and WrongState as `supply_to_settle` where the order ended meanwhile.
    """
    row = _settleable(unit, order, lock=True)
    row.settled_by = str(settlement)
    enter(unit, row, "routing_order.settled")


def _settleable(unit: Unit, order: PublicId, *, lock: bool) -> RoutingOrder:
    if order.scope.tenant != unit.scope.tenant:
        raise NotFound
    row = unit.get(RoutingOrder, order.id, lock=lock)
    if row is None:
        raise NotFound
    against = _against(row, unit.clock.now())
    if against:
        raise against
    return row


def _against(row: RoutingOrder, now: datetime) -> WrongState | None:
    """What stands against settling it. Its end comes first: what ended was perhaps settled, and shall not be again."""
    state = OrderState(row.state)
    if state is OrderState.EXPIRED or times_of(row).against(state, now) is Against.EXPIRED:
        return stands_against(Against.EXPIRED)
    if state in ENDED:
        return wrong_order_state(row, OrderState.PREPARED)
    if row.settled_by is not None:
        return stands_against("order_settled")
    return None if state is OrderState.PREPARED else stands_against("order_not_prepared")
