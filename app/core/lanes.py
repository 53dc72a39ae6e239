"""Lanes: one kind of work, done for many scopes at a time, each scope once at a time."""

import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

import structlog

from app.core.scope import Scope
from app.core.wake import Wake, silent

SHORTEST_REST = 0.2
LONGEST_REST = 5.0
"""Seconds. The longest bounds how late a worker takes over what another, that was always quicker, has left."""
REMEMBERED = 60.0
"""Seconds after its rest for which a scope's former ones count; who is not found again by then has got over it."""
MOST_WAITING = 200
"""Scopes that wait for a lane; more stay where they are, for this worker's next look or another worker."""
log = structlog.get_logger()


@dataclass
class _Rest:
    times: int = 0
    until: float = 0.0


@dataclass(eq=False)
class Lanes:
    """Runs `task` for scopes, at most `width` of them at a time; any thread may start some.

    A scope for which the task failed, or found nothing that it could do, rests for a while, longer each time up to
    `longest_rest` seconds: so scopes that cannot move on hold up no others, however many they are.
    """

    name: str
    width: int
    task: Callable[[Scope], int]
    longest_rest: float = LONGEST_REST
    remembered: float = REMEMBERED
    ended: Wake = silent
    """Called when a task has ended, in the task's thread: there may be more to do now."""
    _under_way: dict[Scope, Future[int]] = field(default_factory=dict)
    _resting: dict[Scope, _Rest] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def __post_init__(self) -> None:
        """Make the threads."""
        self._executor = ThreadPoolExecutor(self.width, self.name)

    @property
    def full(self) -> bool:
        """Whether no further scope can wait for a lane now."""
        with self._lock:
            self._collect()
            return len(self._under_way) >= MOST_WAITING

    def passing(self) -> set[Scope]:
        """The scopes that need not be looked for: those under way or waiting for a lane, and those that rest."""
        now = time.monotonic()
        with self._lock:
            self._resting = {one: rest for one, rest in self._resting.items() if rest.until + self.remembered > now}
            return {*self._under_way, *(scope for scope, rest in self._resting.items() if rest.until > now)}

    @property
    def known(self) -> int:
        """For how many scopes something is remembered."""
        with self._lock:
            return len(self._under_way.keys() | self._resting.keys())

    def start(self, scopes: Iterable[Scope]) -> int:
        """Start the task for each of `scopes` for which there is room; returns how many are under way now."""
        with self._lock:
            self._collect()
            for scope in scopes:
                if scope not in self._under_way and len(self._under_way) < MOST_WAITING:
                    self._under_way[scope] = self._executor.submit(self.task, scope)
                    self._under_way[scope].add_done_callback(lambda _: self.ended())
            return len(self._under_way)

    def close(self) -> None:
        """Start nothing more; what is under way ends by itself."""
        self._executor.shutdown(wait=False, cancel_futures=True)

    def _collect(self) -> None:
        for scope in [scope for scope, future in self._under_way.items() if future.done()]:
            self._end(scope, self._under_way.pop(scope))

    def _end(self, scope: Scope, future: Future[int]) -> None:
        error = future.exception()
        if error:
            log.error("task_failed", task=self.name, scope=str(scope), error=type(error).__name__)
        elif future.result():
            self._resting.pop(scope, None)
            return
        rest = self._resting.setdefault(scope, _Rest())
        rest.until = time.monotonic() + min(SHORTEST_REST * 2**rest.times, self.longest_rest)
        rest.times = min(rest.times + 1, 10)
