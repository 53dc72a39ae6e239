"""Opening, suspending and publishing a tenant: what happens in the tenant's own scope, and where it is told."""

import uuid
from typing import Any

from sqlalchemy.dialects.postgresql import insert

from app.core.errors import NotFound
from app.core.ids import PublicId, new_id
from app.core.journal.record import Outgoing, open_chain, record
from app.core.relays import Answer, Incoming
from app.core.scope import Scope
from app.core.unit import Caller, Effect, Unit, run
from app.identity.api import Role
from tenants.models import Application, DirectoryEntry, License, Profile, Staff
from tenants.names import APPLICATION_ID, PLATFORM, PUBLISH, SUSPEND, TENANT_ID
from tenants.papers import of_rows, read, stored
from tenants.rules import Kind, StaffState, TenantState
from tenants.service.membership import affiliate, staff_subject


def take_opening(unit: Unit, relay: Incoming) -> Answer:
    """Become a tenant: profile, licenses, the applicant as administrator."""
    payload = relay.payload
    open_chain(unit)
    profile = Profile(
        id=uuid.UUID(payload["application"]), name=payload["name"], kind=payload["kind"], parent=payload["parent"],
        state=TenantState.ACTIVE, version=1, opened_at=unit.now,
    )  # fmt: skip
    unit.add(profile)
    for document in payload["documents"]:
        unit.add(_license(document))
    administrator = _administrator(unit, uuid.UUID(payload["administrator"]))
    opened = tenant_id(unit.scope, profile.id)
    record(unit, "tenant.opened", opened, 1, {"kind": profile.kind}, [publish(unit, profile)])
    record(
        unit, "staff.joined", staff_subject(administrator), 1, {"roles": list(administrator.roles)},
        [affiliate(unit, administrator, profile)],
    )  # fmt: skip
    return {}


def establish_platform(unit: Unit, name: str) -> Profile:
    """The platform's own tenant, made once before anything else; its profile if it is there already."""
    known = unit.first(unit.select(Profile))
    if known:
        return known
    open_chain(unit)
    profile = Profile(
        id=new_id(), name=name, kind=Kind.PLATFORM, parent=None, state=TenantState.ACTIVE, version=1, opened_at=unit.now
    )
    unit.add(profile)
    record(unit, "tenant.opened", tenant_id(unit.scope, profile.id), 1, {"kind": profile.kind})
    return profile


def suspend(tenant: PublicId, suspended: bool, reason: str, by: Caller, effect: Effect | None) -> Application:
    """Order a tenant to stop, or to go on; the order reaches it as a relay. Raises NotFound and WrongState."""

    def work(unit: Unit) -> Application:
        application = unit.get(Application, tenant.id, lock=True)
        if application is None or application.opened != tenant.scope.tenant:
            raise NotFound
        application.version += 1
        order = Outgoing(tenant.scope, SUSPEND, {"suspended": suspended, "reason": reason})
        happened = "suspension_ordered" if suspended else "reinstatement_ordered"
        record(
            unit, f"organization_application.{happened}", PublicId(APPLICATION_ID, PLATFORM, application.id),
            application.version, {"tenant": tenant.scope.require_tenant()}, [order],
        )  # fmt: skip
        return application

    return run(PLATFORM, work, by, effect=effect)


def take_suspension(unit: Unit, relay: Incoming) -> Answer:
    """Stop or go on, as the operator ordered; the same order twice changes nothing."""
    profile = profile_of(unit, lock=True)
    wanted = TenantState.SUSPENDED if relay.payload["suspended"] else TenantState.ACTIVE
    if profile.state == wanted:
        return {"refused": "already_so"}
    profile.state = wanted
    profile.version += 1
    happened = "suspended" if wanted is TenantState.SUSPENDED else "reinstated"
    record(unit, f"tenant.{happened}", tenant_id(unit.scope, profile.id), profile.version, {}, [publish(unit, profile)])
    return {}


def publish(unit: Unit, profile: Profile) -> Outgoing:
    """The relay that tells the directory what the tenant is now."""
    unit.session.flush()
    licenses = unit.all(unit.select(License).order_by(License.kind, License.number))
    facts = {
        "profile": str(profile.id), "name": profile.name, "kind": profile.kind, "parent": profile.parent,
        "state": profile.state, "licenses": [stored(paper) for paper in of_rows(licenses)],
        "version": profile.version,
    }  # fmt: skip
    return Outgoing(PLATFORM, PUBLISH, facts)


def take_publication(unit: Unit, relay: Incoming) -> Answer:
    """Show a tenant's facts in the directory, unless newer ones are there."""
    payload, table = relay.payload, DirectoryEntry.__table__
    row = {
        "tenant": relay.giver.require_tenant(), "profile_id": uuid.UUID(payload["profile"]), "name": payload["name"],
        "kind": payload["kind"], "parent": payload["parent"], "state": payload["state"],
        "licenses": payload["licenses"], "source_version": payload["version"],
    }  # fmt: skip
    fresh = insert(DirectoryEntry).values(row)
    newer = fresh.on_conflict_do_update(
        index_elements=["tenant"],
        set_={name: fresh.excluded[name] for name in row if name != "tenant"},
        where=table.c.source_version < fresh.excluded.source_version,
    )
    unit.session.execute(newer)
    record(unit, "directory.updated", tenant_id(relay.giver, row["profile_id"]), payload["version"], {})
    return {}


def profile_of(unit: Unit, *, lock: bool = False) -> Profile:
    """The profile of the unit's tenant; raises NotFound where no tenant was opened."""
    query = unit.select(Profile)
    profile = unit.first(query.with_for_update() if lock else query)
    if profile is None:
        raise NotFound
    return profile


def _license(document: dict[str, Any]) -> License:
    paper = read(document)
    return License(
        id=new_id(), kind=paper.kind, number=paper.number, issuer=paper.issuer, subjects=list(paper.subjects),
        valid_until=paper.valid_until,
    )  # fmt: skip


def _administrator(unit: Unit, person: uuid.UUID) -> Staff:
    return unit.add(
        Staff(
            id=new_id(), person_id=person, name="", roles=[Role.TENANT_ADMINISTRATOR], subjects=[],
            state=StaffState.ACTIVE, version=1, created_at=unit.now,
        )
    )  # fmt: skip


def tenant_id(scope: Scope, profile: uuid.UUID) -> PublicId:
    """A tenant's public id."""
    return PublicId(TENANT_ID, scope, profile)
