"""Staff at work: doctors and pharmacists take what waits in their queues, one after the other."""

import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Self

import requests

from deploy.demo.people import Person
from deploy.demo.steps import Broken

PAUSES = (0.2, 0.2, 0.4, 0.6)
"""Seconds between looks at a queue that stays empty; the last goes on. Else looks at nothing would be most of what the
platform answers.
"""
CALLED = (0.4, 0.8, 1.6)
"""The same of somebody whom a colleague calls when there is work for them: the call ends the pause."""
Work = Callable[[Person, dict[str, Any]], None]


@dataclass
class Desk(AbstractContextManager["Desk"]):
    """Somebody who works on a queue: what `path` lists is handed to `work`, the oldest first.

    Whoever works on it next at `then` is called each time.
    """

    person: Person
    path: str
    work: Work
    then: "Desk | None" = None
    pauses: Sequence[float] = PAUSES
    broken: list[Exception] = field(default_factory=list)
    _leaving: bool = False
    _stirred: threading.Event = field(default_factory=threading.Event)
    """Set when a pause is to end: there may be work, or the day is over."""
    _thread: threading.Thread = field(init=False)

    def __enter__(self) -> Self:
        """Begin to work."""
        self._thread = threading.Thread(target=self._stay, name=self.person.name, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *raised: object) -> None:
        """Finish what is in hand, and leave."""
        self._leaving = True
        self.call()
        self._thread.join()

    def call(self) -> None:
        """Have them look at once."""
        self._stirred.set()

    def check(self) -> None:
        """Raise what went wrong at this desk, if anything did."""
        if self.broken:
            raise Broken(f"{self.person.name}: {self.broken[0]}") from self.broken[0]

    def _stay(self) -> None:
        empty = 0
        while not self._leaving:
            self._stirred.clear()
            try:
                worked = self._work_off()
            except (Broken, requests.RequestException) as broken:
                self.broken.append(broken)
                return
            empty = 0 if worked else empty + 1
            if empty and not self._leaving:
                self._stirred.wait(self.pauses[min(empty, len(self.pauses)) - 1])

    def _work_off(self) -> bool:
        """Do what the queue lists now; whether there was anything."""
        found = self.person.do("GET", self.path)["data"]
        for one in found:
            self.work(self.person, one)
            if self.then:
                self.then.call()
        return bool(found)
