"""The one way out."""

import ssl
import time
from collections.abc import Callable, Mapping
from typing import Self

from app.core.http.connections import Connection, Peer, Pool, TLSConnection, tls_context
from app.core.http.destinations import Destination, check_url
from app.core.http.errors import ConnectFailed, TimedOut, TlsFailed
from app.core.http.exchanges import MAX_ANSWER_HEAD, Reply, Request, exchange
from app.core.http.metered import Meter
from app.core.http.names import Names, Resolve, system_resolve
from app.core.http.policy import Policy

_MAX_ADDRESSES_TRIED = 4


class Client:
    """Sends requests that no receiver can turn against the platform. Thread-safe; one per process and policy.

    A send never follows a redirect, never repeats itself and reads no proxy from the environment. When the
    receiver closes a kept connection at the very moment it is used again, the send fails with `maybe_sent`:
    only the caller knows whether the request may be repeated. `clock` (monotonic seconds) ages kept names and
    connections; `extra_ca` (PEM text) is trusted besides the system's roots.
    """

    def __init__(
        self,
        policy: Policy,
        resolve: Resolve = system_resolve,
        *,
        extra_ca: str | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._policy = policy
        self._names = Names(policy, resolve, clock)
        self._pool = Pool(clock)
        self._context = tls_context(extra_ca)

    def send(self, method: str, url: str, *, headers: Mapping[str, str], body: bytes) -> Reply:
        """One request, one answer of whatever status. Raises OutboundError, nothing else."""
        deadline = time.monotonic() + self._policy.total_timeout
        destination = check_url(url, self._policy)
        request = Request(method, destination.target, headers, body)
        connection = self._connection(destination, deadline)
        try:
            reply = exchange(connection, request, destination.origin, self._policy.max_body)
        except BaseException:
            connection.close()
            raise
        if not connection.is_closed:
            self._pool.give(connection)
        return reply

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_failure: object) -> None:
        self.close()

    def close(self) -> None:
        """Drop the idle connections; the client stays usable."""
        self._pool.close()

    def _connection(self, destination: Destination, deadline: float) -> Connection:
        addresses = self._names.addresses(destination, deadline - time.monotonic())
        scheme, host, port = destination.scheme, destination.host, destination.port
        peers = [Peer(scheme, host, port, address) for address in addresses]
        for peer in peers:
            if (kept := self._pool.take(peer)) is not None:
                kept.start(Meter(deadline, MAX_ANSWER_HEAD))
                return kept
        return self._opened(peers[:_MAX_ADDRESSES_TRIED], destination.origin, deadline)

    def _opened(self, peers: list[Peer], origin: str, deadline: float) -> Connection:
        failure: OSError | None = None
        for peer in peers:
            try:
                return self._open(peer, deadline)
            except ssl.SSLError as error:
                raise TlsFailed(f"no acceptable TLS at {origin}") from error
            except OSError as error:
                failure = error
        if isinstance(failure, TimeoutError):
            raise TimedOut(f"connecting to {origin} took too long") from failure
        raise ConnectFailed(f"cannot connect to {origin}") from failure

    def _open(self, peer: Peer, deadline: float) -> Connection:
        tls = peer.scheme == "https"
        connection = TLSConnection(peer, ssl_context=self._context) if tls else Connection(peer)
        try:
            connection.start(Meter(min(deadline, time.monotonic() + self._policy.connect_timeout)))
        except BaseException:
            connection.close()
            raise
        connection.start(Meter(deadline, MAX_ANSWER_HEAD))
        return connection
