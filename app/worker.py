"""The worker process: seals, carries and sends, each in its loop, until it is told to stop.

Any number of workers may run. Each finds its work by itself; what one holds, the others pass by.
"""

import signal
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
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
from app.core.relays import Handlers, PersonRelay, Relay
from app.core.scope import Scope
from app.core.send.deliver import PER_ENDPOINT, Sender
from app.core.send.models import Delivery
from app.core.unit import Database, database

BUSY_SECONDS = 0.02
IDLE_SECONDS = 0.2
TROUBLE_SECONDS = 1.0
LANES = 2
SEND_LANES = 16
"""Scopes that are sealed, carried or sent for at the same time; sending waits for the outside, so it has more."""
log = structlog.get_logger()
Look = Callable[[], int]


@dataclass
class Lanes:
    """Runs one task per scope at a time, so that a slow one holds up no other."""

    name: str
    width: int
    task: Callable[[Scope], int]
    _under_way: dict[Scope, Future[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Make the threads."""
        self._executor = ThreadPoolExecutor(self.width, self.name)

    def start(self, scopes: Iterable[Scope]) -> int:
        """Start the task for each scope where it is not under way; returns how many are under way now."""
        for scope in [scope for scope, future in self._under_way.items() if future.done()]:
            self._end(scope)
        for scope in scopes:
            if scope not in self._under_way and len(self._under_way) < self.width:
                self._under_way[scope] = self._executor.submit(self.task, scope)
        return len(self._under_way)

    def _end(self, scope: Scope) -> None:
        error = self._under_way.pop(scope).exception()
        if error:
            log.error("task_failed", task=self.name, scope=str(scope), error=type(error).__name__)


@dataclass(frozen=True)
class Worker:
    """The three loops over one database."""

    sealing: Database
    discovery: Engine
    handlers: Handlers
    public: frozenset[str]
    policy: Policy
    schedule: tuple[float, ...]
    stop: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Work until SIGTERM or SIGINT; what is under way is finished or left to its lease."""
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: self.stop.set())
        loops = [threading.Thread(target=self._loop, args=(look,)) for look in self._looks()]
        for loop in loops:
            loop.start()
        log.info("worker_ready")
        for loop in loops:
            loop.join()

    def _looks(self) -> list[Look]:
        executor = ThreadPoolExecutor(SEND_LANES * PER_ENDPOINT, "post")
        sender = Sender(Client(self.policy), executor, self.schedule)
        return [
            self._look(Lanes("seal", LANES, lambda s: seal(s, self.public, self.sealing)), Pending, PersonPending),
            self._look(Lanes("carry", LANES, lambda s: carry(s, self.handlers)), Relay, PersonRelay),
            self._look(Lanes("send", SEND_LANES, sender.send), Delivery),
        ]

    def _look(self, lanes: Lanes, *models: type[Base]) -> Look:
        return lambda: lanes.start(self._due([cast(Table, model.__table__) for model in models]))

    def _due(self, tables: list[Table]) -> list[Scope]:
        now = database().clock.now()
        return [scope for table in tables for scope in due(self.discovery, table, now)]

    def _loop(self, look: Look) -> None:
        while not self.stop.is_set():
            try:
                pause = BUSY_SECONDS if look() else IDLE_SECONDS
            except Exception as error:  # a lost connection or a defect: the loop goes on when it has passed
                log.exception("worker_trouble", error=type(error).__name__)
                pause = TROUBLE_SECONDS
            self.stop.wait(pause)
