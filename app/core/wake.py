"""Hints that there is something to seal, sent after commit: they make work quicker and nothing depends on them.

A worker looks for work by itself; a hint that is lost, doubled or forged costs a look. Datagrams therefore carry
nothing, and whoever sends them waits for nobody.
"""

import socket
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

Address = tuple[str, int]
Wake = Callable[[], None]
LONGEST = 16


def silent() -> None:
    """The wake of a process that nobody listens to."""


@dataclass(frozen=True)
class Bell:
    """What a loop waits for instead of sleeping."""

    _rung: threading.Event = field(default_factory=threading.Event)

    def ring(self) -> None:
        """End the present wait, or the next one."""
        self._rung.set()

    def wait(self, seconds: float) -> None:
        """Wait until rung, at most `seconds`."""
        self._rung.wait(seconds)
        self._rung.clear()


class Hints:
    """A wake that sends a datagram to each of `workers`; safe in any number of threads."""

    def __init__(self, workers: Sequence[Address]) -> None:
        """Open the socket; whom it cannot reach it does not tell."""
        self.workers = workers
        self._sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._sender.setblocking(False)

    def __call__(self) -> None:
        """Tell every worker."""
        for worker in self.workers:
            with suppress(OSError):
                self._sender.sendto(b"", worker)

    def close(self) -> None:
        """Tell nobody any more."""
        self._sender.close()


def listen(address: Address, ring: Wake) -> None:
    """Ring for each datagram that arrives at `address`, in a thread of its own until the process ends."""
    ear = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    if hasattr(socket, "SO_REUSEPORT"):  # several workers of one machine share the port: one of them is told
        ear.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    ear.bind(address)

    def hear() -> None:
        while True:
            with suppress(OSError):
                ear.recv(LONGEST)
                ring()

    threading.Thread(target=hear, name="wake", daemon=True).start()
