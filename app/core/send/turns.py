"""The database's half of sending: which endpoint has something to hear, a way's next parcel, what became of the last.

A *way* sends an endpoint's deliveries one after another. Between two requests it takes one *turn*, a unit that records
what came of the one parcel and leases the next, so that an endpoint that ended meanwhile is not called again. The
number of the try is the fencing token of the lease.
"""

import random
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
import structlog
from sqlalchemy import and_, insert, or_, select, update

from app.core.crypto import CannotDecrypt
from app.core.ids import PublicId, new_id
from app.core.journal.models import Entry
from app.core.journal.record import record
from app.core.send.message import EVENT, envelope
from app.core.send.models import ENDPOINT_ID, Attempt, Delivery, DeliveryState, Endpoint, EndpointState
from app.core.send.schedule import next_try
from app.core.send.secrets import open_secret
from app.core.unit import Unit

LEASE = timedelta(seconds=60)
"""Several times longer than the slowest request takes; after it another worker takes over."""
SENT_UNKNOWN = "sent_unknown"
UNREADABLE = "secret_unreadable"
"""What a try comes to whose secret the key ring does not open."""
GONE = 410
MOST_PASSED = 500
"""Deliveries that one unit cancels or passes by unsent; the next look finds the others."""
log = structlog.get_logger()


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


def endpoints_with_work(unit: Unit) -> list[uuid.UUID]:
    """The endpoints of this tenant for which a delivery is due."""
    mine = unit.scope.require_tenant()
    waiting = (
        select(Delivery.id)
        .where(Delivery.tenant_id == mine, Endpoint.tenant_id == mine)
        .where(Delivery.endpoint_id == Endpoint.id, Delivery.due_at <= unit.now)
        .correlate(Endpoint)
    )
    return list(unit.session.scalars(select(Endpoint.id).where(Endpoint.tenant_id == mine, waiting.exists())))


def turn(
    unit: Unit, endpoint_id: uuid.UUID, last: Result | None, schedule: Sequence[float], *, more: bool
) -> Parcel | None:
    """Record what came of the way's `last` parcel; with `more`, lease the next that is due."""
    if last is not None:
        _settle(unit, last, schedule)
    return _lease(unit, endpoint_id, schedule) if more else None


def _lease(unit: Unit, endpoint_id: uuid.UUID, schedule: Sequence[float]) -> Parcel | None:
    endpoint = unit.get(Endpoint, endpoint_id)
    if endpoint is None or endpoint.state != EndpointState.ACTIVE:
        _cancel(unit, endpoint_id)
        return None
    for _ in range(MOST_PASSED):
        found = _oldest(unit, endpoint_id)
        if found is None:
            return None
        delivery, entry = found
        if entry.type not in endpoint.types:  # its owner no longer wants this type
            delivery.state, delivery.due_at = DeliveryState.CANCELED, None
        elif secret := _secret(unit, endpoint):
            return _leased(unit, delivery, endpoint, entry, secret)
        else:
            _pass_by(unit, delivery, schedule)
    return None


def _secret(unit: Unit, endpoint: Endpoint) -> str | None:
    try:
        return open_secret(unit.cipher, unit.scope, endpoint.id, endpoint.secret)
    except CannotDecrypt:
        return None


def _pass_by(unit: Unit, delivery: Delivery, schedule: Sequence[float]) -> None:
    """Count a try that could not be signed: the key may come back before the schedule ends."""
    log.error(UNREADABLE, endpoint=str(delivery.endpoint_id), delivery=str(delivery.id))
    delivery.tries += 1
    _insert_attempt(unit, delivery, UNREADABLE, finished_at=unit.now)
    _try_again(unit, delivery, schedule)


def _oldest(unit: Unit, endpoint_id: uuid.UUID) -> tuple[Delivery, Entry] | None:
    query = (
        select(Delivery, Entry)
        .join(Entry, and_(Entry.tenant_id == Delivery.tenant_id, Entry.id == Delivery.entry_id))
        .where(
            Delivery.tenant_id == unit.scope.require_tenant(),
            Delivery.endpoint_id == endpoint_id,
            Delivery.due_at <= unit.now,
        )
        .order_by(Delivery.due_at)
        .limit(1)
        .with_for_update(of=Delivery, skip_locked=True)
    )
    found = unit.session.execute(query).first()
    return (found[0], found[1]) if found else None


def _leased(unit: Unit, delivery: Delivery, endpoint: Endpoint, entry: Entry, secret: str) -> Parcel:
    delivery.state, delivery.due_at = DeliveryState.SENDING, unit.now + LEASE
    delivery.tries += 1
    return Parcel(
        delivery=delivery.id, attempt=_insert_attempt(unit, delivery, SENT_UNKNOWN), endpoint=endpoint.id,
        number=delivery.tries, url=endpoint.url, secret=secret, message_id=str(PublicId(EVENT, unit.scope, entry.id)),
        body=orjson.dumps(envelope(unit.scope, entry.id, entry.text)),
    )  # fmt: skip


def _insert_attempt(unit: Unit, delivery: Delivery, outcome: str, finished_at: datetime | None = None) -> uuid.UUID:
    attempt: dict[str, Any] = {
        "tenant_id": delivery.tenant_id, "id": new_id(), "delivery_id": delivery.id, "number": delivery.tries,
        "started_at": unit.now, "outcome": outcome, "finished_at": finished_at,
    }  # fmt: skip
    unit.session.execute(insert(Attempt), [attempt])
    return uuid.UUID(str(attempt["id"]))


def _settle(unit: Unit, result: Result, schedule: Sequence[float]) -> None:
    delivery = _held(unit, result.parcel)
    _finish_attempt(unit, result)
    if delivery is None:
        return
    if result.outcome == DeliveryState.DELIVERED:
        delivery.state, delivery.due_at, delivery.delivered_at = DeliveryState.DELIVERED, None, unit.now
    elif result.status == GONE and _disable(unit, result.parcel):
        delivery.state, delivery.due_at = DeliveryState.CANCELED, None
    else:
        _try_again(unit, delivery, schedule, result.least_wait)


def _try_again(unit: Unit, delivery: Delivery, schedule: Sequence[float], least_wait: float = 0) -> None:
    chance = random.random()  # noqa: S311  # spreads retries in time; guards nothing
    delivery.due_at = next_try(delivery.tries, unit.now, chance, schedule, least_wait)
    delivery.state = DeliveryState.EXHAUSTED if delivery.due_at is None else DeliveryState.PENDING


def _held(unit: Unit, parcel: Parcel) -> Delivery | None:
    """The parcel's delivery, unless its lease ended and somebody else took it up."""
    query = unit.select(Delivery).where(
        Delivery.id == parcel.delivery, Delivery.state == DeliveryState.SENDING, Delivery.tries == parcel.number
    )
    return unit.first(query.with_for_update())


def _finish_attempt(unit: Unit, result: Result) -> None:
    mine = unit.scope.require_tenant()
    done = update(Attempt).where(Attempt.tenant_id == mine, Attempt.id == result.parcel.attempt)
    unit.session.execute(
        done.values(
            outcome=result.outcome, status=result.status, answer=result.answer, finished_at=unit.now
        ).execution_options(synchronize_session=False)
    )


def _disable(unit: Unit, parcel: Parcel) -> bool:
    """410 Gone is the receiver's own word that it wants nothing more (Standard Webhooks, section on 410).

    Only for the address that said it: one that was changed meanwhile has not been asked.
    """
    endpoint = unit.get(Endpoint, parcel.endpoint, lock=True)
    if endpoint is None or endpoint.url != parcel.url:
        return False
    if endpoint.state == EndpointState.ACTIVE:
        endpoint.state = EndpointState.DISABLED
        endpoint.version += 1
        subject = PublicId(ENDPOINT_ID, unit.scope, endpoint.id)
        record(unit, "webhook_endpoint.disabled", subject, endpoint.version, {"reason": "gone"})
    _cancel(unit, endpoint.id)
    return True


def _cancel(unit: Unit, endpoint_id: uuid.UUID) -> None:
    """Cancel what waits for the endpoint; what is under way ends by itself."""
    mine = unit.scope.require_tenant()
    waiting = (
        select(Delivery.id)
        .where(
            Delivery.tenant_id == mine,
            Delivery.endpoint_id == endpoint_id,
            or_(Delivery.state == DeliveryState.PENDING, Delivery.due_at <= unit.now),
        )
        .limit(MOST_PASSED)
        .with_for_update(skip_locked=True)
    )
    ids = list(unit.session.scalars(waiting))
    done = update(Delivery).where(Delivery.tenant_id == mine, Delivery.id.in_(ids))
    unit.session.execute(
        done.values(state=DeliveryState.CANCELED, due_at=None).execution_options(synchronize_session=False)
    )
