"""What a person hears of their appointment: the relay, and the row that they keep."""

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
from app.scheduling.models import Appointment, PersonAppointment, Shift
from app.scheduling.names import APPOINTMENT_ID, SHOW


def show(appointment: Appointment, shift: Shift) -> Outgoing:
    """The relay that tells the resident what their appointment is now."""
    return Outgoing(Scope.for_person(appointment.resident_id), SHOW, shown(appointment, shift))


def shown(appointment: Appointment, shift: Shift) -> dict[str, Any]:
    """An appointment as its resident keeps it."""
    return {
        "id": str(appointment.id), "doctor_id": str(appointment.doctor_id), "doctor_name": shift.doctor_name,
        "site": shift.site, "subject": appointment.subject, "day": appointment.day.isoformat(),
        "starts_at": appointment.starts_at.isoformat(), "state": appointment.state, "reason": appointment.reason,
        "fee": appointment.fee, "bill_id": str(appointment.bill_id) if appointment.bill_id else None,
        "number": appointment.number, "version": appointment.version,
    }  # fmt: skip


def take_shown(unit: Unit, relay: Incoming) -> Answer:
    """Keep what an appointment is, unless something newer is known."""
    _keep(unit, relay.giver.require_tenant(), relay.payload)
    about = PublicId(APPOINTMENT_ID, relay.giver, uuid.UUID(relay.payload["id"]))
    record(unit, "appointment.updated", about, relay.payload["version"], {"state": relay.payload["state"]})
    return {}


def show_at_once(resident: uuid.UUID, tenant: int, facts: Mapping[str, Any], by: Caller) -> None:
    """Let the resident read what they just did, before the relay says the same."""
    apply_at_once(resident, lambda unit: _keep(unit, tenant, facts), by)


def _keep(unit: Unit, tenant: int, facts: Mapping[str, Any]) -> None:
    row = {
        **{name: facts[name] for name in ("doctor_name", "site", "subject", "state", "reason", "fee", "number")},
        "person_id": unit.scope.require_person(), "id": uuid.UUID(facts["id"]), "tenant": tenant,
        "doctor_id": uuid.UUID(facts["doctor_id"]), "day": date.fromisoformat(facts["day"]),
        "starts_at": datetime.fromisoformat(facts["starts_at"]),
        "bill_id": uuid.UUID(facts["bill_id"]) if facts["bill_id"] else None, "source_version": facts["version"],
    }  # fmt: skip
    keep_newer(unit, PersonAppointment, row)
