"""A tenant's own administration: itself, its staff, its API clients."""

from typing import Any

from flask_smorest import Blueprint

from app.edge.endpoint import Call, endpoint
from app.edge.paging import Page, PageQuery, page_of
from app.edge.paths import own_id
from app.identity.api import CLIENT, OAuthClient, ReviewsQuery
from tenants import queries
from tenants.models import Staff
from tenants.names import STAFF_ID
from tenants.schemas import TenantOut
from tenants.service import clients, invitations, staff, suspending
from tenants.staff_rules import Registration
from tenants.staff_schemas import ClientIn, ClientOut, ClientSecretOut, InvitationOut, MemberIn, MemberOut

blueprint = Blueprint("administering", __name__, description="A tenant administers itself")


@endpoint(
    blueprint, "GET", "/tenants/current", permission="tenant.read", answer=TenantOut,
    partly_versioned=True,  # what its licenses allow ends with a day, without a new version
)  # fmt: skip
def current(call: Call) -> queries.OwnTenant:
    """The caller's tenant, and what its licenses allow today."""
    return queries.current(call.principal.scope)


@endpoint(
    blueprint, "POST", "/staff", permission="staff.manage", body=MemberIn, answer=InvitationOut, status=201,
    secret_fields=("token",), fresh=True,
)  # fmt: skip
def invite(call: Call, body: dict[str, Any]) -> invitations.Invited:
    """Invite somebody; hand the token to them and nobody else."""
    return invitations.invite(call.principal.scope, _member(body), call.by, call.effect)


@endpoint(blueprint, "GET", "/staff", permission="staff.manage", query=PageQuery, answer=page_of(MemberOut))
def listed(call: Call, query: dict[str, Any]) -> Page[Staff]:
    """Everybody who is or was on the staff."""
    return queries.members(call.principal.scope, query)


@endpoint(
    blueprint, "PUT", "/staff/<staff_id>",
    permission="staff.manage", body=MemberIn, answer=MemberOut, if_match=True, fresh=True,
)  # fmt: skip
def change(call: Call, body: dict[str, Any], staff_id: str) -> Staff:
    """Change a member's roles or registration."""
    known = own_id(staff_id, STAFF_ID, call.principal.scope)
    return staff.change(known, call.if_match, _member(body), call.by, call.effect)


@endpoint(blueprint, "POST", "/staff/<staff_id>/ending", permission="staff.manage", answer=MemberOut, fresh=True)
def end(call: Call, staff_id: str) -> Staff:
    """End an affiliation; its tokens are dead at once."""
    known = own_id(staff_id, STAFF_ID, call.principal.scope)
    return staff.end(known, call.by, call.effect)


@endpoint(blueprint, "POST", "/staff/<staff_id>/suspension", permission="staff.manage", answer=MemberOut, fresh=True)
def suspend(call: Call, staff_id: str) -> Staff:
    """Suspend a member until they are reinstated; their tokens are dead at once."""
    known = own_id(staff_id, STAFF_ID, call.principal.scope)
    return suspending.suspend(known, call.by, call.effect)


@endpoint(blueprint, "POST", "/staff/<staff_id>/reinstatement", permission="staff.manage", answer=MemberOut, fresh=True)
def reinstate(call: Call, staff_id: str) -> Staff:
    """Let a suspended member act again, with tokens of a new sign-in."""
    known = own_id(staff_id, STAFF_ID, call.principal.scope)
    return suspending.reinstate(known, call.by, call.effect)


@endpoint(
    blueprint, "POST", "/api-clients", permission="clients.manage", body=ClientIn, answer=ClientSecretOut, status=201,
    secret_fields=("client_secret",), fresh=True,
)  # fmt: skip
def register(call: Call, body: dict[str, Any]) -> clients.Registered:
    """Register a system of the tenant; keep the secret, it is shown this once. With public keys it has none."""
    scope, name, permissions = call.principal.scope, body["name"], body["permissions"]
    return clients.register(scope, name, permissions, call.by, call.effect, jwks=body["jwks"])


@endpoint(blueprint, "GET", "/api-clients", permission="clients.manage", query=ReviewsQuery, answer=page_of(ClientOut))
def registered(call: Call, query: dict[str, Any]) -> Page[OAuthClient]:
    """The tenant's API clients."""
    return queries.clients(call.principal.scope, query)


@endpoint(blueprint, "POST", "/api-clients/<client_id>/revocation", permission="clients.manage", answer=ClientOut)
def revoke(call: Call, client_id: str) -> OAuthClient:
    """Revoke a client; its tokens are dead at once."""
    known = own_id(client_id, CLIENT, call.principal.scope)
    return clients.revoke(known, call.by, call.effect)


@endpoint(
    blueprint, "POST", "/api-clients/<client_id>/review", permission="clients.manage", answer=ClientOut, fresh=True
)  # fmt: skip
def review(call: Call, client_id: str) -> OAuthClient:
    """Say that a system goes on although whoever answered for it has left; the caller answers for it from now on."""
    known = own_id(client_id, CLIENT, call.principal.scope)
    return clients.review(known, call.by, call.effect)


def _member(body: dict[str, Any]) -> staff.Member:
    registration = Registration(
        body["registration_number"], body["registration_until"], tuple(body["subjects"]),
        body["registration_authority"], body["home_institution"],
    )  # fmt: skip
    return staff.Member(body["name"], body["roles"], registration, body["title"])
