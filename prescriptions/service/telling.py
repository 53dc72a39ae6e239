"""What a person hears of their prescription: the relay, and the row that they keep."""

import uuid
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from app.core.ids import PublicId
from app.core.journal.record import Outgoing, record
from app.core.keeping import keep_newer
from app.core.relays import Answer, Incoming
from app.core.scope import Scope
from app.core.unit import Caller, Unit
from app.identity.api import apply_at_once
from prescriptions.content import groups_of, seal_groups
from prescriptions.models.prescribing import PersonPrescription, Prescription
from prescriptions.names import PRESCRIPTION_ID, SHOW

_PLAIN = (
    "doctor_name", "institution_name", "state", "reason", "order_tenant", "order_state", "pharmacy_name", "waiting",
    "stopping",
)  # fmt: skip


def show(opened: Unit, prescription: Prescription) -> Outgoing:
    """The relay that tells the resident what their prescription is now. It must be signed."""
    return Outgoing(Scope.for_person(prescription.resident_id), SHOW, shown(opened, prescription))


def shown(opened: Unit, prescription: Prescription) -> dict[str, Any]:
    """A signed prescription as its resident keeps it."""
    if prescription.signed_at is None or prescription.expires_at is None or prescription.covers_until is None:
        raise ValueError("a draft is shown to nobody")
    return {
        **{name: getattr(prescription, name) for name in _PLAIN}, "id": str(prescription.id),
        "order_id": str(prescription.order_id) if prescription.order_id else None,
        "signed_at": prescription.signed_at.isoformat(), "expires_at": prescription.expires_at.isoformat(),
        "covers_until": prescription.covers_until.isoformat(), "groups": groups_of(opened, prescription),
        "version": prescription.version,
    }  # fmt: skip


def take_shown(opened: Unit, relay: Incoming) -> Answer:
    """Keep what a prescription is, unless something newer is known."""
    _keep(opened, relay.giver.require_tenant(), relay.payload)
    about = PublicId(PRESCRIPTION_ID, relay.giver, uuid.UUID(relay.payload["id"]))
    record(opened, "prescription.updated", about, relay.payload["version"], {"state": relay.payload["state"]})
    return {}


def show_at_once(tenant: int, person: uuid.UUID, told: Mapping[str, Any], by: Caller) -> None:
    """Let the resident read what they just did (`shown`), before the relay says the same. Called outside any unit."""
    apply_at_once(person, lambda opened: _keep(opened, tenant, told), by)


def _keep(opened: Unit, tenant: int, told: Mapping[str, Any]) -> None:
    known = uuid.UUID(told["id"])
    row = {
        **{name: told[name] for name in _PLAIN}, "person_id": opened.scope.require_person(), "id": known,
        "tenant": tenant, "order_id": uuid.UUID(told["order_id"]) if told["order_id"] else None,
        "signed_at": datetime.fromisoformat(told["signed_at"]), "groups": seal_groups(opened, known, told["groups"]),
        "expires_at": datetime.fromisoformat(told["expires_at"]),
        "covers_until": date.fromisoformat(told["covers_until"]), "source_version": told["version"],
    }  # fmt: skip
    keep_newer(opened, PersonPrescription, row)
