"""Reads of the tenants slice; lists come in pages."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, cast, func, select
from sqlalchemy.dialects.postgresql import JSONB, JSONPATH

from app.core.calendar import local_date
from app.core.errors import NotFound
from app.core.scope import Scope
from app.core.send.models import Delivery, Endpoint, EndpointState
from app.core.unit import unit
from app.edge.paging import Keyset, Page
from app.identity.api import REVOKED, OAuthClient
from tenants.models import Affiliation, Application, DirectoryEntry, License, LicenseReview, Staff
from tenants.names import PLATFORM, PLATFORM_NUMBER
from tenants.papers import read
from tenants.rules import SUBJECTS_NAMED, Capability, capabilities
from tenants.service.profiles import papers_of, profile_of
from tenants.states import ApplicationState, TenantState

Asked = Mapping[str, Any]
_HOLDS_SUBJECT = "$[*] ? (@.subjects[*] == $subject && @.valid_until >= $today && @.kind == $kinds[*])"
_APPLICATIONS = Keyset("organization_applications", (Application.id,))
_OWN_APPLICATIONS = Keyset("own_applications", (Application.id,), descending=True)
_AFFILIATIONS = Keyset("affiliations", (Affiliation.id,))
_LICENSES = Keyset("licenses", (License.id,), descending=True)
_REVIEWS = Keyset("license_reviews", (LicenseReview.id,))
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


@dataclass(frozen=True)
class Affiliated:
    """What a person is in a tenant."""

    row: Affiliation
    profile_id: uuid.UUID | None
    """The tenant's in the directory, where the platform operator's own tenant is not."""


def affiliations(scope: Scope, asked: Asked) -> Page[Affiliated]:
    """What the person of `scope` is in which tenant."""
    with unit(scope) as reading:
        page = _AFFILIATIONS.page(reading, reading.select(Affiliation), asked)
        named = select(DirectoryEntry).where(DirectoryEntry.tenant.in_([row.tenant for row in page.data]))
        known = {entry.tenant: entry.profile_id for entry in reading.session.scalars(named)}
    return Page([Affiliated(row, known.get(row.tenant)) for row in page.data], page.next_cursor)


def members(scope: Scope, asked: Asked) -> Page[Staff]:
    """Everybody who is or was on the staff of `scope`."""
    with unit(scope) as reading:
        return _STAFF.page(reading, reading.select(Staff), asked)


def clients(scope: Scope, asked: Asked) -> Page[OAuthClient]:
    """The tenant's API clients, oldest first; perhaps only those that wait for a review, or do not."""
    with unit(scope) as reading:
        query = reading.select(OAuthClient)
        if asked["review_due"] is not None:
            due = and_(OAuthClient.state != REVOKED, OAuthClient.review_since.is_not(None))
            query = query.where(due == asked["review_due"])
        return _CLIENTS.page(reading, query, asked)


def endpoints(scope: Scope, asked: Asked) -> Page[Endpoint]:
    """The tenant's webhook endpoints, oldest first."""
    with unit(scope) as reading:
        living = reading.select(Endpoint).where(Endpoint.state != EndpointState.DELETED)
        return _ENDPOINTS.page(reading, living, asked)


def deliveries(scope: Scope, asked: Asked) -> Page[Delivery]:
    """The tenant's deliveries in the asked state, newest first."""
    with unit(scope) as reading:
        query = reading.select(Delivery).where(Delivery.state == asked["state"])
        return _DELIVERIES.page(reading, query, asked)


def licenses(scope: Scope, asked: Asked) -> Page[License]:
    """The tenant's licenses and what it handed in, newest first."""
    with unit(scope) as reading:
        return _LICENSES.page(reading, reading.select(License), asked)


def reviews(scope: Scope, asked: Asked) -> Page[LicenseReview]:
    """The papers of tenants that wait for a decision, oldest first."""
    with unit(scope) as reading:
        query = reading.select(LicenseReview).where(LicenseReview.state == ApplicationState.SUBMITTED)
        return _REVIEWS.page(reading, query, asked)


@dataclass(frozen=True)
class OwnTenant:
    """A tenant as its own people see it today."""

    tenant_id: int
    id: uuid.UUID
    name: str
    kind: str
    state: str
    version: int
    capabilities: Sequence[Capability]


def current(scope: Scope) -> OwnTenant:
    """The tenant of `scope`; raises NotFound where none was opened."""
    with unit(scope) as reading:
        row, may = profile_of(reading), capabilities(papers_of(reading), local_date(reading.now))
    return OwnTenant(row.tenant_id, row.id, row.name, row.kind, row.state, row.version, sorted(may))


@dataclass(frozen=True)
class Listed:
    """A tenant as the directory shows it today."""

    tenant: int
    profile_id: uuid.UUID
    name: str
    kind: str
    state: str
    licenses: Sequence[Mapping[str, Any]]
    capabilities: Sequence[Capability]


def directory(asked: Asked) -> Page[Listed]:
    """Active tenants by kind, part of the name, and a subject that a license of theirs holds today."""
    query = select(DirectoryEntry).where(DirectoryEntry.state == TenantState.ACTIVE)
    if asked["kind"]:
        query = query.where(DirectoryEntry.kind == asked["kind"])
    if asked["name"]:
        query = query.where(DirectoryEntry.name.contains(asked["name"], autoescape=True))
    with unit(PLATFORM) as reading:
        today = local_date(reading.now)
        if asked["subject"]:
            query = query.where(_holds(asked["subject"], today.isoformat()))
        page = _DIRECTORY.page(reading, query, asked)
    return Page([listed(entry, today) for entry in page.data], page.next_cursor)


def _holds(subject: str, today: str) -> ColumnElement[bool]:
    given = {"subject": subject, "today": today, "kinds": sorted(SUBJECTS_NAMED)}
    path = cast(_HOLDS_SUBJECT, JSONPATH)
    return func.jsonb_path_exists(DirectoryEntry.licenses, path, cast(given, JSONB))


def listed(entry: DirectoryEntry, today: date) -> Listed:
    """A tenant as the directory shows it on `today`."""
    may = capabilities([read(license) for license in entry.licenses], today)
    return Listed(
        entry.tenant, entry.profile_id, entry.name, entry.kind, entry.state, entry.licenses, sorted(may)
    )  # fmt: skip
