"""Suspending and reinstating a tenant: the operator's order, and how the tenant obeys."""

from app.core.errors import NotFound
from app.core.ids import PublicId
from app.core.journal.record import record
from app.core.relays import Answer, Incoming
from app.core.unit import Unit
from tenants.models import Application
from tenants.names import SUSPEND
from tenants.service.orders import opened_by, order
from tenants.service.profiles import profile_of, tenant_id
from tenants.service.publishing import publish
from tenants.states import TenantState


def application_of(unit: Unit, tenant: PublicId) -> Application:
    """The application that opened `tenant`, held until the unit ends; raises NotFound for what is no tenant."""
    application = opened_by(unit, tenant.scope.require_tenant())
    if application.id != tenant.id:
        raise NotFound
    return application


def order_suspension(unit: Unit, tenant: PublicId, reason: str, *, suspended: bool) -> None:
    """Order a tenant to stop, or to go on; the order reaches it as a relay. Raises NotFound."""
    happened = "suspension_ordered" if suspended else "reinstatement_ordered"
    payload = {"suspended": suspended, "reason": reason}
    order(unit, application_of(unit, tenant), happened, SUSPEND, payload, {})


def take_suspension(unit: Unit, relay: Incoming) -> Answer:
    """Stop or go on, as the operator ordered; the same order twice changes nothing."""
    profile = profile_of(unit, lock=True)
    wanted = TenantState.SUSPENDED if relay.payload["suspended"] else TenantState.ACTIVE
    if profile.state == wanted:
        return {"refused": "already_so"}
    suspended = wanted is TenantState.SUSPENDED
    profile.state, profile.suspension_reason = wanted, relay.payload["reason"] if suspended else None
    profile.version += 1
    happened = "tenant.suspended" if suspended else "tenant.reinstated"
    record(unit, happened, tenant_id(unit.scope, profile.id), profile.version, {}, [publish(unit, profile)])
    return {}
