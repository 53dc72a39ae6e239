"""Gates for calls to others that somebody waits for: few at a time, so that slow partners cannot take every thread."""

import threading
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from app.core.errors import TryLater

BUSY = "outside_busy"
RETRY_SECONDS = 2


@dataclass(frozen=True)
class Gate:
    """Lets at most `most` calls of one kind be under way in this process; others wait `patience` seconds at most."""

    most: int
    patience: float = 0.0
    _inside: list[Hashable] = field(default_factory=list)
    _left: threading.Condition = field(default_factory=threading.Condition)

    @contextmanager
    def passed(self, who: Hashable = None) -> Iterator[None]:
        """Hold a place; raises TryLater `outside_busy` where none became free or `who` has one already."""
        self._enter(who)
        try:
            yield
        finally:
            with self._left:
                self._inside.remove(who)
                self._left.notify()

    def _enter(self, who: Hashable) -> None:
        with self._left:
            free = self._left.wait_for(lambda: len(self._inside) < self.most, self.patience)
            if not free or (who is not None and who in self._inside):
                raise TryLater("too many calls of this kind are under way", code=BUSY, retry_after=RETRY_SECONDS)
            self._inside.append(who)
