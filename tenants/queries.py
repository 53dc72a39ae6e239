"""Reads of the tenants slice; lists come in pages."""

import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from app.core.errors import NotFound
from app.core.scope import Scope
from app.core.send.models import Delivery, Endpoint
from app.core.unit import unit
from app.edge.paging import Keyset, Page
from app.identity.api import OAuthClient
from tenants.models import Affiliation, Application, DirectoryEntry, Staff
from tenants.names import PLATFORM, PLATFORM_NUMBER
from tenants.rules import ApplicationState, TenantState

Asked = Mapping[str, Any]
_APPLICATIONS = Keyset("organization_applications", (Application.id,))
_OWN_APPLICATIONS = Keyset("own_applications", (Application.id,), descending=True)
_AFFILIATIONS = Keyset("affiliations", (Affiliation.id,))
_CLIENTS = Keyset("api_clients", (OAuthClient.id,))
_STAFF = Keyset("staff", (Staff.id,))
_ENDPOINTS = Keyset("webhook_endpoints", (Endpoint.id,))
_DELIVERIES = Keyset("deliveries", (Delivery.id,), descending=True)
_DIRECTORY = Keyset("directory_tenants", (DirectoryEntry.tenant,))


def applications(scope: Scope, asked: Asked) -> Page[Application]:
    """The applications that wait for a decision, oldest first."""
    with unit(scope) as reading:
        query = reading.select(Application).where(Application.state == ApplicationState.SUBMITTED)
        return _APPLICATIONS.page(reading, query, asked)


def applications_of(person: uuid.UUID, asked: Asked) -> Page[Application]:
    """What `person` applied for, newest first."""
    with unit(Scope.for_tenant(PLATFORM_NUMBER, as_resident=person)) as reading:
        return _OWN_APPLICATIONS.page(reading, reading.select(Application), asked)


def application_of(scope: Scope, application_id: uuid.UUID) -> Application:
    """One application; raises NotFound."""
    with unit(scope) as reading:
        found = reading.get(Application, application_id)
    if found is None:
        raise NotFound
    return found


def affiliations(scope: Scope, asked: Asked) -> Page[Affiliation]:
    """What the person of `scope` is in which tenant."""
    with unit(scope) as reading:
        return _AFFILIATIONS.page(reading, reading.select(Affiliation), asked)


def members(scope: Scope, asked: Asked) -> Page[Staff]:
    """Everybody who is or was on the staff of `scope`."""
    with unit(scope) as reading:
        return _STAFF.page(reading, reading.select(Staff), asked)


def clients(scope: Scope, asked: Asked) -> Page[OAuthClient]:
    """The tenant's API clients, oldest first."""
    with unit(scope) as reading:
        return _CLIENTS.page(reading, reading.select(OAuthClient), asked)


def endpoints(scope: Scope, asked: Asked) -> Page[Endpoint]:
    """The tenant's webhook endpoints, oldest first."""
    with unit(scope) as reading:
        return _ENDPOINTS.page(reading, reading.select(Endpoint), asked)


def deliveries(scope: Scope, asked: Asked) -> Page[Delivery]:
    """The tenant's deliveries in the asked state, newest first."""
    with unit(scope) as reading:
        query = reading.select(Delivery).where(Delivery.state == asked["state"])
        return _DELIVERIES.page(reading, query, asked)


def directory(asked: Asked) -> Page[DirectoryEntry]:
    """Active tenants by kind, part of the name, and a subject that their papers name."""
    query = select(DirectoryEntry).where(DirectoryEntry.state == TenantState.ACTIVE)
    if asked["kind"]:
        query = query.where(DirectoryEntry.kind == asked["kind"])
    if asked["name"]:
        query = query.where(DirectoryEntry.name.contains(asked["name"], autoescape=True))
    if asked["subject"]:
        query = query.where(DirectoryEntry.licenses.contains([{"subjects": [asked["subject"]]}]))
    with unit(PLATFORM) as reading:
        return _DIRECTORY.page(reading, query, asked)
