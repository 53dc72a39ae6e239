"""Carrying relays: applied once in the taker's scope, then acknowledged in the giver's.

The only place where two units are open at once: the giver's holds the relay's row locked while the taker's runs. Each
commits by itself. A cut between the two commits is a retry, which finds the taker's inbox row and acknowledges. A
failure is noted in a unit of its own, so that it counts even where the giver's was cut meanwhile.
"""

import time
import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import orjson
import structlog
from sqlalchemy import or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError

from app.core.journal.record import relay_place
from app.core.relays import (
    Answer,
    Handler,
    Handlers,
    Incoming,
    RelayState,
    acknowledge,
    earlier_waiting,
    owner_of,
    tables_of,
)
from app.core.scope import Scope
from app.core.unit import PASSING_STATES, RERUN_STATES, Caller, Unit, run, sqlstate, unit

BATCH = 50
SWEEP = 500
"""Rows that one unit postpones, or whose payload it deletes."""
SLICE_SECONDS = 1.0
"""After which a carrier turns to other givers, however much is left."""
TAKER_SECONDS = 8.0
"""What a taker's unit may take in all; the giver's waits for it and is cut after ten idle seconds."""
TRIES = 10
"""After so many failed tries a relay is stuck: it blocks its subject, and an operator must answer for it."""
FIRST_PAUSE = timedelta(seconds=1)
LONGEST_PAUSE = timedelta(minutes=10)
UNKNOWN_PAUSE = timedelta(seconds=30)
"""How long a type or version that this process does not know waits for one that does (rolling deploys)."""
BLOCKED_PAUSE = timedelta(minutes=1)
"""How long a relay behind one that waits is left alone; the acknowledgement of that one ends the wait at once."""
PASSING_PAUSE = timedelta(seconds=2)
EXCUSED_STATES = frozenset(PASSING_STATES) - {"57014", "25P03", "25P04"}
"""Troubles of the database that are no fault of the relay. A handler that takes too long is one: it counts."""
log = structlog.get_logger()


class TookTooLong(Exception):
    """A handler used up the time that a taker's unit has; its work is undone and counts as a failed try."""


def carry(giver: Scope, handlers: Handlers, pace: float = 1.0) -> int:
    """Carry what is due in `giver`, at most one batch, each subject in order; returns for how many it could do
    something: carried, tried in vain, postponed or swept.

    Pauses last `pace` times as long as the constants say (1 in production).
    """
    with unit(giver) as reading:
        due = _due(reading)
    moved, end = 0, time.monotonic() + SLICE_SECONDS
    for relay_id in due:
        moved += _Carrying(giver, relay_id, handlers, pace).carry()
        if time.monotonic() > end:
            break
    return moved + run(giver, lambda opened: _postpone(opened, pace) + _sweep(opened))


def _due(reading: Unit) -> list[uuid.UUID]:
    """The relays that may go now: due, and first of their subject for their taker."""
    relay = tables_of(reading.scope).relay
    query = _of(reading).where(relay.due_at <= reading.now, ~earlier_waiting(reading).exists())
    return list(reading.session.scalars(query.order_by(relay.due_at, relay.seq, relay.position).limit(BATCH)))


def _of(opened: Unit) -> Any:
    relay = tables_of(opened.scope).relay
    return select(relay.id).where(owner_of(opened), relay.state == RelayState.PENDING)


@dataclass
class _Carrying:
    """One relay being carried, and what went wrong with it."""

    giver: Scope
    relay_id: uuid.UUID
    handlers: Handlers
    pace: float
    tries: int = 0
    error: Exception | None = None

    def carry(self) -> int:
        """Returns 0 when another carrier has the relay; raises what befell the giver's unit."""
        try:
            with unit(self.giver) as giving:
                return self._hold(giving)
        finally:
            if self.error:
                run(self.giver, self._failed)

    def _hold(self, giving: Unit) -> int:
        relay = _lock(giving, self.relay_id)
        if relay is None:
            return 0
        self.tries = relay.tries
        handler = self.handlers.get((relay.type, relay.version))
        if handler is None:
            relay.due_at = giving.now + UNKNOWN_PAUSE * self.pace
            log.warning("relay_unknown", relay=str(relay.id), type=relay.type, version=relay.version)
            return 1
        try:
            answer = _apply(giving, relay, handler)
        except Exception as error:  # a handler's defect must not stop the carrier; it is counted and retried
            self.error = error
        else:
            acknowledge(giving, relay, answer)
        return 1

    def _failed(self, giving: Unit) -> None:
        """Count the try, unless the trouble is the database's and passes; keep the kind of error, never its text."""
        relay, name = _lock(giving, self.relay_id), type(self.error).__name__
        if relay is None or relay.tries != self.tries:
            return  # another carrier had it meanwhile
        state = sqlstate(self.error) if isinstance(self.error, DBAPIError) else ""
        if state in RERUN_STATES:
            return
        if state in EXCUSED_STATES:
            relay.due_at = giving.clock.now() + PASSING_PAUSE * self.pace
            log.warning("relay_waits", relay=str(relay.id), type=relay.type, sqlstate=state)
            return
        relay.tries += 1
        relay.error = name
        stuck = relay.tries >= TRIES
        relay.state = RelayState.STUCK if stuck else RelayState.PENDING
        relay.due_at = None if stuck else giving.clock.now() + pause(relay.tries) * self.pace
        log.error("relay_stuck" if stuck else "relay_failed", relay=str(relay.id), type=relay.type, error=name)


def _lock(giving: Unit, relay_id: uuid.UUID) -> Any:
    relay = tables_of(giving.scope).relay
    query = giving.select(relay).where(
        relay.id == relay_id, relay.state == RelayState.PENDING, relay.due_at <= giving.now
    )
    return giving.first(query.with_for_update(skip_locked=True))


def _apply(giving: Unit, relay: Any, handler: Handler) -> Answer:
    started = time.monotonic()
    place = relay_place(giving.scope, relay.id)
    payload = orjson.loads(giving.cipher.open(relay.payload, place))
    incoming = Incoming(relay.id, giving.scope, relay.subject, relay.type, payload)
    by = Caller(f"relay:{giving.scope}", str(relay.id))
    with unit(Scope.parse(relay.taker), by) as taking:
        if not _receive(taking, incoming):
            return _answered(taking, relay.id)
        answer = dict(handler(taking, incoming))
        if answer:
            _inbox_row(taking, relay.id).answer = answer
            taking.session.flush()
        if time.monotonic() - started > TAKER_SECONDS:
            raise TookTooLong
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


def pause(tries: int) -> timedelta:
    """How long to wait after `tries` failed tries: doubling from one second to ten minutes."""
    return min(FIRST_PAUSE * (1 << min(tries - 1, 10)), LONGEST_PAUSE)


def _postpone(opened: Unit, pace: float) -> int:
    """Leave alone what stands behind a relay that waits itself, so that it is not looked for in vain."""
    relay = tables_of(opened.scope).relay
    waits = earlier_waiting(opened, lambda earlier: or_(earlier.due_at.is_(None), earlier.due_at > opened.now))
    blocked = _of(opened).where(relay.due_at <= opened.now, waits.exists()).limit(SWEEP)
    ids = list(opened.session.scalars(blocked.with_for_update(skip_locked=True)))
    _change(opened, ids, due_at=opened.now + BLOCKED_PAUSE * pace)
    return len(ids)


def _sweep(opened: Unit) -> int:
    """Delete the payload of what was acknowledged `RELAY_PAYLOAD_KEPT` ago."""
    relay = tables_of(opened.scope).relay
    old = select(relay.id).where(owner_of(opened), relay.state == RelayState.ACKNOWLEDGED, relay.due_at <= opened.now)
    ids = list(opened.session.scalars(old.limit(SWEEP).with_for_update(skip_locked=True)))
    _change(opened, ids, payload=None, due_at=None)
    return len(ids)


def _change(opened: Unit, ids: list[uuid.UUID], **values: Any) -> None:
    if ids:
        relay = tables_of(opened.scope).relay
        change = update(relay).where(owner_of(opened), relay.id.in_(ids)).values(**values)
        opened.session.execute(change.execution_options(synchronize_session=False))
