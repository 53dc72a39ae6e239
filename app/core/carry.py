"""Carrying relays: applied once in the taker's scope, then acknowledged in the giver's.

The only place where two units are open at once: the giver's holds the relay's row locked while the taker's runs. Each
commits by itself. A cut between the two commits is a retry, which finds the taker's inbox row and acknowledges.
"""

import uuid
from datetime import timedelta
from typing import Any

import orjson
import structlog
from sqlalchemy import select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError

from app.core.journal.record import relay_place
from app.core.relays import Answer, Handlers, Incoming, RelayState, tables_of
from app.core.scope import Scope
from app.core.unit import RERUN_STATES, Caller, Unit, sqlstate, unit

BATCH = 50
TRIES = 10
"""After so many failed tries a relay is stuck: it blocks its subject, and an operator must answer for it."""
FIRST_PAUSE = timedelta(seconds=1)
LONGEST_PAUSE = timedelta(minutes=10)
UNKNOWN_PAUSE = timedelta(seconds=30)
"""How long a type or version that this process does not know waits for one that does (rolling deploys)."""
log = structlog.get_logger()


def carry(giver: Scope, handlers: Handlers) -> int:
    """Carry what is due in `giver`, at most one batch, each subject in order; returns how many moved."""
    with unit(giver) as reading:
        due = _due(reading)
    return sum(_carry(giver, relay_id, handlers) for relay_id in due)


def _due(reading: Unit) -> list[uuid.UUID]:
    """The relays that may go now: due, and first of their subject for their taker."""
    tables = tables_of(reading.scope)
    relay, owner = tables.relay, getattr(tables.relay, tables.owner)
    mine = reading.scope.tenant or reading.scope.person
    earlier = tables.relay.__table__.alias("earlier")
    blocked = select(earlier.c.id).where(
        earlier.c[tables.owner] == mine, owner == mine,
        earlier.c.taker == relay.taker, earlier.c.subject == relay.subject,
        earlier.c.state != RelayState.ACKNOWLEDGED,
        tuple_(earlier.c.seq, earlier.c.position) < tuple_(relay.seq, relay.position),
    ).correlate(relay.__table__)  # fmt: skip
    query = select(relay.id).where(owner == mine, relay.due_at <= reading.now, ~blocked.exists())
    return list(reading.session.scalars(query.order_by(relay.due_at, relay.seq, relay.position).limit(BATCH)))


def _carry(giver: Scope, relay_id: uuid.UUID, handlers: Handlers) -> int:
    with unit(giver) as giving:
        relay = _lock(giving, relay_id)
        if relay is None:
            return 0
        handler = handlers.get((relay.type, relay.version))
        if handler is None:
            relay.due_at = giving.now + UNKNOWN_PAUSE
            log.warning("relay_unknown", relay=str(relay_id), type=relay.type, version=relay.version)
            return 0
        try:
            answer = _apply(giving, relay, handler)
        except Exception as error:  # a handler's defect must not stop the carrier; it is counted and retried
            _failed(giving, relay, error)
            return 0
        relay.state, relay.due_at, relay.answer = RelayState.ACKNOWLEDGED, None, dict(answer)
        relay.acknowledged_at = giving.clock.now()
        return 1


def _lock(giving: Unit, relay_id: uuid.UUID) -> Any:
    relay = tables_of(giving.scope).relay
    query = giving.select(relay).where(
        relay.id == relay_id, relay.state == RelayState.PENDING, relay.due_at <= giving.now
    )
    return giving.first(query.with_for_update(skip_locked=True))


def _apply(giving: Unit, relay: Any, handler: Any) -> Answer:
    place = relay_place(giving.scope, relay.id)
    payload = orjson.loads(giving.cipher.open(relay.payload, place))
    incoming = Incoming(relay.id, giving.scope, relay.subject, relay.type, payload)
    by = Caller(f"relay:{giving.scope}", str(relay.id))
    with unit(Scope.parse(relay.taker), by) as taking:
        if not _receive(taking, incoming):
            return _answered(taking, relay.id)
        answer: Answer = handler(taking, incoming)
        if answer:
            _inbox_row(taking, relay.id).answer = dict(answer)
        return answer


def _receive(taking: Unit, incoming: Incoming) -> bool:
    """Note the relay in the inbox; False when it was taken before."""
    tables = tables_of(taking.scope)
    row: dict[str, Any] = {
        tables.owner: taking.scope.tenant or taking.scope.person, "id": incoming.id,
        "giver": str(incoming.giver), "received_at": taking.now, "answer": {},
    }  # fmt: skip
    taken = insert(tables.inbox).values(row).on_conflict_do_nothing().returning(tables.inbox.id)
    return taking.session.execute(taken).first() is not None


def _inbox_row(taking: Unit, relay_id: uuid.UUID) -> Any:
    row = taking.get(tables_of(taking.scope).inbox, relay_id)
    if row is None:
        raise LookupError("inbox row vanished")
    return row


def _answered(taking: Unit, relay_id: uuid.UUID) -> Answer:
    answer: Answer = _inbox_row(taking, relay_id).answer
    return answer


def _failed(giving: Unit, relay: Any, error: Exception) -> None:
    """Count the try, unless the database only asked to repeat it; keep the kind of error, never its text."""
    name = type(error).__name__
    if isinstance(error, DBAPIError) and sqlstate(error) in RERUN_STATES:
        return
    relay.tries += 1
    relay.error = name
    stuck = relay.tries >= TRIES
    relay.state = RelayState.STUCK if stuck else RelayState.PENDING
    relay.due_at = None if stuck else giving.clock.now() + pause(relay.tries)
    log.error("relay_stuck" if stuck else "relay_failed", relay=str(relay.id), type=relay.type, error=name)


def pause(tries: int) -> timedelta:
    """How long to wait after `tries` failed tries: doubling from one second to ten minutes."""
    return min(FIRST_PAUSE * (1 << (tries - 1)), LONGEST_PAUSE)
