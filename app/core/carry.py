"""Carrying relays: applied once in the taker's scope, then acknowledged in the giver's.

The only place where two units are open at once: the giver's holds the relay's row locked while the taker's runs. Each
commits by itself. A cut between the two commits is a retry, which finds the taker's inbox row and acknowledges. A
failure is noted in a unit of its own, so that it counts even where the giver's was cut meanwhile.
"""

import time
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
import structlog
from sqlalchemy import Row, Select
from sqlalchemy.exc import DBAPIError

from app.core.journal.record import relay_place
from app.core.relay_statements import giving, taking
from app.core.relay_sweep import SWEEP, sweep
from app.core.relays import Answer, Handler, Handlers, Incoming, RelayState, acknowledge, tables_of
from app.core.scope import Scope
from app.core.unit import PASSING_STATES, RERUN_STATES, Caller, Unit, run, sqlstate, unit

BATCH = 50
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
        due, left = _due(reading)
    carried, end = list[_Carrying](), time.monotonic() + SLICE_SECONDS
    moved = 0
    for relay_id in due:
        carried.append(_Carrying(giver, relay_id, handlers, pace))
        moved += carried[-1].carry()
        if time.monotonic() > end:
            break
    if left or any(one.waits for one in carried):
        moved += run(giver, lambda opened: _postpone(opened, pace)) + sweep(giver)
    return moved


def _due(reading: Unit) -> tuple[list[uuid.UUID], bool]:
    """The relays that may go now, and whether something is to be postponed or swept."""
    statements, values = giving(reading.scope), _mine(reading)
    due = list(reading.execute(statements.due, values | {"most": BATCH}).scalars())
    return due, reading.execute(statements.left, values).first() is not None


def _mine(opened: Unit) -> dict[str, Any]:
    return {"owner": opened.scope.tenant or opened.scope.person, "now": opened.now}


@dataclass
class _Carrying:
    """One relay being carried, and what went wrong with it."""

    giver: Scope
    relay_id: uuid.UUID
    handlers: Handlers
    pace: float
    tries: int = 0
    waits: bool = False
    """Whether it was put off: what stands behind it waits too."""
    error: Exception | None = None

    def carry(self) -> int:
        """Returns 0 when another carrier has the relay; raises what befell the giver's unit."""
        try:
            with unit(self.giver) as opened:
                return self._hold(opened)
        finally:
            if self.error:
                run(self.giver, self._failed)

    def _hold(self, giver: Unit) -> int:
        relay = _lock(giver, self.relay_id)
        if relay is None:
            return 0
        self.tries = relay.tries
        handler = self.handlers.get((relay.type, relay.version))
        if handler is None:
            self.waits = True
            _postponed(giver, [relay.id], giver.now + UNKNOWN_PAUSE * self.pace)
            log.warning("relay_unknown", relay=str(relay.id), type=relay.type, version=relay.version)
            return 1
        try:
            answer = _apply(giver, relay, handler)
        except Exception as error:  # a handler's defect must not stop the carrier; it is counted and retried
            self.error, self.waits = error, True
        else:
            acknowledge(giver, relay, answer)
        return 1

    def _failed(self, giver: Unit) -> None:
        """Count the try, unless the trouble is the database's and passes; keep the kind of error, never its text."""
        relay, name = _lock(giver, self.relay_id), type(self.error).__name__
        if relay is None or relay.tries != self.tries:
            return  # another carrier had it meanwhile
        state = sqlstate(self.error) if isinstance(self.error, DBAPIError) else ""
        if state in RERUN_STATES:
            return
        if state in EXCUSED_STATES:
            _postponed(giver, [relay.id], giver.clock.now() + PASSING_PAUSE * self.pace)
            log.warning("relay_waits", relay=str(relay.id), type=relay.type, sqlstate=state)
            return
        tries = relay.tries + 1
        stuck = tries >= TRIES
        values = {
            "ids": [relay.id], "to_tries": tries, "to_error": name,
            "to_state": RelayState.STUCK if stuck else RelayState.PENDING,
            "to_due": None if stuck else giver.clock.now() + pause(tries) * self.pace,
        }  # fmt: skip
        giver.execute(giving(giver.scope).fail, {"owner": _mine(giver)["owner"], **values})
        log.error("relay_stuck" if stuck else "relay_failed", relay=str(relay.id), type=relay.type, error=name)


def _lock(giver: Unit, relay_id: uuid.UUID) -> Row[Any] | None:
    """The relay, held until the unit ends; None when it is done, not due or held by another carrier."""
    return giver.execute(giving(giver.scope).lock, _mine(giver) | {"of_id": relay_id}).first()


def _apply(giver: Unit, relay: Row[Any], handler: Handler) -> Answer:
    started = time.monotonic()
    place = relay_place(giver.scope, relay.id)
    payload = orjson.loads(giver.cipher.open(relay.payload, place))
    incoming = Incoming(relay.id, giver.scope, relay.subject, relay.type, payload)
    by = Caller(f"relay:{giver.scope}", str(relay.id))
    with unit(Scope.parse(relay.taker), by) as taker:
        if not _receive(taker, incoming):
            return _answered(taker, relay.id)
        answer = dict(handler(taker, incoming))
        if answer:
            values = {"owner": _mine(taker)["owner"], "of_id": relay.id, "to_answer": answer}
            taker.execute(taking(taker.scope).answer, values)
        taker.flush()
        if time.monotonic() - started > TAKER_SECONDS:
            raise TookTooLong
        return answer


def _receive(taker: Unit, incoming: Incoming) -> bool:
    """Note the relay in the inbox; False when it was taken before."""
    row: dict[str, Any] = {
        tables_of(taker.scope).owner: _mine(taker)["owner"], "id": incoming.id,
        "giver": str(incoming.giver), "received_at": taker.now, "answer": {},
    }  # fmt: skip
    return taker.execute(taking(taker.scope).receive, row).first() is not None


def _answered(taker: Unit, relay_id: uuid.UUID) -> Answer:
    values = {"owner": _mine(taker)["owner"], "of_id": relay_id}
    answer: Answer = taker.execute(taking(taker.scope).answered, values).scalar_one()
    return answer


def pause(tries: int) -> timedelta:
    """How long to wait after `tries` failed tries: doubling from one second to ten minutes."""
    return min(FIRST_PAUSE * (1 << min(tries - 1, 10)), LONGEST_PAUSE)


def _postpone(opened: Unit, pace: float) -> int:
    """Leave alone what stands behind a relay that waits itself, so that it is not looked for in vain."""
    ids = _ids(opened, giving(opened.scope).blocked)
    _postponed(opened, ids, opened.now + BLOCKED_PAUSE * pace)
    return len(ids)


def _postponed(opened: Unit, ids: list[uuid.UUID], until: datetime) -> None:
    values = {"owner": _mine(opened)["owner"], "ids": ids, "to_due": until}
    opened.execute(giving(opened.scope).postpone, values)


def _ids(opened: Unit, which: Select[Any]) -> list[uuid.UUID]:
    return list(opened.execute(which, _mine(opened) | {"most": SWEEP}).scalars())
