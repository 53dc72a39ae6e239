"""The resident's own access log: which hooks carried their data out, by the relay that rides on the sending."""

import uuid
from datetime import datetime
from typing import Any

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


def take_hook(unit: Unit, relay: Incoming) -> Answer:
    """Note that a hook carried the person's data out, later that it arrived: one line, however often it was tried."""
    told, own = relay.payload, uuid.UUID(relay.payload["id"])
    fresh = insert(Access).values(_row(unit, relay))
    arrived = fresh.on_conflict_do_update(
        index_elements=["person_id", "id"],
        set_={"arrived_at": fresh.excluded.arrived_at, "host": fresh.excluded.host},
        where=Access.arrived_at.is_(None) & fresh.excluded.arrived_at.is_not(None),
    )
    if unit.session.execute(arrived.returning(Access.id)).first() is None:
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
