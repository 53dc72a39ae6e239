"""Receivers on loopback that behave as a test tells them to: real sockets, one thread for each connection."""

import select
import socket
import ssl
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

Script = Callable[[socket.socket, bytes], bool]
"""Takes a connection and the request just read from it; says whether to read another."""


class Receiver:
    """Accepts until closed.

    `accepted` counts connections, `requests` keeps what was read, `ended` is set when a connection is over.
    """

    def __init__(
        self,
        script: Script,
        *,
        address: str = "127.0.0.1",
        port: int = 0,
        tls: ssl.SSLContext | None = None,
        greeting: bytes = b"",
    ) -> None:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self._listener = socket.create_server((address, port), family=family, backlog=128)
        self._script = script
        self._tls = tls
        self._greeting = greeting
        self._closing = threading.Event()
        self.port: int = self._listener.getsockname()[1]
        self.accepted = 0
        self.requests: list[bytes] = []
        self.ended = threading.Event()
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        self._thread.join(5)
        self._listener.close()

    def url(self, host: str = "127.0.0.1", target: str = "/hook") -> str:
        """Where to send to; `host` is a literal or any name that the test's resolver knows."""
        return f"{'https' if self._tls else 'http'}://{host}:{self.port}{target}"

    def _accept(self) -> None:
        while not self._closing.is_set():
            if select.select([self._listener], [], [], 0.02)[0]:
                connection, _ = self._listener.accept()
                self.accepted += 1
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            with self._secured(connection) as secured:
                while (request := read_request(secured)) and self._noted(request, secured):
                    pass
        except OSError:
            connection.close()  # the sender gave up: what many tests are about
        finally:
            self.ended.set()

    def _secured(self, connection: socket.socket) -> socket.socket:
        connection.settimeout(10)
        connection.sendall(self._greeting)
        return self._tls.wrap_socket(connection, server_side=True) if self._tls else connection

    def _noted(self, request: bytes, connection: socket.socket) -> bool:
        self.requests.append(request)
        return self._script(connection, request)


def read_request(connection: socket.socket) -> bytes:
    """One whole request, or nothing when the sender hung up."""
    data = b""
    while b"\r\n\r\n" not in data:
        if not (piece := connection.recv(65536)):
            return b""
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    lengths = [line[15:] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    wanted = int(lengths[0]) if lengths else 0
    while len(body) < wanted:
        if not (piece := connection.recv(65536)):
            return b""
        body += piece
    return head + b"\r\n\r\n" + body


def says(answer: bytes, *, keep: bool = True) -> Script:
    """Answers every request with exactly these bytes; hangs up after the first unless `keep`."""

    def script(connection: socket.socket, _request: bytes) -> bool:
        connection.sendall(answer)
        return keep

    return script


def drips(head: bytes, piece: bytes, every: float) -> Script:
    """Sends `head`, then `piece` every so many seconds until the other side hangs up."""

    def script(connection: socket.socket, _request: bytes) -> bool:
        connection.sendall(head)
        while not select.select([connection], [], [], every)[0]:
            connection.sendall(piece)
        return False

    return script


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
