"""Opening a tenant: what an approval does in the new tenant's own scope."""

import uuid

from app.core.ids import new_id
from app.core.journal.record import open_chain, record
from app.core.relays import Answer, Incoming
from app.core.unit import Unit
from app.identity.api import Role
from tenants.models import Profile, Staff
from tenants.papers import new_license, read
from tenants.rules import Kind
from tenants.service.membership import affiliate, staff_subject
from tenants.service.profiles import tenant_id
from tenants.service.publishing import publish
from tenants.states import LicenseState, StaffState, TenantState


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
        unit.add(new_license(read(document), LicenseState.VALID, unit.now)).decided_at = unit.now
    administrator = _administrator(unit, uuid.UUID(payload["administrator"]))
    opened = tenant_id(unit.scope, profile.id)
    record(unit, "tenant.opened", opened, 1, {"kind": profile.kind}, [publish(unit, profile)])
    record(
        unit, "staff.joined", staff_subject(administrator), 1, {"roles": list(administrator.roles)},
        [affiliate(administrator, profile)],
    )  # fmt: skip
    return {}


def establish_platform(unit: Unit, name: str) -> Profile:
    """The platform's own tenant, made once before anything else; its profile if it is there already."""
    return establish(unit, Kind.PLATFORM, name)


def establish(unit: Unit, kind: Kind, name: str) -> Profile:
    """A tenant that nobody applies for, of the platform itself or of who supervises it; as it is if it is there."""
    known = unit.first(unit.select(Profile))
    if known:
        return known
    open_chain(unit)
    profile = Profile(
        id=new_id(), name=name, kind=kind, parent=None, state=TenantState.ACTIVE, version=1, opened_at=unit.now
    )
    unit.add(profile)
    record(unit, "tenant.opened", tenant_id(unit.scope, profile.id), 1, {"kind": profile.kind})
    return profile


def _administrator(unit: Unit, person: uuid.UUID) -> Staff:
    return unit.add(
        Staff(
            id=new_id(), person_id=person, name="", roles=[Role.TENANT_ADMINISTRATOR], subjects=[],
            state=StaffState.ACTIVE, version=1, created_at=unit.now,
        )
    )  # fmt: skip
