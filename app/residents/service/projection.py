"""What a person keeps of their contracts: told by relay, and applied at once where the person themselves acted."""

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
from app.residents.models import FamilyContract, PersonContract
from app.residents.names import CONTRACT_ID, CONTRACT_RELAY
from app.residents.service.seen import Seen, seen

Told = Mapping[str, Any]


def publish(opened: Unit, row: FamilyContract) -> Outgoing:
    """The relay that tells the resident what their contract is now."""
    return Outgoing(Scope.for_person(row.resident_id), CONTRACT_RELAY, told(seen(opened, row)))


def told(contract: Seen) -> Told:
    """What a person is told of a contract, as JSON."""
    return {
        "contract": str(contract.id.id), "team_name": contract.team_name, "package": contract.package,
        "term_years": contract.term_years, "state": contract.state, "reason": contract.reason,
        "starts_on": _text(contract.starts_on), "ends_on": _text(contract.ends_on),
        "requested_at": contract.requested_at.isoformat(), "version": contract.version,
    }  # fmt: skip


def take_contract(opened: Unit, relay: Incoming) -> Answer:
    """Keep what a contract of the unit's person is now, unless something newer is known."""
    project(opened, relay.giver, relay.payload)
    return {}


def take_at_once(contract: Seen, by: Caller) -> None:
    """Let the person read at once what they did; the relay that follows finds it done."""
    apply_at_once(contract.resident, lambda opened: project(opened, contract.id.scope, told(contract)), by)


def project(opened: Unit, giver: Scope, facts: Told) -> None:
    """Keep `facts` of the tenant `giver`, and record it, unless something as new is known."""
    row = {
        "person_id": opened.scope.require_person(), "id": uuid.UUID(facts["contract"]),
        "tenant": giver.require_tenant(), "team_name": facts["team_name"], "package": facts["package"],
        "term_years": facts["term_years"], "state": facts["state"], "reason": facts["reason"],
        "starts_on": _date(facts["starts_on"]), "ends_on": _date(facts["ends_on"]),
        "requested_at": datetime.fromisoformat(facts["requested_at"]), "source_version": facts["version"],
    }  # fmt: skip
    if keep_newer(opened, PersonContract, row):
        subject = PublicId(CONTRACT_ID, giver, row["id"])
        record(opened, "family_contract.updated", subject, facts["version"], {"state": facts["state"]})


def _text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _date(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
