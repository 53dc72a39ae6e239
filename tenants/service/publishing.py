"""Telling the directory what a tenant is, and keeping there what tenants told."""

import uuid

from app.core.ids import PublicId
from app.core.journal.record import Outgoing, record
from app.core.keeping import keep_newer
from app.core.relays import Answer, Incoming
from app.core.unit import Unit
from tenants.models import DirectoryEntry, License, Profile
from tenants.names import LICENSE_ID, PLATFORM, PUBLISH
from tenants.papers import of_row, stored
from tenants.service.profiles import tenant_id, valid_licenses


def publish(unit: Unit, profile: Profile) -> Outgoing:
    """The relay that tells the directory what the tenant is now."""
    unit.session.flush()
    facts = {
        "profile": str(profile.id), "name": profile.name, "kind": profile.kind, "parent": profile.parent,
        "state": profile.state, "licenses": [_published(unit, row) for row in valid_licenses(unit)],
        "version": profile.version,
    }  # fmt: skip
    return Outgoing(PLATFORM, PUBLISH, facts)


def take_publication(unit: Unit, relay: Incoming) -> Answer:
    """Show a tenant's facts in the directory, unless newer ones are there."""
    payload = relay.payload
    row = {
        "tenant": relay.giver.require_tenant(), "profile_id": uuid.UUID(payload["profile"]), "name": payload["name"],
        "kind": payload["kind"], "parent": payload["parent"], "state": payload["state"],
        "licenses": payload["licenses"], "source_version": payload["version"],
    }  # fmt: skip
    if not keep_newer(unit, DirectoryEntry, row):
        return {"refused": "newer_known"}
    record(unit, "directory.updated", tenant_id(relay.giver, row["profile_id"]), payload["version"], {})
    return {}


def _published(unit: Unit, row: License) -> dict[str, object]:
    return {"id": str(PublicId(LICENSE_ID, unit.scope, row.id)), **stored(of_row(row))}
