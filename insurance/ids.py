"""Public ids of settlements, claims and cases, made from rows."""

from app.core.ids import PublicId
from app.core.scope import Scope
from insurance.models import Claim, ClaimCase, SchemeConnection, Settlement
from insurance.names import CASE_ID, CLAIM_ID, COVERAGE_ID, SCHEME_ID, SETTLEMENT_ID
from tenants.api import TENANT_ID


def settlement_id(row: Settlement) -> PublicId:
    """A settlement's public id; it is also our number for it at a scheme."""
    return PublicId(SETTLEMENT_ID, Scope.for_tenant(row.tenant_id), row.id)


def claim_id(row: Claim) -> PublicId:
    """A claim's public id."""
    return PublicId(CLAIM_ID, Scope.for_tenant(row.tenant_id), row.id)


def case_id(row: ClaimCase) -> PublicId:
    """The public id of a case at an insurer."""
    return PublicId(CASE_ID, Scope.for_tenant(row.tenant_id), row.id)


def claim_of_case(row: ClaimCase) -> PublicId:
    """The public id of the provider's claim that a case is about."""
    return PublicId(CLAIM_ID, Scope.for_tenant(row.provider), row.claim_id)


def provider_of_case(row: ClaimCase) -> PublicId:
    """The public id of the provider whose claim a case is about."""
    return PublicId(TENANT_ID, Scope.for_tenant(row.provider), row.provider_id)


def connection_id(row: SchemeConnection) -> PublicId:
    """The public id of a connection to a scheme."""
    return PublicId(SCHEME_ID, Scope.for_tenant(row.tenant_id), row.id)


def coverage_of(row: Settlement) -> PublicId | None:
    """The public id of the coverage that a settlement is by."""
    if row.coverage is None or row.insurer is None:
        return None
    return PublicId(COVERAGE_ID, Scope.for_tenant(row.insurer), row.coverage)
