"""Suspending and reinstating a tenant: the operator's order, and how the tenant obeys."""

from app.core.errors import NotFound
from app.core.ids import PublicId
from app.core.journal.record import record
from app.core.relays import Answer, Incoming
from app.core.unit import Caller, Effect, Unit, run
from tenants.models import Application
from tenants.names import PLATFORM, SUSPEND
from tenants.service.orders import opened_by, order
from tenants.service.profiles import profile_of, tenant_id
from tenants.service.publishing import publish
from tenants.states import TenantState


def suspend(tenant: PublicId, suspended: bool, reason: str, by: Caller, effect: Effect | None) -> Application:
    """Order a tenant to stop, or to go on; the order reaches it as a relay. Raises NotFound."""

    def work(unit: Unit) -> Application:
        application = opened_by(unit, tenant.scope.require_tenant())
        if application.id != tenant.id:
            raise NotFound
        happened = "suspension_ordered" if suspended else "reinstatement_ordered"
        order(unit, application, happened, SUSPEND, {"suspended": suspended, "reason": reason}, {})
        return application

    return run(PLATFORM, work, by, effect=effect)


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
