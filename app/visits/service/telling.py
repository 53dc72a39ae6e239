"""What a person hears of their visit: the relay, and the row that they keep. Nothing clinical."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.core.ids import PublicId
from app.core.journal.record import Outgoing, record
from app.core.keeping import keep_newer
from app.core.relays import Answer, Incoming
from app.core.scope import Scope
from app.core.unit import Caller, Unit
from app.identity.api import apply_at_once
from app.visits.models import PersonVisit, Visit
from app.visits.names import SHOW, VISIT_ID
from app.visits.rules.moves import State

_PLAIN = ("doctor_name", "legal_basis", "state", "reason", "fee", "refunded", "institution_name")


def show(visit: Visit) -> Outgoing:
    """The relay that tells the resident what their visit is now."""
    return Outgoing(Scope.for_person(visit.resident_id), SHOW, shown(visit))


def shown(visit: Visit) -> dict[str, Any]:
    """A visit as its resident keeps it."""
    return {
        "id": str(visit.id), "doctor_id": str(visit.doctor_id), "doctor_name": visit.doctor_name,
        "legal_basis": visit.legal_basis, "state": visit.state, "reason": visit.reason, "fee": visit.fee,
        "bill_id": str(visit.bill_id), "refunded": visit.refunded_at is not None,
        "institution_name": visit.institution_name, "requested_at": visit.created_at.isoformat(),
        "deadline": _deadline(visit), "version": visit.version,
    }  # fmt: skip


def _deadline(visit: Visit) -> str | None:
    """When the time of its state is up; that its doctor is reminded again is nothing for the resident to wait for."""
    return visit.due_at.isoformat() if visit.due_at and visit.state != State.UNCONCLUDED else None


def take_shown(unit: Unit, relay: Incoming) -> Answer:
    """Keep what a visit is, unless something newer is known."""
    _keep(unit, relay.giver.require_tenant(), relay.payload)
    about = PublicId(VISIT_ID, relay.giver, uuid.UUID(relay.payload["id"]))
    record(unit, "visit.updated", about, relay.payload["version"], {"state": relay.payload["state"]})
    return {}


def show_at_once(visit: Visit, by: Caller) -> None:
    """Let the resident read what they just did, before the relay says the same."""
    apply_at_once(visit.resident_id, lambda unit: _keep(unit, visit.tenant_id, shown(visit)), by)


def _keep(unit: Unit, tenant: int, facts: Mapping[str, Any]) -> None:
    row = {
        **{name: facts[name] for name in _PLAIN},
        "person_id": unit.scope.require_person(), "id": uuid.UUID(facts["id"]), "tenant": tenant,
        "doctor_id": uuid.UUID(facts["doctor_id"]), "bill_id": uuid.UUID(facts["bill_id"]),
        "deadline": datetime.fromisoformat(facts["deadline"]) if facts["deadline"] else None,
        "requested_at": datetime.fromisoformat(facts["requested_at"]), "source_version": facts["version"],
    }  # fmt: skip
    keep_newer(unit, PersonVisit, row)
