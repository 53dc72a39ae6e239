"""What a tenant is now: its profile, its valid licenses, whether it may act."""

import uuid

from app.core.errors import NotFound
from app.core.ids import PublicId
from app.core.scope import Scope
from app.core.unit import Unit
from tenants.models import License, Profile
from tenants.names import TENANT_ID
from tenants.papers import of_row
from tenants.rules import Paper
from tenants.states import LicenseState, TenantState


def profile_of(unit: Unit, *, lock: bool = False) -> Profile:
    """The profile of the unit's tenant; with `lock`, held until the unit ends. Raises NotFound where none was opened.

    Its row is the one lock of a tenant: under it licenses follow one another, staff comes and goes, and endpoints are
    counted. Whoever locks a row of those takes that one first.
    """
    query = unit.select(Profile)
    locking = query.with_for_update().execution_options(populate_existing=True)
    profile = unit.first(locking if lock else query)
    if profile is None:
        raise NotFound
    return profile


def may_act(unit: Unit) -> bool:
    """Whether people and systems of the unit's tenant may act now: not while it is suspended."""
    suspended = unit.select(Profile).where(Profile.state == TenantState.SUSPENDED)
    return unit.first(suspended) is None


def valid_licenses(unit: Unit) -> list[License]:
    """The licenses that the operator approved and neither replaced nor revoked; their last day may be over."""
    valid = unit.select(License).where(License.state == LicenseState.VALID)
    return unit.all(valid.order_by(License.kind, License.number))


def papers_of(unit: Unit) -> list[Paper]:
    """The same as values that rules take."""
    return [of_row(row) for row in valid_licenses(unit)]


def tenant_id(scope: Scope, profile: uuid.UUID) -> PublicId:
    """A tenant's public id."""
    return PublicId(TENANT_ID, scope, profile)
