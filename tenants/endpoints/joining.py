"""Applying to join, being on a staff, and the directory: what a person does, and what everybody may read."""

from typing import Any

from flask_smorest import Blueprint

from app.core.access import PUBLIC
from app.core.scope import Scope
from app.edge.endpoint import Call, endpoint
from app.edge.paging import Page, PageQuery, page_of
from tenants.doctor_queries import ListedDoctor, doctors
from tenants.endpoints.paths import tenant_bound
from tenants.models import Application, Staff
from tenants.names import STAFF_ID
from tenants.queries import Affiliated, Listed, affiliations, applications_of, directory
from tenants.rules import Paper
from tenants.schemas import (
    ApplicationIn,
    ApplicationOut,
    DirectoryDoctorOut,
    DirectoryOut,
    DirectoryQuery,
    DoctorsQuery,
)
from tenants.service import applications as service
from tenants.service import invitations, staff
from tenants.staff_schemas import AcceptanceIn, ActingTokenOut, AffiliationOut, MemberOut

blueprint = Blueprint("joining", __name__, description="Organizations join the platform")


@endpoint(
    blueprint, "POST", "/organization-applications",
    permission="me.write", body=ApplicationIn, answer=ApplicationOut, status=201,
)  # fmt: skip
def submit(call: Call, body: dict[str, Any]) -> Application:
    """Apply for an organization; the applicant will administer its tenant."""
    papers = [Paper(**{**document, "subjects": tuple(document["subjects"])}) for document in body["documents"]]
    wish = service.Wish(body["name"], body["kind"], body["parent"], papers)
    return service.submit(call.person, wish, call.by, call.effect)


@endpoint(
    blueprint, "GET", "/me/organization-applications",
    permission="credentials.read", query=PageQuery, answer=page_of(ApplicationOut),
)  # fmt: skip
def mine(call: Call, query: dict[str, Any]) -> Page[Application]:
    """The caller's own applications."""
    return applications_of(call.person, query)


@endpoint(
    blueprint, "POST", "/staff-invitations/acceptance",
    permission="me.write", body=AcceptanceIn, answer=MemberOut, status=201,
)  # fmt: skip
def accept(call: Call, body: dict[str, Any]) -> Staff:
    """Join the staff that the token invites to."""
    return invitations.join(call.person, body["token"], call.by, call.effect)


@endpoint(
    blueprint, "GET", "/me/affiliations", permission="credentials.read", query=PageQuery, answer=page_of(AffiliationOut)
)
def my_affiliations(call: Call, query: dict[str, Any]) -> Page[Affiliated]:
    """The tenants that the caller may act for."""
    return affiliations(Scope.for_person(call.person), query)


@endpoint(
    blueprint, "POST", "/me/affiliations/<staff_id>/tokens",
    permission="me.write", answer=ActingTokenOut, status=201,
    idempotent_by="each call gives another token and changes nothing else",
)  # fmt: skip
def act(call: Call, staff_id: str) -> dict[str, str]:
    """An access token with which the caller acts as that member of the staff; it ends with the caller's own.

    Both end when neither was used for a while: half an hour, where the platform's operator says nothing else. With a
    sign-in that first begins to act, who has a second factor must have just proved it; of others it must be fresh.
    """
    member = tenant_bound(staff_id, STAFF_ID)
    return {"access_token": staff.act(call.person, call.principal.sign_in, member, call.by.request_id)}


@endpoint(
    blueprint, "GET", "/directory/tenants",
    permission=PUBLIC, query=DirectoryQuery, answer=page_of(DirectoryOut),
)  # fmt: skip
def search(call: Call, query: dict[str, Any]) -> Page[Listed]:
    """Find tenants by kind, name and subject; published facts only."""
    return directory(query)


@endpoint(
    blueprint, "GET", "/directory/doctors",
    permission=PUBLIC, query=DoctorsQuery, answer=page_of(DirectoryDoctorOut),
)  # fmt: skip
def find_doctors(call: Call, query: dict[str, Any]) -> Page[ListedDoctor]:
    """Find doctors by subject, name and tenant: those who may see residents today. Free slots are asked of a tenant."""
    return doctors(query)
