"""What an operator does with stuck relays: look, have them tried again, or answer for their taker."""

import uuid
from typing import Any

from app.core.errors import NotFound, WrongState
from app.core.ids import PublicId
from app.core.journal.record import record
from app.core.relays import RelayState, acknowledge, tables_of
from app.core.unit import Caller, Unit

OPERATOR = Caller("system:operator")
RELAY_ID = "relay"
MOST_LISTED = 1000


def stuck(unit: Unit) -> list[Any]:
    """The stuck relays that this scope gives, in the order in which their takers should have heard them."""
    relay = tables_of(unit.scope).relay
    query = unit.select(relay).where(relay.state == RelayState.STUCK)
    return unit.all(query.order_by(relay.seq, relay.position).limit(MOST_LISTED))


def retry(unit: Unit, relay_id: uuid.UUID) -> None:
    """Have a stuck relay tried again from the first try; raises NotFound or WrongState."""
    relay = _stuck(unit, relay_id)
    relay.state, relay.tries, relay.due_at = RelayState.PENDING, 0, unit.now


def answer(unit: Unit, relay_id: uuid.UUID, code: str) -> None:
    """Answer a stuck relay in its taker's place, so that its subject moves on; the taker never hears it.

    Journalled in the giver's scope. Raises NotFound or WrongState.
    """
    relay = _stuck(unit, relay_id)
    acknowledge(unit, relay, {"answered_by": unit.by.actor, "code": code})
    subject = PublicId(RELAY_ID, unit.scope, relay.id)
    record(unit, "relay.answered", subject, 1, {"code": code, "type": relay.type, "taker": relay.taker})


def _stuck(unit: Unit, relay_id: uuid.UUID) -> Any:
    relay = unit.get(tables_of(unit.scope).relay, relay_id, lock=True)
    if relay is None:
        raise NotFound
    if relay.state != RelayState.STUCK:
        raise WrongState("the relay is not stuck", code="relay_not_stuck")
    return relay
