"""The worker process: seals, carries, sends and minds the slices' timers, each in its loop, until it is told to stop.

Any number of workers may run. Each finds its work by itself; what one holds, the others pass by.
"""

import signal
import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast

import structlog
from sqlalchemy import Engine, Table

from app.core.carry import carry
from app.core.db import Base
from app.core.discovery import due
from app.core.http import Client, Policy
from app.core.journal.models import Pending, PersonPending
from app.core.journal.seal import seal
from app.core.lanes import SHORTEST_REST, Lanes
from app.core.logs import trace
from app.core.relays import Handlers, PersonRelay, Relay
from app.core.scope import Scope
from app.core.send.deliver import Sender
from app.core.send.models import Delivery
from app.core.timers import Timer
from app.core.unit import Database, database
from app.core.wake import Address, Bell, listen

BUSY_SECONDS = 0.02
IDLE_SECONDS = 0.2
TROUBLE_SECONDS = 1.0
LANES = 3
"""Scopes that are sealed, carried or sent for at the same time; sending itself has ways of its own."""
log = structlog.get_logger()
Look = Callable[[], int]


@dataclass(frozen=True)
class Worker:
    """The loops over one database: seal, carry, send, and a loop for each timer of a slice."""

    sealing: Database
    discovery: Engine
    handlers: Handlers
    public: frozenset[str]
    policy: Policy
    schedule: tuple[float, ...]
    relay_pace: float = 1.0
    timers: tuple[Timer, ...] = ()
    bells: defaultdict[str, Bell] = field(default_factory=lambda: defaultdict(Bell))
    """Rung when there is probably work for the loop of that name."""
    listens: Address | None = None
    """Where hints from other processes arrive."""
    stop: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Work until SIGTERM or SIGINT; what is under way is finished or left to its lease."""
        sender = Sender(Client(self.policy), self.schedule, self.stop.is_set)
        kinds: dict[Lanes, tuple[type[Base], ...]] = {
            Lanes("seal", LANES, self._seal): (Pending, PersonPending),
            Lanes("carry", LANES, self._carry): (Relay, PersonRelay),
            Lanes("send", LANES, sender.send, SHORTEST_REST): (Delivery,),
            **{Lanes(timer.name, LANES, timer.task): timer.models for timer in self.timers},
        }
        self._until_told()
        loops = [
            threading.Thread(target=self._loop, args=(lanes.name, self._look(lanes, of))) for lanes, of in kinds.items()
        ]
        for loop in loops:
            loop.start()
        log.info("worker_ready")
        for loop in loops:
            loop.join()
        for lanes in kinds:
            lanes.close()

    def _until_told(self) -> None:
        def end(*_: object) -> None:
            self.stop.set()
            for bell in self.bells.values():
                bell.ring()

        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, end)
        if self.listens:
            listen(self.listens, self.bells["seal"].ring)

    def _seal(self, scope: Scope) -> int:
        sealed = seal(scope, self.public, self.sealing)
        if sealed:
            self.bells["carry"].ring()
            self.bells["send"].ring()
        return sealed

    def _carry(self, scope: Scope) -> int:
        return carry(scope, self.handlers, self.relay_pace)

    def _look(self, lanes: Lanes, models: tuple[type[Base], ...]) -> Look:
        tables = [cast(Table, model.__table__) for model in models]
        return lambda: lanes.start([] if lanes.full else self._due(tables, lanes.passing()))

    def _due(self, tables: list[Table], passing: set[Scope]) -> list[Scope]:
        now = database().clock.now()
        return [scope for table in tables for scope in due(self.discovery, table, now, passing)]

    def _loop(self, name: str, look: Look) -> None:
        while not self.stop.is_set():
            try:
                pause = BUSY_SECONDS if look() else IDLE_SECONDS
            except Exception as error:  # a lost connection or a defect: the loop goes on when it has passed
                log.error("worker_trouble", error=type(error).__name__, trace=trace(error))
                pause = TROUBLE_SECONDS
            self.bells[name].wait(pause)
