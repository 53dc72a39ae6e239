"""The resident's own access log: which hooks carried their data out, by the relay that rides on the sending."""

import uuid
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table
from sqlalchemy.dialects.postgresql import insert

from app.core.ids import PublicId
from app.core.journal.record import record
from app.core.relays import Answer, Incoming
from app.core.unit import Unit
from app.residents.access_models import Access
from app.residents.names import ACCESS_ID
from app.residents.rules.access_words import HOOK, kind_of
from app.residents.service.accesses import ACCESS_KEPT
from tenants.api import system_of

_ACCESSES = cast(Table, Access.__table__)
_FRESH = insert(_ACCESSES)
_ARRIVED = _FRESH.on_conflict_do_update(
    index_elements=["person_id", "id"],
    set_={"arrived_at": _FRESH.excluded.arrived_at, "host": _FRESH.excluded.host},
    where=_ACCESSES.c.arrived_at.is_(None) & _FRESH.excluded.arrived_at.is_not(None),
).returning(_ACCESSES.c.id)
"""Notes a sending, or its arrival; no row comes back where that is known."""


def take_hook(unit: Unit, relay: Incoming) -> Answer:
    """Note that a hook carried the person's data out, later that it arrived: one line, however often it was tried."""
    told, own = relay.payload, uuid.UUID(relay.payload["id"])
    if unit.execute(_ARRIVED, _row(unit, relay)).first() is None:
        return {"refused": "known_already"}
    facts = {"event": told["event"], "about": told["about"], "arrived": told["arrived"]}
    record(unit, "access.noted", PublicId(ACCESS_ID, unit.scope, own), told["version"], facts)
    return {}


def _row(unit: Unit, relay: Incoming) -> dict[str, Any]:
    told, tenant = relay.payload, relay.giver.require_tenant()
    shown, at = system_of(unit, tenant), datetime.fromisoformat(told["at"])
    return {
        "person_id": unit.scope.require_person(), "id": uuid.UUID(told["id"]), "at": at, "tenant": tenant,
        "who": shown.who, "role": None, "name": None, "institution_name": shown.institution_name,
        "institution_id": uuid.UUID(shown.institution_id) if shown.institution_id else None, "purpose": HOOK,
        "kind": kind_of(told["about"]).code, "subject": told["about"], "event": told["event"], "host": told["host"],
        "arrived_at": at if told["arrived"] else None, "due_at": at + ACCESS_KEPT,
    }  # fmt: skip
