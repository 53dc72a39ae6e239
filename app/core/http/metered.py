"""Sockets that stop at a moment and at a number of bytes, whoever reads from them.

A time-out per read lets a receiver that sends one byte at a time hold a thread for hours. Here each operation
may last only until the exchange's deadline, and reading ends when the exchange's bytes are used up.
"""

import socket
import ssl
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer


class BytesSpent(Exception):
    """More bytes were wanted than the exchange may receive."""


class Meter:
    """What is left of one exchange: `deadline` on time.monotonic(), `bytes_left` to receive."""

    def __init__(self, deadline: float, bytes_left: int = 0) -> None:
        self.deadline = deadline
        self.bytes_left = bytes_left

    def seconds(self) -> float:
        """Seconds left, more than zero; raises TimeoutError."""
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the deadline has passed")
        return left


class _Metered(socket.socket):
    meter: Meter

    def recv_into(self, buffer: "WriteableBuffer", nbytes: int | None = None, flags: int = 0) -> int:
        room = min(nbytes or memoryview(buffer).nbytes, self.meter.bytes_left)
        if room <= 0:
            raise BytesSpent
        self.settimeout(self.meter.seconds())
        count = super().recv_into(buffer, room, flags)
        self.meter.bytes_left -= count
        return count

    def send(self, data: "ReadableBuffer", flags: int = 0) -> int:
        self.settimeout(self.meter.seconds())
        return super().send(data, flags)

    def sendall(self, data: "ReadableBuffer", flags: int = 0) -> None:
        self.settimeout(self.meter.seconds())
        super().sendall(data, flags)


class MeteredSocket(_Metered):
    """A plain TCP socket; `meter` must be set before it carries data."""


class MeteredTLSSocket(_Metered, ssl.SSLSocket):
    """A TLS socket; bytes are counted after decryption. Its `sendall` goes through `send` for each record."""
