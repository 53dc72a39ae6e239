"""Who may enter: the caller is told apart by its credential and asked for the endpoint's permission, before anything
of the request is parsed.
"""

from collections.abc import Callable

from flask import current_app, request

from app.core.access import PUBLIC, Principal
from app.core.errors import Forbidden, Unauthenticated

EXTENSION = "cloud_hospital_authenticate"
Authenticate = Callable[[str], Principal]
"""Who bears an access token; raises Unauthenticated. The factory puts it into the application's extensions."""


def admit(permission: str) -> Principal | None:
    """The caller, None at a public endpoint; raises Unauthenticated and Forbidden."""
    if permission == PUBLIC:
        return None
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token:
        raise Unauthenticated("send a bearer token")
    authenticate: Authenticate = current_app.extensions[EXTENSION]
    principal = authenticate(token)
    if not principal.may(permission):
        raise Forbidden(f"this needs the permission {permission}")
    return principal
