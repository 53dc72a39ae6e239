"""Steps of the demonstration: named, timed, each ending in what it proved or in a message that says what was wrong."""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

Value = TypeVar("Value")
WAIT_SECONDS = 20.0
FIRST_PAUSE, LONGEST_PAUSE, LONGER = 0.05, 1.0, 1.5
"""Seconds between looks, and by how much each pause is longer than the one before: as an app asks that is left open,
so that many who wait do not keep busy what they wait for.
"""


class Broken(Exception):
    """An expectation of the demonstration did not come true."""


@dataclass(frozen=True)
class Step:
    """A step that was played: its name and how long it took (milliseconds)."""

    name: str
    ms: float


@dataclass
class Progress:
    """Plays steps and shows them, one line each."""

    show: bool = True
    steps: list[Step] = field(default_factory=list)
    chapters: list[tuple[str, int]] = field(default_factory=list)
    """Each with how many steps there were before it."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def step(self, name: str, proves: str) -> Iterator[None]:
        """Play what is inside as step `name`; `proves` is printed when it went well."""
        began = time.perf_counter()
        try:
            yield
        except Broken as broken:
            raise Broken(f"{name}: {broken}") from broken
        done = Step(name, round((time.perf_counter() - began) * 1000, 1))
        with self._lock:
            self.steps.append(done)
            if self.show:
                print(f"  ok {done.ms:>8.1f} ms  {name:<34} {proves}", flush=True)

    def title(self, text: str) -> None:
        """Begin a chapter."""
        self.chapters.append((text, len(self.steps)))
        if self.show:
            print(f"\n{text}", flush=True)

    def note(self, text: str) -> None:
        """Tell something beside the steps."""
        if self.show:
            print(f"     {text}", flush=True)

    def summary(self) -> Iterator[tuple[str, int, float]]:
        """Each chapter with how many steps it had and how long they took together (milliseconds)."""
        bounds = [*(before for _, before in self.chapters), len(self.steps)]
        for (text, before), end in zip(self.chapters, bounds[1:], strict=True):
            played = self.steps[before:end]
            if played:
                yield text, len(played), sum(step.ms for step in played)


def expect(true: bool, otherwise: str) -> None:
    """Go on if `true`, else end the demonstration with a message."""
    if not true:
        raise Broken(otherwise)


def until(look: Callable[[], Value | None], wanted: str, seconds: float = WAIT_SECONDS) -> Value:
    """What `look` finds, as soon as it finds something; Broken when it finds nothing in time."""
    deadline, pause = time.monotonic() + seconds, FIRST_PAUSE
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > deadline:
            raise Broken(f"waited {seconds:.0f} s in vain for {wanted}")
        time.sleep(pause)
        pause = min(pause * LONGER, LONGEST_PAUSE)


def fail(broken: Exception) -> None:
    """Say what went wrong."""
    print(f"\nBROKEN  {broken}", file=sys.stderr, flush=True)
