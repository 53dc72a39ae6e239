"""Staff at work: doctors and pharmacists take what waits in their queues, one after the other."""

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Self

import requests

from deploy.demo.people import Person
from deploy.demo.steps import Broken

PAUSES = (0.2, 0.2, 0.4, 0.8, 1.6)
"""Seconds between looks at a queue that stays empty; the last goes on. Else looks at nothing would be most of what the
platform answers.
"""
Work = Callable[[Person, dict[str, Any]], None]


@dataclass
class Desk(AbstractContextManager["Desk"]):
    """Somebody who works on a queue: what `path` lists is handed to `work`, the oldest first."""

    person: Person
    path: str
    work: Work
    broken: list[Exception] = field(default_factory=list)
    _leave: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread = field(init=False)

    def __enter__(self) -> Self:
        """Begin to work."""
        self._thread = threading.Thread(target=self._stay, name=self.person.name, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *raised: object) -> None:
        """Finish what is in hand, and leave."""
        self._leave.set()
        self._thread.join()

    def check(self) -> None:
        """Raise what went wrong at this desk, if anything did."""
        if self.broken:
            raise Broken(f"{self.person.name}: {self.broken[0]}") from self.broken[0]

    def _stay(self) -> None:
        empty = 0
        while not self._leave.is_set():
            try:
                found = self.person.do("GET", self.path)["data"]
                for one in found:
                    self.work(self.person, one)
            except (Broken, requests.RequestException) as broken:
                self.broken.append(broken)
                return
            empty = 0 if found else empty + 1
            if empty:
                self._leave.wait(PAUSES[min(empty, len(PAUSES)) - 1])
