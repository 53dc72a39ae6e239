"""What the platform orders a tenant to do.

Every order rides on an entry of the application that opened the tenant, so that the tenant obeys in the order in which
the operator spoke: the opening first, a revocation after the approval that it takes back.
"""

from collections.abc import Mapping
from typing import Any

from app.core.errors import NotFound
from app.core.ids import PublicId
from app.core.journal.record import Facts, Outgoing, record
from app.core.scope import Scope
from app.core.unit import Unit
from tenants.models import Application
from tenants.names import APPLICATION_ID, PLATFORM


def opened_by(unit: Unit, tenant: int) -> Application:
    """The application that opened `tenant`, held until the unit ends; raises NotFound for a tenant of none."""
    query = unit.select(Application).where(Application.opened == tenant)
    application = unit.first(query.with_for_update().execution_options(populate_existing=True))
    if application is None:
        raise NotFound
    return application


def order(
    unit: Unit, application: Application, happened: str, relay: str, payload: Mapping[str, Any], facts: Facts
) -> None:
    """Record that `happened` was ordered, and send the order to the tenant that `application` opened."""
    if application.opened is None:
        raise ValueError("this application opened no tenant")
    application.version += 1
    subject = PublicId(APPLICATION_ID, PLATFORM, application.id)
    outgoing = Outgoing(Scope.for_tenant(application.opened), relay, payload)
    told: Facts = {"tenant": application.opened, **facts}
    record(unit, f"organization_application.{happened}", subject, application.version, told, [outgoing])
