"""API clients of a tenant: registered, listed, revoked."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.core.errors import Fault, InvalidInput
from app.core.ids import PublicId
from app.core.journal.record import record
from app.core.scope import Scope
from app.core.unit import Caller, Effect, Unit, run
from app.identity.api import CLIENT, FOR_CLIENTS, OAuthClient, register_client, revoke_client
from tenants.service.webhooks import disable_made_by


@dataclass(frozen=True)
class Registered:
    """A fresh client and its secret, shown this once."""

    client: OAuthClient
    client_secret: str


def register(
    scope: Scope, name: str, permissions: Sequence[str], by: Caller, effect: Effect | None = None
) -> Registered:
    """Register a system of the tenant; raises InvalidInput for a permission that clients cannot have."""
    foreign = sorted(set(permissions) - FOR_CLIENTS)
    if foreign:
        fault = Fault("/permissions", "permission_not_for_clients", "one of: " + ", ".join(sorted(FOR_CLIENTS)))
        raise InvalidInput("a client cannot have these permissions", faults=(fault,))

    def work(opened: Unit) -> Registered:
        client, secret = register_client(opened, name, permissions)
        subject = PublicId(CLIENT, scope, client.id)
        record(opened, "client.registered", subject, client.version, {"permissions": list(client.permissions)})
        return Registered(client, secret)

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
