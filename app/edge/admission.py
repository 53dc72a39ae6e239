"""Who may enter: the caller is told apart by its credential and asked for the endpoint's permission, before anything
of the request is parsed.
"""

from collections.abc import Callable

from flask import current_app, request

from app.core.access import PUBLIC, Principal
from app.core.errors import Forbidden, SecondFactorRequired, Unauthenticated
from app.core.unit import database
from app.edge.limits import spend_caller, spend_stranger
from app.edge.refusing import noting

EXTENSION = "cloud_hospital_authenticate"
Authenticate = Callable[[str], Principal]
"""Who bears an access token; raises Unauthenticated. The factory puts it into the application's extensions."""
PROVE = "prove your second factor with POST /api/v1/me/second-factor as yourself, then ask again with the same token"
"""What to do about `second_factor_required`."""


def admit(permission: str, *, fresh: bool = False) -> Principal | None:
    """The caller, None at a public endpoint; raises Unauthenticated, TooManyRequests, Forbidden, and
    SecondFactorRequired where a `fresh` second factor is asked for and was not proved.
    """
    if permission == PUBLIC:
        return None
    try:
        principal = _authenticated()
    except Unauthenticated:
        spend_stranger()
        raise
    spend_caller(principal)
    if not principal.may(permission):
        with noting(principal):
            raise Forbidden(f"this needs the permission {permission}")
    if fresh and not principal.is_fresh(database().clock.now()):
        raise SecondFactorRequired(PROVE)
    return principal


def _authenticated() -> Principal:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token:
        raise Unauthenticated("send a bearer token")
    authenticate: Authenticate = current_app.extensions[EXTENSION]
    return authenticate(token)
