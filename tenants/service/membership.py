"""What a member of the staff is to others: the subject of entries, and the relay that tells the person."""

import uuid

from app.core.ids import PublicId
from app.core.journal.record import Outgoing, record
from app.core.keeping import keep_newer
from app.core.relays import Answer, Incoming
from app.core.scope import Scope
from app.core.unit import Unit
from tenants.models import Affiliation, Profile, Staff
from tenants.names import AFFILIATE, STAFF_ID


def staff_subject(member: Staff) -> PublicId:
    """The public id of a member."""
    return PublicId(STAFF_ID, Scope.for_tenant(member.tenant_id), member.id)


def affiliate(member: Staff, profile: Profile) -> Outgoing:
    """The relay that tells a member's person what they are in this tenant now."""
    if member.person_id is None:
        raise ValueError("an invitation has no person yet")
    facts = {
        "staff": str(member.id), "tenant_name": profile.name, "tenant_kind": profile.kind,
        "roles": list(member.roles), "state": member.state, "version": member.version,
    }  # fmt: skip
    return Outgoing(Scope.for_person(member.person_id), AFFILIATE, facts)


def take_affiliation(unit: Unit, relay: Incoming) -> Answer:
    """Keep what the person is in a tenant, unless something newer is known."""
    payload = relay.payload
    row = {
        "person_id": unit.scope.require_person(), "id": uuid.UUID(payload["staff"]),
        "tenant": relay.giver.require_tenant(), "tenant_name": payload["tenant_name"],
        "tenant_kind": payload["tenant_kind"], "roles": payload["roles"], "state": payload["state"],
        "source_version": payload["version"],
    }  # fmt: skip
    if not keep_newer(unit, Affiliation, row):
        return {"refused": "newer_known"}
    record(unit, "affiliation.updated", PublicId(STAFF_ID, relay.giver, row["id"]), payload["version"], {})
    return {}
