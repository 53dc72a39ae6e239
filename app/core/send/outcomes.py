"""Recording what came of a way's parcels: attempts finished, deliveries ended or put off, leases given back."""

import random
import uuid
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import or_, select

from app.core.ids import PublicId
from app.core.journal.record import record
from app.core.send import statements
from app.core.send.carried import tell, tell_left
from app.core.send.models import (
    ENDPOINT_ID,
    AttemptOutcome,
    Delivery,
    DeliveryState,
    Endpoint,
    EndpointState,
)
from app.core.send.parcels import Parcel, Result
from app.core.send.schedule import next_try
from app.core.unit import Unit

GONE = 410
MOST_CANCELED = 500
"""Deliveries that one unit cancels; the next look finds the others."""
Item = TypeVar("Item")


def release(unit: Unit, unsent: Sequence[Parcel]) -> None:
    """Give back what was leased and not sent: no try is lost, and its number, under which nothing went out, is free."""
    for number, parcels in _grouped(unsent, lambda one: one.number).items():
        ids = [one.delivery for one in parcels]
        values = {"owner": unit.scope.require_tenant(), "ids": ids, "of_number": number, "to_due": unit.now}
        unit.execute(statements.RELEASE, values)
        _finish(unit, ids, number, (AttemptOutcome.UNSENT, None, None))


def settle(unit: Unit, results: Sequence[Result], schedule: Sequence[float]) -> None:
    """Finish the attempts of `results`, and what they mean for their deliveries while the lease holds."""
    for (number, *known), alike in _grouped(results, _kind).items():
        _finish(unit, [one.parcel.delivery for one in alike], number, known)
    tell(unit, results)
    taken = [one.parcel for one in results if one.delivered]
    for number, parcels in _grouped(taken, lambda one: one.number).items():
        values = {"owner": unit.scope.require_tenant(), "ids": [one.delivery for one in parcels], "of_number": number}
        unit.execute(statements.DELIVERED, {**values, "now": unit.now})
    for result in results:
        if not result.delivered and _held(unit, result.parcel):
            _failed(unit, result, schedule)


def _kind(one: Result) -> tuple[Any, ...]:
    return (one.parcel.number, one.outcome, one.status, one.answer)


def _grouped(items: Iterable[Item], key: Callable[[Item], Any]) -> dict[Any, list[Item]]:
    """Items that share a key are recorded by one statement; mostly that is all of them."""
    groups: dict[Any, list[Item]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return groups


def _finish(unit: Unit, deliveries: Sequence[uuid.UUID], number: int, known: Sequence[Any]) -> None:
    outcome, status, answer = known
    values = {
        "owner": unit.scope.require_tenant(), "ids": deliveries, "of_number": number, "to_outcome": outcome,
        "to_status": status, "to_answer": answer, "now": unit.now,
    }  # fmt: skip
    unit.execute(statements.FINISH_ATTEMPTS, values)


def _held(unit: Unit, parcel: Parcel) -> bool:
    """Hold the parcel's delivery; False where its lease ended and somebody else took it up."""
    values = {"owner": unit.scope.require_tenant(), "delivery": parcel.delivery, "of_number": parcel.number}
    return unit.execute(statements.HELD, values).first() is not None


def _failed(unit: Unit, result: Result, schedule: Sequence[float]) -> None:
    parcel = result.parcel
    if result.status == GONE and _disable(unit, parcel):
        change(unit, [parcel.delivery], DeliveryState.CANCELED, None)
    else:
        try_again(unit, parcel.delivery, parcel.number, schedule, result.least_wait)


def try_again(unit: Unit, delivery: uuid.UUID, failed: int, schedule: Sequence[float], least_wait: float = 0) -> None:
    """Put the delivery off after `failed` tries, or make it a dead letter."""
    chance = random.random()  # noqa: S311  # spreads retries in time; guards nothing
    due_at = next_try(failed, unit.now, chance, schedule, least_wait)
    change(unit, [delivery], DeliveryState.EXHAUSTED if due_at is None else DeliveryState.PENDING, due_at)


def change(unit: Unit, deliveries: Sequence[uuid.UUID], state: DeliveryState, due_at: datetime | None) -> None:
    """Give `deliveries`, which this unit holds, another state."""
    values = {"owner": unit.scope.require_tenant(), "ids": deliveries, "to_state": state, "to_due": due_at}
    unit.execute(statements.CHANGE, values)


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
    cancel(unit, endpoint.id)
    return True


def cancel(unit: Unit, endpoint_id: uuid.UUID) -> None:
    """Cancel what waits for the endpoint; what is under way ends by itself."""
    waiting = (
        select(Delivery.id)
        .where(
            Delivery.tenant_id == unit.scope.require_tenant(),
            Delivery.endpoint_id == endpoint_id,
            or_(Delivery.state == DeliveryState.PENDING, Delivery.due_at <= unit.now),
        )
        .limit(MOST_CANCELED)
        .with_for_update(skip_locked=True)
    )
    found = list(unit.session.scalars(waiting))
    tell_left(unit, found)
    change(unit, found, DeliveryState.CANCELED, None)
