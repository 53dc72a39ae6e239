"""The statements of sending, each built once: they run for every load, and building one costs more than running it."""

import uuid
from typing import cast

from sqlalchemy import BindParameter, Table, Uuid, any_, bindparam, func, select, update
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, insert

from app.core.journal.models import Entry
from app.core.send.models import Attempt, AttemptOutcome, Delivery, DeliveryState, Endpoint

_DELIVERIES, _ENDPOINTS, _ENTRIES, _ATTEMPTS = (
    cast(Table, model.__table__) for model in (Delivery, Endpoint, Entry, Attempt)
)
_deliveries, _endpoints, _entries, _attempts = _DELIVERIES.c, _ENDPOINTS.c, _ENTRIES.c, _ATTEMPTS.c
_OWNER: BindParameter[int] = bindparam("owner")
_ENDPOINT: BindParameter[uuid.UUID] = bindparam("endpoint")
_NOW = bindparam("now", type_=_deliveries.due_at.type)
_IDS = bindparam("ids", type_=ARRAY(Uuid()))
_OF_NUMBER: BindParameter[int] = bindparam("of_number")
_TO_DUE = bindparam("to_due", type_=_deliveries.due_at.type)

ENDPOINTS_WITH_WORK = select(_endpoints.id).where(
    _endpoints.tenant_id == _OWNER,
    select(_deliveries.id)
    .where(_deliveries.tenant_id == _OWNER, _endpoints.tenant_id == _OWNER)
    .where(_deliveries.endpoint_id == _endpoints.id, _deliveries.due_at <= _NOW)
    .correlate(_ENDPOINTS)
    .exists(),
)
ENDPOINT = select(_endpoints.id, _endpoints.url, _endpoints.types, _endpoints.state, _endpoints.secret).where(
    _endpoints.tenant_id == _OWNER, _endpoints.id == _ENDPOINT
)
OLDEST = (
    select(
        _deliveries.id,
        _deliveries.tries,
        _deliveries.entry_id,
        _deliveries.state,
        _deliveries.resident_id,
        _entries.type,
        _entries.text,
    )
    .join_from(
        _DELIVERIES,
        _ENTRIES,
        (_entries.tenant_id == _deliveries.tenant_id) & (_entries.id == _deliveries.entry_id),
    )
    .where(_deliveries.tenant_id == _OWNER, _deliveries.endpoint_id == _ENDPOINT, _deliveries.due_at <= _NOW)
    .order_by(_deliveries.due_at)
    .limit(bindparam("load"))
    .with_for_update(of=_DELIVERIES, skip_locked=True)
)
"""The oldest due deliveries of an endpoint with their entries, held until the unit ends."""
_MINE = update(_DELIVERIES).where(_deliveries.tenant_id == _OWNER, _deliveries.id == any_(_IDS))
_HELD = _MINE.where(_deliveries.state == DeliveryState.SENDING, _deliveries.tries == _OF_NUMBER)
"""Those whose lease did not pass to somebody else meanwhile."""
CHANGE = _MINE.values(state=bindparam("to_state"), due_at=_TO_DUE)
COUNT = CHANGE.values(tries=_deliveries.tries + 1)
RELEASE = _HELD.values(state=DeliveryState.PENDING, due_at=_TO_DUE, tries=_deliveries.tries - 1)
DELIVERED = _HELD.values(state=DeliveryState.DELIVERED, due_at=None, delivered_at=_NOW)
_told = func.coalesce(_deliveries.told, 0)
_entry = select(func.jsonb_build_array(_entries.type, _entries.subject, type_=JSONB)).where(
    _entries.tenant_id == _OWNER, _deliveries.tenant_id == _OWNER, _entries.id == _deliveries.entry_id
)
_url = select(_endpoints.url).where(
    _endpoints.tenant_id == _OWNER, _deliveries.tenant_id == _OWNER, _endpoints.id == _deliveries.endpoint_id
)
TOLD_AGAIN = (
    _MINE.where(_deliveries.resident_id.is_not(None))
    .values(told=_told + 1)
    .returning(
        _deliveries.id,
        _deliveries.resident_id,
        _deliveries.endpoint_id,
        _deliveries.told,
        _entry.correlate(_DELIVERIES).scalar_subquery().label("entry"),
        _url.correlate(_DELIVERIES).scalar_subquery().label("url"),
    )
)
"""Counts that the residents of deliveries are told of them, and says what they are told."""
TOLD_FIRST = TOLD_AGAIN.where(_told == 0)
TOLD_LEFT = TOLD_FIRST.where(_deliveries.state == DeliveryState.SENDING)
HELD = (
    select(_deliveries.id)
    .where(
        _deliveries.tenant_id == _OWNER,
        _deliveries.id == bindparam("delivery"),
        _deliveries.state == DeliveryState.SENDING,
        _deliveries.tries == _OF_NUMBER,
    )
    .with_for_update()
)
_begin = insert(_ATTEMPTS)
BEGIN_ATTEMPT = _begin.on_conflict_do_update(
    index_elements=["tenant_id", "delivery_id", "number"],
    set_={"started_at": _begin.excluded.started_at, "outcome": _begin.excluded.outcome, "finished_at": None},
    where=_attempts.outcome == AttemptOutcome.UNSENT,
)
"""A number whose parcel was given back unsent is used again."""
FINISH_ATTEMPTS = (
    update(_ATTEMPTS)
    .where(
        _attempts.tenant_id == _OWNER,
        _attempts.delivery_id == any_(_IDS),
        _attempts.number == _OF_NUMBER,
    )
    .values(
        outcome=bindparam("to_outcome"), status=bindparam("to_status"), answer=bindparam("to_answer"), finished_at=_NOW
    )
)
