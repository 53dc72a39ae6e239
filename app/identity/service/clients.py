"""Systems of a tenant that sign in as themselves."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.core.errors import NotFound
from app.core.ids import MalformedId, PublicId, new_id
from app.core.scope import Scope
from app.core.unit import Unit, unit
from app.identity.credentials import CLIENT, fingerprint, new_secret
from app.identity.models import OAuthClient
from app.identity.repository import ACTIVE, REVOKED


@dataclass(frozen=True)
class Client:
    """A registered client as the token endpoint needs it."""

    id: PublicId
    secret_hash: str = field(repr=False)
    jwks: Mapping[str, Any] | None
    permissions: frozenset[str]


def register_client(
    opened: Unit, name: str, permissions: Iterable[str], jwks: Mapping[str, Any] | None = None
) -> tuple[OAuthClient, str]:
    """Add a client to the unit's tenant; returns it and its secret, which is shown this once. The asker records it.

    With public keys, which the asker has checked, the secret opens nothing.
    """
    secret = new_secret()
    row = OAuthClient(
        id=new_id(), name=name, secret_hash=fingerprint(secret), jwks=dict(jwks) if jwks else None,
        permissions=sorted(set(permissions)), state=ACTIVE, registered_by=opened.by.actor, version=1,
        created_at=opened.now,
    )  # fmt: skip
    return opened.add(row), secret


def revoke_client(opened: Unit, client_id: uuid.UUID) -> tuple[OAuthClient, bool]:
    """End the client, and with it every token that it has; returns it, and whether this changed it, which the asker
    records. Raises NotFound.
    """
    row = opened.get(OAuthClient, client_id, lock=True)
    if row is None:
        raise NotFound
    changed = row.state == ACTIVE
    if changed:
        row.state, row.version = REVOKED, row.version + 1
    return row, changed


def clients_answered_for(opened: Unit, actor: str) -> list[OAuthClient]:
    """The active clients of the unit's tenant for which `actor` answers, held until the unit ends."""
    mine = (OAuthClient.state == ACTIVE, OAuthClient.registered_by == actor, OAuthClient.review_since.is_(None))
    return opened.all(opened.select(OAuthClient).where(*mine).order_by(OAuthClient.id).with_for_update())


def find_client(client_id: str) -> Client | None:
    """The active client called `client_id`, or None."""
    try:
        known = PublicId.parse(client_id, CLIENT)
        scope = Scope.for_tenant(known.scope.require_tenant())
    except (MalformedId, ValueError):
        return None
    with unit(scope) as reading:
        row = reading.get(OAuthClient, known.id)
    if row is None or row.state != ACTIVE:
        return None
    return Client(known, row.secret_hash, row.jwks, frozenset(row.permissions))
