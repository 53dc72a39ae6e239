"""A tenant's licenses: handed in by its administrator, decided on and revoked by the operator's orders."""

from collections.abc import Mapping
from typing import Any

from app.core.calendar import local_date
from app.core.errors import InvalidInput, WrongState
from app.core.ids import PublicId
from app.core.journal.record import Outgoing, record
from app.core.relays import Answer, Incoming
from app.core.scope import Scope
from app.core.unit import Caller, Effect, Unit, run
from tenants.models import License, Profile
from tenants.names import LICENSE_ID, PLATFORM, SUBMIT_LICENSE
from tenants.papers import new_license, stored
from tenants.rules import Kind, Paper, renewal_faults
from tenants.service.profiles import profile_of, tenant_id
from tenants.service.publishing import publish
from tenants.states import LicenseState, may_become


def submit(scope: Scope, paper: Paper, by: Caller, effect: Effect | None = None) -> License:
    """Hand in a new or renewed paper; it allows nothing until the operator approved it.

    Raises InvalidInput for a paper that a tenant of this kind cannot hold or that has ended, WrongState
    `license_submitted` while one of the same kind and number waits.
    """

    def work(unit: Unit) -> License:
        profile = profile_of(unit, lock=True)
        faults = tuple(renewal_faults(Kind(profile.kind), paper, local_date(unit.now)))
        if faults:
            raise InvalidInput("this paper cannot be handed in here", faults=faults)
        if _same(unit, paper.kind, paper.number, LicenseState.SUBMITTED):
            raise WrongState("this paper was handed in and waits for a decision", code="license_submitted")
        license = unit.add(new_license(paper, LicenseState.SUBMITTED, unit.now))
        offer = Outgoing(PLATFORM, SUBMIT_LICENSE, {"document": stored(paper)})
        record(unit, "license.submitted", license_subject(license), 1, {"kind": paper.kind.value}, [offer])
        return license

    return run(scope, work, by, effect=effect)


def take_decision(unit: Unit, relay: Incoming) -> Answer:
    """Hold the license from now on, in the place of a former one with the same number; or learn why not."""
    profile = profile_of(unit, lock=True)
    license = _ordered(unit, relay.payload)
    wanted = LicenseState.VALID if relay.payload["approved"] else LicenseState.REJECTED
    if license is None or not may_become(LicenseState(license.state), wanted):
        return {"refused": "license_not_submitted"}
    if wanted is LicenseState.REJECTED:
        _move(unit, license, wanted, "license.rejected", relay.payload["reason"])
        return {}
    former = _same(unit, license.kind, license.number, LicenseState.VALID)
    if former:
        _move(unit, former, LicenseState.REPLACED, "license.replaced", None)
    _move(unit, license, wanted, "license.approved", None)
    _tell(unit, profile)
    return {}


def take_revocation(unit: Unit, relay: Incoming) -> Answer:
    """Lose a license: what it allowed has ended with this commit."""
    profile = profile_of(unit, lock=True)
    license = _ordered(unit, relay.payload)
    if license is None or not may_become(LicenseState(license.state), LicenseState.REVOKED):
        return {"refused": "license_not_valid"}
    _move(unit, license, LicenseState.REVOKED, "license.revoked", relay.payload["reason"])
    _tell(unit, profile)
    return {}


def license_subject(license: License) -> PublicId:
    """A license's public id."""
    return PublicId(LICENSE_ID, Scope.for_tenant(license.tenant_id), license.id)


def _ordered(unit: Unit, payload: Mapping[str, Any]) -> License | None:
    return unit.get(License, PublicId.parse(payload["license"], LICENSE_ID).id)


def _same(unit: Unit, kind: str, number: str, state: LicenseState) -> License | None:
    alike = (License.kind == kind, License.number == number, License.state == state)
    return unit.first(unit.select(License).where(*alike))


def _move(unit: Unit, license: License, state: LicenseState, happened: str, reason: str | None) -> None:
    license.state, license.reason, license.decided_at = state, reason, unit.now
    license.version += 1
    unit.session.flush()  # of two with one number, the former leaves its state before the other takes it
    record(unit, happened, license_subject(license), license.version, {"kind": license.kind})


def _tell(unit: Unit, profile: Profile) -> None:
    profile.version += 1
    subject = tenant_id(unit.scope, profile.id)
    record(unit, "tenant.licenses_changed", subject, profile.version, {}, [publish(unit, profile)])
