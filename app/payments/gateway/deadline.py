"""A time limit for a whole exchange. Libraries limit each wait on the socket, so an answer that drips in
byte by byte has none; here the connection is cut when the time is over."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool


class _Watch:
    """Cuts the connection in use once, unless the exchange ended before."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._connection: HTTPConnection | None = None
        self._over = False

    def use(self, connection: HTTPConnection) -> None:
        with self._lock:
            self._connection = connection

    def end(self) -> None:
        with self._lock:
            self._over = True

    def cut(self) -> None:
        with self._lock:
            sock = self._connection.sock if self._connection and not self._over else None
            if sock is None:
                return
            try:
                # Of the plain class: TLS's own would forget the session while another thread reads.
                socket.socket.shutdown(sock, socket.SHUT_RDWR)
            except OSError:
                return


_current: ContextVar[_Watch | None] = ContextVar("gateway_watch", default=None)


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Cut the exchange that runs in this block after ``seconds``; what reads then gets a network error.

    Holds for sessions made by ``limited_session``, from the first byte sent; connecting has its own limit.
    """
    watch = _Watch()
    timer = threading.Timer(seconds, watch.cut)
    timer.daemon = True
    token = _current.set(watch)
    timer.start()
    try:
        yield
    finally:
        watch.end()
        timer.cancel()
        _current.reset(token)


def _watched(connection: HTTPConnection) -> None:
    watch = _current.get()
    if watch is not None:
        watch.use(connection)


class _PlainConnection(HTTPConnection):
    def request(self, *args: Any, **kwargs: Any) -> None:
        _watched(self)
        super().request(*args, **kwargs)


class _TlsConnection(HTTPSConnection):
    def request(self, *args: Any, **kwargs: Any) -> None:
        _watched(self)
        super().request(*args, **kwargs)


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _PlainConnection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


class LimitedAdapter(HTTPAdapter):
    """An adapter whose connections obey ``time_limit``."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make the pools with connections that can be watched."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _PlainPool, "https": _TlsPool}


def limited_session() -> requests.Session:
    """A session that obeys ``time_limit`` and no environment variables (proxies, .netrc)."""
    session = requests.Session()
    session.trust_env = False
    for scheme in ("http://", "https://"):
        session.mount(scheme, LimitedAdapter())
    return session
