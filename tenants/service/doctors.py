"""Telling the directory of a site's doctors, and keeping there what sites told.

Two relays make one row: as what a doctor is on the staff, and what a text visit with them costs. Either may come first.
"""

import uuid
from collections.abc import Mapping
from datetime import date
from typing import Any

from app.core.ids import PublicId
from app.core.journal.record import Outgoing, record
from app.core.keeping import keep_newer
from app.core.relays import Answer, Incoming
from app.core.scope import Scope
from app.core.unit import Unit
from app.identity.api import Role
from tenants.models import DirectoryDoctor, Staff
from tenants.names import OFFER, OFFER_ID, PLATFORM, PUBLISH_DOCTOR, STAFF_ID
from tenants.states import StaffState

_UNKNOWN: Mapping[str, Any] = {
    "name": "", "title": None, "subjects": [], "registration_until": None, "listed": False, "source_version": 0,
    "text_visit": None, "offer_version": 0,
}  # fmt: skip
"""What stands in a row until the relay arrives that says it."""


def publish_doctor(member: Staff, *, was_doctor: bool = False) -> list[Outgoing]:
    """The relay that tells the directory what a doctor is now; none for others, who are nobody's business there.

    Of somebody who `was_doctor` and is none any more it tells only that they are not.
    """
    is_doctor = member.state == StaffState.ACTIVE and Role.DOCTOR in member.roles
    if not (is_doctor or was_doctor):
        return []
    until = member.registration_until
    shown = {
        "name": member.name, "title": member.title, "subjects": list(member.subjects),
        "registration_until": until.isoformat() if until else None,
    }  # fmt: skip
    known = {"staff": str(member.id), "listed": is_doctor, "version": member.version}
    return [Outgoing(PLATFORM, PUBLISH_DOCTOR, {**known, **shown} if is_doctor else known)]


def offer_text_visits(staff_id: uuid.UUID, fee: int, version: int) -> Outgoing:
    """The relay that tells the directory what a text visit with a doctor costs, in fen, as the fee's `version`."""
    return Outgoing(PLATFORM, OFFER, {"staff": str(staff_id), "text_visit": fee, "version": version})


def take_doctor(unit: Unit, relay: Incoming) -> Answer:
    """Show what a doctor is, or that they are none any more, unless something newer is known."""
    told = relay.payload
    until = told.get("registration_until")
    shown = {
        "name": told.get("name", ""), "title": told.get("title"), "subjects": told.get("subjects", []),
        "registration_until": date.fromisoformat(until) if until else None, "listed": told["listed"],
    }  # fmt: skip
    return _keep(unit, relay, {**shown, "source_version": told["version"]}, "source_version", STAFF_ID)


def take_offer(unit: Unit, relay: Incoming) -> Answer:
    """Show what a text visit with a doctor costs, unless something newer is known."""
    told = relay.payload
    offer = {"text_visit": told["text_visit"], "offer_version": told["version"]}
    return _keep(unit, relay, offer, "offer_version", OFFER_ID)


def _keep(unit: Unit, relay: Incoming, told: Mapping[str, Any], version: str, prefix: str) -> Answer:
    tenant, doctor = relay.giver.require_tenant(), uuid.UUID(relay.payload["staff"])
    row = {**_UNKNOWN, **told, "tenant": tenant, "id": doctor}
    if not keep_newer(unit, DirectoryDoctor, row, changing=told, version=version):
        return {"refused": "newer_known"}
    subject = PublicId(prefix, Scope.for_tenant(tenant), doctor)
    record(unit, "directory.doctor_updated", subject, relay.payload["version"], {})
    return {}
