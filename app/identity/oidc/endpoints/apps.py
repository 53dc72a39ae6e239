"""Apps in the API: a tenant registers and revokes them, a person sees what they allow and withdraws it."""

from typing import Any

from flask_smorest import Blueprint

from app.core.scope import Scope
from app.edge.endpoint import Call, endpoint
from app.edge.paging import Page, PageQuery, page_of
from app.edge.paths import own_id
from app.identity.oidc import queries
from app.identity.oidc.models import AppGrant, OAuthApp
from app.identity.oidc.names import APP, GRANT
from app.identity.oidc.schemas import AppGrantOut, AppIn, AppOut, AppSecretOut, ReviewsQuery
from app.identity.oidc.service import apps, grants

blueprint = Blueprint("apps", __name__, description="Apps that people let read or act for them (OpenID Connect)")


@endpoint(
    blueprint, "POST", "/apps", permission="clients.manage", body=AppIn, answer=AppSecretOut, status=201,
    secret_fields=("client_secret",),
)  # fmt: skip
def register(call: Call, body: dict[str, Any]) -> apps.Registered:
    """Register an app of the tenant; a secret is shown this once."""
    return apps.register(Scope.for_tenant(call.tenant), apps.Wish(**body), call.by, call.effect)


@endpoint(blueprint, "GET", "/apps", permission="clients.manage", query=ReviewsQuery, answer=page_of(AppOut))
def registered(call: Call, query: dict[str, Any]) -> Page[OAuthApp]:
    """The tenant's apps."""
    return queries.apps(Scope.for_tenant(call.tenant), query)


@endpoint(blueprint, "POST", "/apps/<app_id>/revocation", permission="clients.manage", answer=AppOut)
def revoke(call: Call, app_id: str) -> OAuthApp:
    """Revoke an app; its tokens are dead at once."""
    return apps.revoke(own_id(app_id, APP, call.principal.scope), call.by, call.effect)


@endpoint(blueprint, "POST", "/apps/<app_id>/review", permission="clients.manage", answer=AppOut, fresh=True)
def review(call: Call, app_id: str) -> OAuthApp:
    """Say that an app goes on although whoever answered for it has left; the caller answers for it from now on."""
    return apps.review(own_id(app_id, APP, call.principal.scope), call.by, call.effect)


@endpoint(
    blueprint, "GET", "/me/app-grants", permission="credentials.read", query=PageQuery, answer=page_of(AppGrantOut)
)
def own(call: Call, query: dict[str, Any]) -> Page[AppGrant]:
    """The apps that one allows to act for oneself, and those that one allowed, newest first."""
    return queries.grants(Scope.for_person(call.person), query)


@endpoint(blueprint, "POST", "/me/app-grants/<app_grant_id>/ending", permission="me.write", answer=AppGrantOut)
def end_own(call: Call, app_grant_id: str) -> AppGrant:
    """Withdraw what one allows an app; its tokens are dead at once."""
    return grants.end(own_id(app_grant_id, GRANT, Scope.for_person(call.person)), call.by, call.effect)
