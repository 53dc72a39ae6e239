"""Sending deliveries: leased in one unit, sent outside any, recorded in another.

At least once: a worker that dies after the receiver answered leaves an attempt `sent_unknown`, and when its lease ends
another sends the same `webhook-id` again.
"""

import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import structlog

from app.core.http import Client, OutboundError, Reply, TimedOut
from app.core.scope import Scope
from app.core.send.message import headers
from app.core.send.models import DeliveryState
from app.core.send.parcels import Parcel, Result, Trip
from app.core.send.schedule import THROTTLED_WAIT, least_wait
from app.core.send.turns import endpoints_with_work, turn
from app.core.unit import database, run, unit

PER_ENDPOINT = 5
"""Ways to one endpoint at a time, once it has answered quickly; before that, and when it is slow, one."""
FAST_WAYS = 64
SLOW_WAYS = 16
SLOW_SECONDS = 2.0
"""An endpoint whose last answer took longer, or did not come, is served by the slow ways until it is quick again."""
MOST_LOADED = 20
"""Parcels that a way takes along at a time, to an endpoint that takes them quickly."""
TRIP_SECONDS = 0.25
"""How long a trip should take: what is not sent by then is given back, so whether the endpoint may hear, which is
asked when its parcels are leased, was never asked longer before a request than that."""
ANSWER_SHOWN = 500
"""Characters of an answer that are kept for the endpoint's owner."""
log = structlog.get_logger()


@dataclass
class Manners:
    """How an endpoint behaved last, as this process saw it, and how many ways to it are open."""

    slow: bool = False
    proven: bool = False
    failing: bool = False
    """Whether its last way failed before there was anything to send: then it is not to be looked at at once."""
    delivering: bool = False
    """Whether it took the last parcel; else it is sent one at a time."""
    seconds: float = 0.0
    """How long its last answer took."""
    looking: bool = False
    """Whether a way is just about to lease: until it has, nobody knows whether there is more for another."""
    ways: int = 0

    @property
    def load(self) -> int:
        """How many parcels a way takes along: as many as it can be rid of in `TRIP_SECONDS`."""
        if not self.delivering:
            return 1
        return min(MOST_LOADED, int(TRIP_SECONDS / self.seconds) or 1) if self.seconds else MOST_LOADED

    @property
    def most(self) -> int:
        """How many ways it may have: a stranger begins with one, so that many dead ones cannot take all."""
        return PER_ENDPOINT if self.proven and not self.slow else 1

    def learn(self, result: Result, seconds: float) -> None:
        """Note how the endpoint behaved."""
        self.proven, self.delivering = result.status is not None, result.delivered
        self.slow, self.seconds = seconds > SLOW_SECONDS, seconds


@dataclass
class Sender:
    """Sends tenants' due deliveries; one per worker process.

    Only what will be sent in a moment is leased: one parcel, or, to an endpoint that takes them quickly, as many as it
    takes in `TRIP_SECONDS`. Slow endpoints share few ways of their own. So neither slow receivers nor the backlog of
    dead ones hold up another's events. When all ways are taken, each ends after its next trip, and every endpoint that
    waits gets its turn.
    """

    client: Client
    schedule: Sequence[float]
    stopping: Callable[[], bool]
    _known: dict[uuid.UUID, Manners] = field(default_factory=dict)
    _open: Counter[bool] = field(default_factory=Counter)
    """Open ways, slow (True) and fast (False)."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        """Make the threads."""
        self._threads = {True: ThreadPoolExecutor(SLOW_WAYS, "slow"), False: ThreadPoolExecutor(FAST_WAYS, "fast")}

    def send(self, scope: Scope) -> int:
        """Open a way to each endpoint of `scope` that has something to hear; returns how many were opened.

        Does not wait for them. An endpoint gets its further ways by further calls. A way where the last one failed
        before it had anything to send is not counted, so that a scope with no others rests.
        """
        with unit(scope) as reading:
            waiting = endpoints_with_work(reading)
        return sum(self._open_way(scope, endpoint_id) for endpoint_id in waiting)

    def _open_way(self, scope: Scope, endpoint_id: uuid.UUID) -> int:
        with self._lock:
            manners = self._known.setdefault(endpoint_id, Manners())
            slow = manners.slow
            if manners.looking:
                return int(not manners.failing)
            if manners.ways >= manners.most or self._crowded(slow):
                return 0
            manners.ways += 1
            manners.looking = True
            self._open[slow] += 1
            counted = not manners.failing
        self._threads[slow].submit(self._way, scope, endpoint_id, slow)
        return int(counted)

    def _crowded(self, slow: bool) -> bool:
        return self._open[slow] >= (SLOW_WAYS if slow else FAST_WAYS)

    def _way(self, scope: Scope, endpoint_id: uuid.UUID, slow: bool) -> None:
        manners = self._known[endpoint_id]
        parcels: list[Parcel] = []
        try:
            parcels = self._turn(scope, endpoint_id, Trip(), manners.load)
            manners.failing = manners.looking = False
            while parcels:
                trip = self._go(parcels, manners)
                more = manners.slow is slow and not self._crowded(slow) and not self.stopping()
                parcels = self._turn(scope, endpoint_id, trip, manners.load if more else 0)
        except Exception as error:  # what it held is left to its lease
            manners.failing, manners.looking = not parcels, False
            log.error(
                "task_failed", task="way", scope=str(scope), endpoint=str(endpoint_id), error=type(error).__name__
            )
        finally:
            with self._lock:
                manners.ways -= 1
                self._open[slow] -= 1

    def _turn(self, scope: Scope, endpoint_id: uuid.UUID, last: Trip, load: int) -> list[Parcel]:
        return run(scope, lambda opened: turn(opened, endpoint_id, last, self.schedule, load=load))

    def _go(self, parcels: Sequence[Parcel], manners: Manners) -> Trip:
        """Send `parcels` in their order, until one is not taken or the time is over."""
        results: list[Result] = []
        end = time.monotonic() + TRIP_SECONDS
        for parcel in parcels:
            result, seconds = self._post(parcel)
            results.append(result)
            manners.learn(result, seconds)
            if not result.delivered or time.monotonic() > end or self.stopping():
                break
        return Trip(results, parcels[len(results) :])

    def _post(self, parcel: Parcel) -> tuple[Result, float]:
        started = time.monotonic()
        signed = headers(parcel.message_id, parcel.body, database().clock.now(), [parcel.secret])
        try:
            reply = self.client.send("POST", parcel.url, headers=signed, body=parcel.body)
        except OutboundError as error:
            wait = THROTTLED_WAIT if isinstance(error, TimedOut) else 0
            return Result(parcel, None, error.code, None, wait, sent=error.maybe_sent), time.monotonic() - started
        return _result(parcel, reply), time.monotonic() - started


def _result(parcel: Parcel, reply: Reply) -> Result:
    ok = 200 <= reply.status < 300  # noqa: PLR2004  # HTTP's class of success; a redirect is not followed and fails
    outcome = DeliveryState.DELIVERED if ok else f"status_{reply.status}"
    text = reply.body[:ANSWER_SHOWN].decode(errors="replace").replace("\x00", "\ufffd")
    return Result(parcel, reply.status, outcome, text, least_wait(reply.status, reply.headers.get("retry-after")))
