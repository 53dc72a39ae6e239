"""Applying to join, deciding on it, and what a person is in which tenant."""

from typing import Any

from flask_smorest import Blueprint

from app.core.access import PUBLIC
from app.edge.endpoint import Call, endpoint
from app.edge.paging import Page, PageQuery, page_of
from app.edge.paths import any_id, own_id
from tenants.models import Affiliation, Application, DirectoryEntry, Staff
from tenants.names import APPLICATION_ID, STAFF_ID, TENANT_ID
from tenants.queries import affiliations, application_of, applications, applications_of, directory
from tenants.rules import Paper
from tenants.schemas import (
    AcceptanceIn,
    ActingTokenOut,
    AffiliationOut,
    ApplicationIn,
    ApplicationOut,
    DirectoryOut,
    DirectoryQuery,
    MemberOut,
    ReasonIn,
)
from tenants.service import applications as service
from tenants.service import opening, staff

blueprint = Blueprint("joining", __name__, description="Organizations join the platform")


@endpoint(
    blueprint, "POST", "/organization-applications",
    permission="me.write", body=ApplicationIn, answer=ApplicationOut, status=201,
)  # fmt: skip
def submit(call: Call, body: dict[str, Any]) -> Application:
    """Apply for an organization; the applicant will administer its tenant."""
    papers = [Paper(**{**document, "subjects": tuple(document["subjects"])}) for document in body["documents"]]
    parent = body["parent"].scope.tenant if body["parent"] else None
    wish = service.Wish(body["name"], body["kind"], parent, papers)
    return service.submit(call.principal.scope.require_person(), wish, call.by, call.effect)


@endpoint(
    blueprint,
    "GET",
    "/me/organization-applications",
    permission="me.read",
    query=PageQuery,
    answer=page_of(ApplicationOut),
)
def mine(call: Call, query: dict[str, Any]) -> Page[Application]:
    """The caller's own applications."""
    return applications_of(call.principal.scope.require_person(), query)


@endpoint(
    blueprint, "GET", "/organization-applications",
    permission="organization_applications.read", query=PageQuery, answer=page_of(ApplicationOut),
)  # fmt: skip
def undecided(call: Call, query: dict[str, Any]) -> Page[Application]:
    """The applications that wait for a decision, oldest first."""
    return applications(call.principal.scope, query)


@endpoint(
    blueprint, "GET", "/organization-applications/<application_id>",
    permission="organization_applications.read", answer=ApplicationOut,
)  # fmt: skip
def one(call: Call, application_id: str) -> Application:
    """One application."""
    known = own_id(application_id, APPLICATION_ID, call.principal.scope)
    return application_of(call.principal.scope, known.id)


@endpoint(
    blueprint, "POST", "/organization-applications/<application_id>/approval",
    permission="organization_applications.decide", answer=ApplicationOut,
)  # fmt: skip
def approve(call: Call, application_id: str) -> Application:
    """Approve: a tenant is opened. Refused while a paper is lacking."""
    known = own_id(application_id, APPLICATION_ID, call.principal.scope)
    return service.approve(known.id, call.by, call.effect)


@endpoint(
    blueprint, "POST", "/organization-applications/<application_id>/rejection",
    permission="organization_applications.decide", body=ReasonIn, answer=ApplicationOut,
)  # fmt: skip
def reject(call: Call, body: dict[str, Any], application_id: str) -> Application:
    """Reject with a reason that the applicant reads."""
    known = own_id(application_id, APPLICATION_ID, call.principal.scope)
    return service.reject(known.id, body["reason"], call.by, call.effect)


@endpoint(
    blueprint, "POST", "/tenants/<tenant_id>/suspension",
    permission="organization_applications.decide", body=ReasonIn, answer=ApplicationOut,
)  # fmt: skip
def suspend(call: Call, body: dict[str, Any], tenant_id: str) -> Application:
    """Order a tenant to stop; its people cannot act from the moment that the order reaches it."""
    known = any_id(tenant_id, TENANT_ID)
    return opening.suspend(known, True, body["reason"], call.by, call.effect)


@endpoint(
    blueprint, "POST", "/tenants/<tenant_id>/reinstatement",
    permission="organization_applications.decide", body=ReasonIn, answer=ApplicationOut,
)  # fmt: skip
def reinstate(call: Call, body: dict[str, Any], tenant_id: str) -> Application:
    """End a suspension."""
    known = any_id(tenant_id, TENANT_ID)
    return opening.suspend(known, False, body["reason"], call.by, call.effect)


@endpoint(
    blueprint, "POST", "/staff-invitations/acceptance",
    permission="me.write", body=AcceptanceIn, answer=MemberOut, status=201,
)  # fmt: skip
def accept(call: Call, body: dict[str, Any]) -> Staff:
    """Join the staff that the token invites to."""
    return staff.join(call.principal.scope.require_person(), body["token"], call.by, call.effect)


@endpoint(blueprint, "GET", "/me/affiliations", permission="me.read", query=PageQuery, answer=page_of(AffiliationOut))
def my_affiliations(call: Call, query: dict[str, Any]) -> Page[Affiliation]:
    """The tenants that the caller may act for."""
    return affiliations(call.principal.scope, query)


@endpoint(
    blueprint, "POST", "/me/affiliations/<staff_id>/tokens",
    permission="me.write", answer=ActingTokenOut, status=201,
    idempotent_by="each call gives another token and changes nothing else",
)  # fmt: skip
def act(call: Call, staff_id: str) -> dict[str, str]:
    """An access token with which the caller acts as that member of the staff."""
    member = any_id(staff_id, STAFF_ID)
    return {"access_token": staff.act(call.principal.scope.require_person(), member)}


@endpoint(
    blueprint, "GET", "/directory/tenants",
    permission=PUBLIC, query=DirectoryQuery, answer=page_of(DirectoryOut),
)  # fmt: skip
def search(call: Call, query: dict[str, Any]) -> Page[DirectoryEntry]:
    """Find tenants by kind, name and subject; published facts only."""
    return directory(query)
