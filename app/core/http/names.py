"""From a name to checked addresses, remembered for at most 30 seconds.

The system's resolver has no time-out, so each look-up runs in a thread of its own that a sender stops waiting
for when its time is up; look-ups of one name are shared, and their number is bounded, so that names with dead
servers cannot pile up threads.
"""

import socket
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import NamedTuple

from app.core.http.addresses import is_allowed, parsed
from app.core.http.destinations import Destination
from app.core.http.errors import DestinationRefused, NameNotResolved, TimedOut
from app.core.http.policy import Policy

Resolve = Callable[[str], Sequence[str]]
"""Takes a host name, gives every IPv4 and IPv6 address of it as text; raises OSError when there is none."""

REMEMBERED_SECONDS = 30.0
_MAX_REMEMBERED = 4096
_MAX_LOOKUPS = 64


def system_resolve(host: str) -> list[str]:
    """All addresses by the system's resolver, in its order of preference; raises OSError."""
    # The final dot makes the name absolute: the machine's search list must not add an inner domain to it.
    absolute = f"{host}." if "." in host else host
    found = socket.getaddrinfo(absolute, None, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


class _Known(NamedTuple):
    asked_at: float
    addresses: tuple[str, ...]


class Names:
    """Thread-safe. `clock` gives monotonic seconds."""

    def __init__(self, policy: Policy, resolve: Resolve, clock: Callable[[], float]) -> None:
        self._policy = policy
        self._resolve = resolve
        self._clock = clock
        self._lock = threading.Lock()
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._asking: dict[str, Future[Sequence[str]]] = {}

    def addresses(self, destination: Destination, seconds: float) -> tuple[str, ...]:
        """Canonical addresses, every one allowed. Raises NameNotResolved, TimedOut or DestinationRefused."""
        if destination.is_literal:
            return (destination.host,)
        asked_at = self._clock()
        with self._lock:
            known = self._known.get(destination.host)
        if known is not None and asked_at - known.asked_at < REMEMBERED_SECONDS:
            return known.addresses
        addresses = self._checked(self._answers(destination, seconds), destination)
        self._remember(destination.host, _Known(asked_at, addresses))
        return addresses

    def _answers(self, destination: Destination, seconds: float) -> Sequence[str]:
        try:
            return self._lookup(destination.host).result(seconds)
        except TimeoutError as error:
            raise TimedOut(f"looking up the name of {destination.origin} took too long") from error
        except (OSError, UnicodeError) as error:
            raise NameNotResolved(f"the name of {destination.origin} does not resolve") from error

    def _lookup(self, host: str) -> Future[Sequence[str]]:
        with self._lock:
            if (under_way := self._asking.get(host)) is not None:
                return under_way
            if len(self._asking) >= _MAX_LOOKUPS:
                raise NameNotResolved("too many names are being looked up")
            future = self._asking[host] = Future()
        threading.Thread(target=self._ask, args=(host, future), name="name look-up", daemon=True).start()
        return future

    def _ask(self, host: str, future: Future[Sequence[str]]) -> None:
        try:
            answers = self._resolve(host)
        except Exception as error:
            self._finished(host)
            future.set_exception(error)
        else:
            self._finished(host)
            future.set_result(answers)

    def _finished(self, host: str) -> None:
        with self._lock:
            del self._asking[host]

    def _checked(self, answers: Sequence[str], destination: Destination) -> tuple[str, ...]:
        if not answers:
            raise NameNotResolved(f"the name of {destination.origin} has no address")
        addresses = [parsed(answer) for answer in answers]
        # One forbidden answer among good ones is how a rebinding name looks: none of them is used.
        if not all(address is not None and is_allowed(address, self._policy) for address in addresses):
            raise DestinationRefused("blocked_address", f"{destination.origin} leads to a forbidden address")
        return tuple(dict.fromkeys(map(str, addresses)))

    def _remember(self, host: str, known: _Known) -> None:
        with self._lock:
            self._known[host] = known
            self._known.move_to_end(host)
            if len(self._known) > _MAX_REMEMBERED:
                self._known.popitem(last=False)
