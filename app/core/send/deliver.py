"""Sending deliveries: leased in one unit, sent outside any, recorded in another.

At least once: a worker that dies after the receiver answered leaves an attempt `sent_unknown`, and when its lease ends
another sends the same `webhook-id` again. The number of the try is the fencing token of the lease.
"""

import random
import uuid
from collections.abc import Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import timedelta

import orjson
from sqlalchemy import and_, insert, select, update

from app.core.http import Client, OutboundError, Reply
from app.core.ids import PublicId, new_id
from app.core.journal.models import Entry
from app.core.scope import Scope
from app.core.send.message import EVENT, envelope, headers
from app.core.send.models import Attempt, Delivery, DeliveryState, Endpoint, EndpointState
from app.core.send.schedule import least_wait, next_try
from app.core.send.secrets import open_secret
from app.core.unit import Unit, database, run

BATCH = 64
PER_ENDPOINT = 5
"""Requests to one endpoint at a time."""
LEASE = timedelta(seconds=240)
"""Longer than the slowest way of a batch takes; after it another worker takes over."""
SENT_UNKNOWN = "sent_unknown"
GONE = 410
ANSWER_SHOWN = 500
"""Characters of an answer that are kept for the endpoint's owner."""


@dataclass(frozen=True)
class Parcel:
    """A leased delivery with everything that its request needs."""

    delivery: uuid.UUID
    attempt: uuid.UUID
    endpoint: uuid.UUID
    number: int
    url: str
    secret: str
    message_id: str
    body: bytes


@dataclass(frozen=True)
class Result:
    """What came of a parcel: a status and the beginning of the answer, or the code of what went wrong."""

    parcel: Parcel
    status: int | None
    outcome: str
    answer: str | None
    least_wait: float

    @property
    def delivered(self) -> bool:
        """Any 2xx answer; a redirect is not followed and counts as a failure."""
        return self.outcome == DeliveryState.DELIVERED


@dataclass(frozen=True)
class Sender:
    """Sends a tenant's due deliveries; one per worker process.

    Each endpoint's deliveries go their own way, `PER_ENDPOINT` at a time, and are recorded as each way ends, so that a
    slow receiver holds up only itself.
    """

    client: Client
    executor: Executor
    schedule: Sequence[float]

    def send(self, scope: Scope) -> int:
        """Send what is due in `scope`, at most one batch; returns how many were tried."""
        parcels = run(scope, _lease)
        ways = [self.executor.submit(self._send, way, scope) for way in _ways(parcels)]
        for way in ways:
            way.result()
        return len(parcels)

    def _send(self, parcels: Sequence[Parcel], scope: Scope) -> None:
        results = [self._post(parcel) for parcel in parcels]
        run(scope, lambda unit: _record(unit, results, self.schedule))

    def _post(self, parcel: Parcel) -> Result:
        signed = headers(parcel.message_id, parcel.body, database().clock.now(), [parcel.secret])
        try:
            reply = self.client.send("POST", parcel.url, headers=signed, body=parcel.body)
        except OutboundError as error:
            return Result(parcel, None, error.code, None, 0)
        return _result(parcel, reply)


def _ways(parcels: Iterable[Parcel]) -> list[list[Parcel]]:
    """The parcels of each endpoint, dealt out to at most `PER_ENDPOINT` ways."""
    of_endpoint: dict[uuid.UUID, list[Parcel]] = {}
    for parcel in parcels:
        of_endpoint.setdefault(parcel.endpoint, []).append(parcel)
    dealt = (same[start::PER_ENDPOINT] for same in of_endpoint.values() for start in range(PER_ENDPOINT))
    return [way for way in dealt if way]


def _result(parcel: Parcel, reply: Reply) -> Result:
    ok = 200 <= reply.status < 300  # noqa: PLR2004  # HTTP's class of success
    outcome = DeliveryState.DELIVERED if ok else f"status_{reply.status}"
    text = reply.body[:ANSWER_SHOWN].decode(errors="replace").replace("\x00", "\ufffd")
    return Result(parcel, reply.status, outcome, text, least_wait(reply.status, reply.headers.get("retry-after")))


def _lease(unit: Unit) -> list[Parcel]:
    mine = unit.scope.require_tenant()
    query = (
        select(Delivery, Endpoint, Entry)
        .join(Endpoint, and_(Endpoint.tenant_id == Delivery.tenant_id, Endpoint.id == Delivery.endpoint_id))
        .join(Entry, and_(Entry.tenant_id == Delivery.tenant_id, Entry.id == Delivery.entry_id))
        .where(Delivery.tenant_id == mine, Delivery.due_at <= unit.now)
        .order_by(Delivery.due_at)
        .limit(BATCH)
        .with_for_update(of=Delivery, skip_locked=True)
    )
    leased = [row for row in unit.session.execute(query).tuples() if _may_send(row[0], row[1])]
    parcels = [_parcel(unit, *row) for row in leased]
    if parcels:
        unit.session.execute(insert(Attempt), [_attempt(unit, mine, parcel) for parcel in parcels])
    return parcels


def _may_send(delivery: Delivery, endpoint: Endpoint) -> bool:
    """Whether the endpoint may hear it now; what was allowed when the event happened may have ended since."""
    if endpoint.state == EndpointState.ACTIVE:
        return True
    delivery.state, delivery.due_at = DeliveryState.CANCELED, None
    return False


def _parcel(unit: Unit, delivery: Delivery, endpoint: Endpoint, entry: Entry) -> Parcel:
    delivery.state, delivery.due_at = DeliveryState.SENDING, unit.now + LEASE
    delivery.tries += 1
    return Parcel(
        delivery=delivery.id, attempt=new_id(), endpoint=endpoint.id, number=delivery.tries, url=endpoint.url,
        secret=open_secret(unit.cipher, unit.scope, endpoint.id, endpoint.secret),
        message_id=str(PublicId(EVENT, unit.scope, entry.id)),
        body=orjson.dumps(envelope(unit.scope, entry.id, entry.text)),
    )  # fmt: skip


def _attempt(unit: Unit, tenant: int, parcel: Parcel) -> dict[str, object]:
    return {
        "tenant_id": tenant, "id": parcel.attempt, "delivery_id": parcel.delivery, "number": parcel.number,
        "started_at": unit.now, "outcome": SENT_UNKNOWN,
    }  # fmt: skip


def _record(unit: Unit, results: Sequence[Result], schedule: Sequence[float]) -> None:
    held = _held(unit, results)
    for result in results:
        delivery = held.get(result.parcel.delivery)
        if delivery is not None and delivery.tries == result.parcel.number:
            _settle(unit, delivery, result, schedule)
        _finish_attempt(unit, result)
    gone = {result.parcel.endpoint for result in results if result.status == GONE}
    if gone:
        _disable(unit, gone)


def _held(unit: Unit, results: Sequence[Result]) -> dict[uuid.UUID, Delivery]:
    ids = [result.parcel.delivery for result in results]
    query = unit.select(Delivery).where(Delivery.id.in_(ids), Delivery.state == DeliveryState.SENDING)
    return {delivery.id: delivery for delivery in unit.all(query.order_by(Delivery.id).with_for_update())}


def _settle(unit: Unit, delivery: Delivery, result: Result, schedule: Sequence[float]) -> None:
    if result.delivered:
        delivery.state, delivery.due_at, delivery.delivered_at = DeliveryState.DELIVERED, None, unit.now
        return
    chance = random.random()  # noqa: S311  # spreads retries in time; guards nothing
    delivery.due_at = next_try(delivery.tries, unit.now, chance, schedule, result.least_wait)
    delivery.state = DeliveryState.EXHAUSTED if delivery.due_at is None else DeliveryState.PENDING


def _finish_attempt(unit: Unit, result: Result) -> None:
    mine = unit.scope.require_tenant()
    done = update(Attempt).where(Attempt.tenant_id == mine, Attempt.id == result.parcel.attempt)
    unit.session.execute(
        done.values(
            outcome=result.outcome, status=result.status, answer=result.answer, finished_at=unit.now
        ).execution_options(synchronize_session=False)
    )


def _disable(unit: Unit, endpoints: Iterable[uuid.UUID]) -> None:
    """410 Gone is the receiver's own word that it wants nothing more (Standard Webhooks, section on 410)."""
    query = unit.select(Endpoint).where(Endpoint.id.in_(list(endpoints))).with_for_update()
    for endpoint in unit.all(query):
        endpoint.state = EndpointState.DISABLED
        endpoint.version += 1
