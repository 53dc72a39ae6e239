"""The worker process: seals, carries, sends and minds the slices' timers, until it is told to stop.

Any number of workers may run. Each finds its work by itself; what one holds, the others pass by.
"""

import signal
import threading
import time
from dataclasses import dataclass, field
from typing import cast

import structlog
from sqlalchemy import Engine, Table

from app.core.carry import carry
from app.core.db import Base
from app.core.discovery import due
from app.core.http import Client, Policy
from app.core.journal.checkpoint_keys import CheckpointKeys
from app.core.journal.models import Pending, PersonPending
from app.core.journal.seal import hand_on
from app.core.lanes import SHORTEST_REST, Lanes
from app.core.logs import trace
from app.core.relays import Handlers, PersonRelay, Relay
from app.core.scope import Scope
from app.core.send.deliver import Sender
from app.core.send.models import Delivery
from app.core.timers import Timer
from app.core.unit import Database, database
from app.core.wake import Address, Bell, listen

SPACING_SECONDS = 0.02
"""The least time between two looks: under load one look finds the work of many commits."""
IDLE_SECONDS = 0.2
"""The longest time between two looks, and between two at the slices' timers, of which no hint tells."""
FORGET_SECONDS = 10.0
"""The longest time between two looks at what is only to be forgotten: nobody waits for that."""
TROUBLE_SECONDS = 1.0
LANES = 3
"""Scopes that are sealed, carried or sent for at the same time; sending itself has ways of its own."""
log = structlog.get_logger()
Kinds = dict[Lanes, tuple[Table, ...]]
"""Where work is done, and the tables in which it shows."""


@dataclass(frozen=True)
class Worker:
    """Everything that one worker process does over one database: seal, carry, send, and the slices' timers."""

    sealing: Database
    keys: CheckpointKeys
    """What heads of chains are signed with."""
    discovery: Engine
    handlers: Handlers
    public: frozenset[str]
    policy: Policy
    schedule: tuple[float, ...]
    relay_pace: float = 1.0
    forget_seconds: float = FORGET_SECONDS
    timers: tuple[Timer, ...] = ()
    bell: Bell = field(default_factory=Bell)
    """Rung when there is probably something to do."""
    listens: Address | None = None
    """Where hints from other processes arrive."""
    stop: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Work until SIGTERM or SIGINT; what is under way is finished or left to its lease."""
        self._until_told()
        machinery, forgetful = self._machinery(), self._timed(hurried=False)
        timed = {**machinery, **self._timed(hurried=True)}
        everything = {**timed, **forgetful}
        for lanes in timed:
            lanes.ended = self.bell.ring
        log.info("worker_ready")
        whole = forgotten = time.monotonic()
        while not self.stop.is_set():
            now = time.monotonic()
            if now < whole:
                self._look(machinery)
            elif now < forgotten:
                self._look(timed)
            else:
                self._look(everything)
                more = any(lanes.full for lanes in forgetful)
                forgotten = time.monotonic() + (IDLE_SECONDS if more else self.forget_seconds)
            if now >= whole:
                whole = time.monotonic() + IDLE_SECONDS
            self.stop.wait(SPACING_SECONDS)
            self.bell.wait(max(0.0, whole - time.monotonic()))
        for lanes in everything:
            lanes.close()

    def _machinery(self) -> Kinds:
        sender = Sender(Client(self.policy), self.schedule, self.stop.is_set)
        carrying = Lanes("carry", LANES, self._carry)
        sending = Lanes("send", LANES, sender.send, SHORTEST_REST)

        def sealed(scope: Scope) -> int:
            """What comes of the entries is not looked for: it is known."""
            handed = hand_on(scope, self.public, self.sealing)
            carrying.start([scope] if handed.relays else ())
            sending.start([scope] if handed.deliveries else ())
            return handed.entries

        return {
            Lanes("seal", LANES, sealed): _tables((Pending, PersonPending)),
            carrying: _tables((Relay, PersonRelay)),
            sending: _tables((Delivery,)),
        }

    def _timed(self, *, hurried: bool) -> Kinds:
        timers = [timer for timer in self.timers if timer.hurried is hurried]
        return {Lanes(timer.name, LANES, timer.task): _tables(timer.models) for timer in timers}

    def _until_told(self) -> None:
        def end(*_: object) -> None:
            self.stop.set()
            self.bell.ring()

        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, end)
        if self.listens:
            listen(self.listens, self.bell.ring)

    def _carry(self, scope: Scope) -> int:
        return carry(scope, self.handlers, self.relay_pace)

    def _look(self, kinds: Kinds) -> None:
        """Find what is due, of all `kinds` in one question, and start it."""
        try:
            wanted: dict[Table, set[Scope]] = {}
            for lanes, tables in kinds.items():
                wanted |= {} if lanes.full else dict.fromkeys(tables, lanes.passing())
            found = due(self.discovery, wanted, database().clock.now())
            for lanes, tables in kinds.items():
                lanes.start(scope for table in tables for scope in found.get(table, ()))
        except Exception as error:  # a lost connection or a defect: the worker goes on when it has passed
            log.error("worker_trouble", error=type(error).__name__, trace=trace(error))
            self.stop.wait(TROUBLE_SECONDS)


def _tables(models: tuple[type[Base], ...]) -> tuple[Table, ...]:
    return tuple(cast(Table, model.__table__) for model in models)
