"""The database's half of sending: which endpoint has something to hear, and what a way carries next.

A *way* sends an endpoint's deliveries one after another. Between two loads it takes one *turn*, a unit that records
what came of the last load and leases the next, so that an endpoint that ended meanwhile is not called again. The
number of the try is the fencing token of the lease.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import orjson
import structlog

from app.core.crypto import CannotDecrypt
from app.core.ids import PublicId, new_id
from app.core.send import statements
from app.core.send.carried import tell_left
from app.core.send.message import EVENT, envelope
from app.core.send.models import AttemptOutcome, DeliveryState, EndpointState
from app.core.send.outcomes import cancel, change, release, settle, try_again
from app.core.send.parcels import Parcel, Trip
from app.core.send.secrets import open_secret
from app.core.unit import Unit

LEASE = timedelta(seconds=60)
"""Several times longer than the slowest request and a load before it take; after it another worker takes over."""
MOST_PASSED = 500
"""How often one unit looks for deliveries that it can send; the next look finds the others."""
log = structlog.get_logger()


def endpoints_with_work(unit: Unit) -> list[uuid.UUID]:
    """The endpoints of this tenant for which a delivery is due."""
    values = {"owner": unit.scope.require_tenant(), "now": unit.now}
    return list(unit.execute(statements.ENDPOINTS_WITH_WORK, values).scalars())


def turn(unit: Unit, endpoint_id: uuid.UUID, last: Trip, schedule: Sequence[float], *, load: int) -> list[Parcel]:
    """Record what came of the way's `last` trip; lease the next parcels that are due, at most `load`."""
    release(unit, last.unsent)
    settle(unit, last.results, schedule)
    return _lease(unit, endpoint_id, schedule, load) if load else []


def _lease(unit: Unit, endpoint_id: uuid.UUID, schedule: Sequence[float], load: int) -> list[Parcel]:
    mine = {"owner": unit.scope.require_tenant(), "endpoint": endpoint_id}
    endpoint = unit.execute(statements.ENDPOINT, mine).first()
    if endpoint is None or endpoint.state != EndpointState.ACTIVE:
        cancel(unit, endpoint_id)
        return []
    secret = _secret(unit, endpoint)
    for _ in range(MOST_PASSED):
        found = unit.execute(statements.OLDEST, {**mine, "now": unit.now, "load": load}).all()
        tell_left(unit, [one.id for one in found if one.resident_id and one.state == DeliveryState.SENDING])
        wanted = [one for one in found if one.type in endpoint.types]
        unwanted = [one.id for one in found if one.type not in endpoint.types]
        if unwanted:  # its owner no longer wants these types
            change(unit, unwanted, DeliveryState.CANCELED, None)
        if not found or (wanted and secret):
            return _leased(unit, wanted, endpoint, secret)
        _pass_by(unit, wanted, endpoint_id, schedule)
    return []


def _secret(unit: Unit, endpoint: Any) -> str:
    """The endpoint's secret; empty where no key opens it."""
    try:
        return open_secret(unit.cipher, unit.scope, endpoint.id, endpoint.secret)
    except CannotDecrypt:
        return ""


def _pass_by(unit: Unit, passed: Sequence[Any], endpoint_id: uuid.UUID, schedule: Sequence[float]) -> None:
    """Count tries that could not be signed: the key may come back before the schedule ends."""
    _begin(unit, passed, unit.now, AttemptOutcome.UNREADABLE, finished_at=unit.now)
    for one in passed:
        log.error(AttemptOutcome.UNREADABLE.value, endpoint=str(endpoint_id), delivery=str(one.id))
        try_again(unit, one.id, one.tries + 1, schedule)


def _leased(unit: Unit, wanted: Sequence[Any], endpoint: Any, secret: str) -> list[Parcel]:
    _begin(unit, wanted, unit.now + LEASE, AttemptOutcome.SENT_UNKNOWN)
    return [
        Parcel(
            delivery=one.id, endpoint=endpoint.id, number=one.tries + 1, url=endpoint.url, secret=secret,
            message_id=str(PublicId(EVENT, unit.scope, one.entry_id)), resident=one.resident_id is not None,
            body=orjson.dumps(envelope(unit.scope, one.entry_id, one.text)),
        )
        for one in wanted
    ]  # fmt: skip


def _begin(
    unit: Unit, tried: Sequence[Any], due_at: datetime, outcome: str, finished_at: datetime | None = None
) -> None:
    """Begin the next try of each of `tried`: its number goes up, and its attempt is written before anything is sent."""
    if not tried:
        return
    mine = unit.scope.require_tenant()
    sending = {"owner": mine, "ids": [one.id for one in tried], "to_state": DeliveryState.SENDING, "to_due": due_at}
    unit.execute(statements.COUNT, sending)
    attempts = [
        {
            "tenant_id": mine, "id": new_id(), "delivery_id": one.id, "number": one.tries + 1,
            "started_at": unit.now, "outcome": outcome, "finished_at": finished_at,
        }
        for one in tried
    ]  # fmt: skip
    unit.execute_each(statements.BEGIN_ATTEMPT, attempts)
