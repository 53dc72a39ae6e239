"""Things that happen later: one thread keeps the times, a small pool does the work."""

from __future__ import annotations

import heapq
import itertools
import threading
import time
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor


class Clockwork:
    """Runs work after a number of seconds; work that takes long holds up only its own pool thread."""

    def __init__(self, threads: int = 16) -> None:
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._wake = threading.Condition()
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="gateway")
        threading.Thread(target=self._run, name="gateway-clock", daemon=True).start()

    def after(self, seconds: float, work: Callable[[], None]) -> None:
        """Do ``work`` once, ``seconds`` from now."""
        with self._wake:
            heapq.heappush(self._due, (time.monotonic() + seconds, next(self._order), work))
            self._wake.notify()

    def _run(self) -> None:
        while True:
            self._pool.submit(_reported, self._next())

    def _next(self) -> Callable[[], None]:
        with self._wake:
            while not self._due or self._due[0][0] > time.monotonic():
                self._wake.wait(self._due[0][0] - time.monotonic() if self._due else None)
            return heapq.heappop(self._due)[2]


def _reported(work: Callable[[], None]) -> None:
    """A pool keeps errors to itself; this shows them."""
    try:
        work()
    except Exception:
        traceback.print_exc()
        raise
