"""A receiver of hooks as cheap as it can be, in a process of its own: counts, notes the arrival, answers 204."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import Array, Process, Value
from typing import Any

from deploy.processes import free_port

ANSWER = b"HTTP/1.1 204 No Content\r\ncontent-length: 0\r\n\r\n"
MOST = 100_000


@dataclass(frozen=True)
class Arrivals:
    """What arrived: how many, and when each (seconds of the monotonic clock, which all processes share)."""

    port: int
    _count: Any
    _times: Any

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}/"

    @property
    def count(self) -> int:
        """How many arrived."""
        return int(self._count.value)

    def at(self, number: int) -> float:
        """When the arrival with that number (from 0) came."""
        return float(self._times[number])

    def wait(self, count: int, seconds: float = 120) -> None:
        """Wait until `count` arrived; raises TimeoutError."""
        deadline = time.monotonic() + seconds
        while self.count < count:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{self.count} of {count} hooks arrived")
            time.sleep(0.005)


@contextmanager
def receiving() -> Iterator[Arrivals]:
    """A running receiver."""
    arrivals = Arrivals(free_port(), Value("l", 0), Array("d", MOST, lock=False))
    process = Process(target=_serve, args=(arrivals,), daemon=True)
    process.start()
    try:
        yield arrivals
    finally:
        process.terminate()
        process.join()


def _serve(arrivals: Arrivals) -> None:
    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                await reader.readexactly(_length(head))
                arrivals._times[arrivals._count.value] = time.monotonic()
                arrivals._count.value += 1
                writer.write(ANSWER)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def listen() -> None:
        server = await asyncio.start_server(take, "127.0.0.1", arrivals.port)
        await server.serve_forever()

    asyncio.run(listen())


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0
