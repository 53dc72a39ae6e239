"""Connections nailed to one checked address, and the store of idle ones."""

import http.client
import socket
import ssl
import threading
from collections import OrderedDict, deque
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import urllib3.connection

from app.core.http.metered import Meter, MeteredSocket, MeteredTLSSocket

IDLE_SECONDS = 15.0
MAX_IDLE = 256


class Peer(NamedTuple):
    """Whom a connection reaches: what the URL says, and the address that was checked."""

    scheme: str
    host: str
    port: int
    address: str


class Connection(urllib3.connection.HTTPConnection):
    """HTTP/1.1 to one peer. It resolves nothing and uses no proxy."""

    meter: Meter
    sock: MeteredSocket | MeteredTLSSocket | Any

    def __init__(self, peer: Peer, **options: Any) -> None:
        super().__init__(peer.host, peer.port, **options)
        self.peer = peer
        self._unsent: list[bytes] = []

    def _new_conn(self) -> socket.socket:
        family = socket.AF_INET6 if ":" in self.peer.address else socket.AF_INET
        sock = MeteredSocket(family, socket.SOCK_STREAM)
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.settimeout(self.meter.seconds())
            sock.connect((self.peer.address, self.peer.port))
            sock.settimeout(self.meter.seconds())  # what is left bounds the TLS handshake
        except BaseException:
            sock.close()
            raise
        return sock

    def start(self, meter: Meter) -> None:
        """Let the next exchange use `meter`; connect first if there is no connection. Raises OSError."""
        self.meter = meter
        if self.sock is None:
            self.connect()
        self.sock.meter = meter

    def send(self, data: Any) -> None:
        """Hold back what `request` writes, so that head and body leave in one system call."""
        self._unsent.append(data)

    def answer(self) -> http.client.HTTPResponse:
        """Send the request and read the answer's head; the body is left unread and never decompressed."""
        self.sock.sendall(b"".join(self._unsent))
        self._unsent.clear()
        # urllib3's own getresponse() logs the URL with its query string when a receiver sends odd headers.
        return http.client.HTTPConnection.getresponse(self)


class TLSConnection(Connection, urllib3.connection.HTTPSConnection):
    """The same over TLS; name indication and certificate check go by the peer's host name."""


@cache
def tls_context(extra_ca: str | None) -> ssl.SSLContext:
    """TLS 1.2 or later, the system's trusted roots and those in `extra_ca` (PEM text).

    Shared by all clients of the process: to read the roots takes 30 ms, and a context is made to be shared.
    """
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.sslsocket_class = MeteredTLSSocket
    if extra_ca is not None:
        context.load_verify_locations(cadata=extra_ca)
    return context


class Pool:
    """Idle connections by peer, the youngest used first; at most MAX_IDLE, none older than IDLE_SECONDS.

    Thread-safe. Old ones are dropped at the next `take` or `give` of any peer.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._given: OrderedDict[Connection, float] = OrderedDict()
        self._by_peer: dict[Peer, deque[Connection]] = {}

    def take(self, peer: Peer) -> Connection | None:
        """An idle connection that the peer has not closed, or None."""
        while (connection := self._pop(peer)) is not None:
            if connection.is_connected:
                return connection
            connection.close()
        return None

    def give(self, connection: Connection) -> None:
        """Keep a connection whose last answer was read to its end."""
        with self._lock:
            self._given[connection] = self._clock()
            self._by_peer.setdefault(connection.peer, deque()).append(connection)
        self._drop_old()

    def close(self) -> None:
        """Drop all idle connections."""
        self._drop_old(keep=0)

    def _pop(self, peer: Peer) -> Connection | None:
        self._drop_old()
        with self._lock:
            if peer not in self._by_peer:
                return None
            connection = self._by_peer[peer].pop()
            self._forget(connection)
            return connection

    def _drop_old(self, keep: int = MAX_IDLE) -> None:
        old: list[Connection] = []
        with self._lock:
            expired = self._clock() - IDLE_SECONDS
            while self._given and (len(self._given) > keep or next(iter(self._given.values())) < expired):
                connection = next(iter(self._given))
                self._by_peer[connection.peer].popleft()  # the oldest of all is the oldest of its peer
                self._forget(connection)
                old.append(connection)
        for connection in old:
            connection.close()

    def _forget(self, connection: Connection) -> None:
        del self._given[connection]
        if not self._by_peer[connection.peer]:
            del self._by_peer[connection.peer]
