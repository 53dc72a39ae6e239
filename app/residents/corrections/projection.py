"""What a person keeps of their wishes: told with every change, and shown at once where they made it."""

import uuid
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from app.core.ids import PublicId
from app.core.journal.record import Outgoing, record
from app.core.keeping import VERSION, keep_newer
from app.core.relays import Answer, Incoming
from app.core.scope import Scope
from app.core.unit import Caller, Unit
from app.identity.api import apply_at_once
from app.residents.corrections.models import Correction, PersonCorrection
from app.residents.names import CORRECTION_ID, CORRECTION_RELAY


def telling(row: Correction) -> Outgoing:
    """The relay that tells the resident where their wish stands."""
    return Outgoing(Scope.for_person(row.resident_id), CORRECTION_RELAY, _told(row))


def take_correction(unit: Unit, relay: Incoming) -> Answer:
    """Keep where a wish of the person's stands."""
    _keep(unit, relay.giver, relay.payload)
    return {}


def show_at_once(row: Correction, by: Caller) -> None:
    """Let the resident read at once what they did; the relay that follows finds it done."""
    giver = Scope.for_tenant(row.tenant_id)
    apply_at_once(row.resident_id, lambda opened: _keep(opened, giver, _told(row)), by)


def _told(row: Correction) -> dict[str, Any]:
    return {
        "id": str(row.id), "subject": row.subject, "area": row.area, "state": row.state,
        "asked_at": row.asked_at.isoformat(), "until": row.answer_until.isoformat(), "version": row.version,
    }  # fmt: skip


def _keep(opened: Unit, giver: Scope, facts: Mapping[str, Any]) -> None:
    """Keep `facts`, unless something as new is known."""
    row = {
        "person_id": opened.scope.require_person(), "id": uuid.UUID(facts["id"]), "tenant": giver.require_tenant(),
        "subject": facts["subject"], "area": facts["area"], "state": facts["state"],
        "asked_at": datetime.fromisoformat(facts["asked_at"]), "answer_until": date.fromisoformat(facts["until"]),
        "source_version": facts["version"],
    }  # fmt: skip
    if keep_newer(opened, PersonCorrection, row, changing=("state", VERSION)):
        known = PublicId(CORRECTION_ID, giver, row["id"])
        record(opened, "correction.updated", known, facts["version"], {"state": facts["state"]})
