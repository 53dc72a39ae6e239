"""API clients of a tenant: registered, listed, revoked."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.core.errors import Fault, InvalidInput, NotFound, WrongState
from app.core.ids import PublicId
from app.core.journal.record import record
from app.core.scope import Scope
from app.core.unit import Caller, Effect, Unit, run
from app.identity.api import (
    CLIENT,
    FOR_CLIENTS,
    REVOKED,
    OAuthClient,
    are_public_keys,
    ask_app_reviews,
    clients_answered_for,
    permissions_of,
    register_client,
    revoke_client,
)
from tenants.rules import Kind
from tenants.service.profiles import profile_of
from tenants.service.webhooks import disable_made_by
from tenants.staff_rules import ROLES_OF


@dataclass(frozen=True)
class Registered:
    """A fresh client and its secret, shown this once; None where it has keys."""

    client: OAuthClient
    client_secret: str | None = field(repr=False)


def register(
    scope: Scope, name: str, permissions: Sequence[str], by: Caller, effect: Effect | None = None,
    *, jwks: Mapping[str, Any] | None = None,
) -> Registered:  # fmt: skip
    """Register a system of the tenant; with public keys (RFC 7517) it has no secret. Raises InvalidInput for a
    permission that clients cannot have, or nobody of this kind of tenant, and for keys that are none.
    """
    faults = tuple(_faults(permissions, jwks))
    if faults:
        raise InvalidInput("there cannot be such a client", faults=faults)

    def work(opened: Unit) -> Registered:
        _refuse_foreign(opened, permissions)
        client, secret = register_client(opened, name, permissions, jwks)
        subject = PublicId(CLIENT, scope, client.id)
        record(opened, "client.registered", subject, client.version, {"permissions": list(client.permissions)})
        return Registered(client, None if jwks else secret)

    return run(scope, work, by, effect=effect)


def revoke(client_id: PublicId, by: Caller, effect: Effect | None = None) -> OAuthClient:
    """Revoke a client: its tokens are dead from this commit on, and endpoints that it made are disabled.

    Raises NotFound; revoking twice changes nothing.
    """

    def work(opened: Unit) -> OAuthClient:
        client, changed = revoke_client(opened, client_id.id)
        if changed:
            record(opened, "client.revoked", client_id, client.version, {})
            disable_made_by(opened, f"client:{client_id}")
        return client

    return run(client_id.scope, work, by, effect=effect)


def ask_review(opened: Unit, actor: str) -> None:
    """List the systems and apps for which `actor` answers for review: they go on until somebody else looked at them."""
    for client in clients_answered_for(opened, actor):
        client.review_since = opened.now
        _record(opened, client, "client.review_asked")
    ask_app_reviews(opened, actor)


def review(client_id: PublicId, by: Caller, effect: Effect | None = None) -> OAuthClient:
    """Say that a system goes on, and answer for it from now on; raises NotFound, WrongState `nothing_to_review`."""

    def work(opened: Unit) -> OAuthClient:
        client = opened.get(OAuthClient, client_id.id, lock=True)
        if client is None:
            raise NotFound
        if client.review_since is None or client.state == REVOKED:
            raise WrongState("no review of this system is due", code="nothing_to_review")
        client.registered_by, client.review_since = by.actor, None
        _record(opened, client, "client.reviewed")
        return client

    return run(client_id.scope, work, by, effect=effect)


def _record(opened: Unit, client: OAuthClient, happened: str) -> None:
    client.version += 1
    record(opened, happened, client.public_id, client.version, {})


def _refuse_foreign(opened: Unit, permissions: Sequence[str]) -> None:
    """A system may nothing that nobody of its tenant may do."""
    kind = Kind(profile_of(opened).kind)
    foreign = set(permissions) - permissions_of(ROLES_OF[kind])
    if foreign:
        fault = Fault("/permissions", "permission_not_of_kind", f"a {kind} has no " + ", ".join(sorted(foreign)))
        raise InvalidInput("there cannot be such a client", faults=(fault,))


def _faults(permissions: Sequence[str], jwks: Mapping[str, Any] | None) -> Iterator[Fault]:
    if not FOR_CLIENTS.issuperset(permissions):
        yield Fault("/permissions", "permission_not_for_clients", "one of: " + ", ".join(sorted(FOR_CLIENTS)))
    if jwks is not None and not are_public_keys(jwks):
        yield Fault("/jwks", "keys", "a JWK set of public keys: EC, OKP, or RSA of at least 2048 bits")
