"""Registering clients, issuing tokens, and telling who sent a request."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import and_, select

from app.core.access import Principal
from app.core.errors import Unauthenticated
from app.core.ids import MalformedId, PublicId, new_id
from app.core.scope import Scope
from app.core.unit import Unit, run, unit
from app.identity.credentials import CLIENT, Bearer, fingerprint, matches, new_secret
from app.identity.models import AccessToken, OAuthClient

TOKEN_LIFE = timedelta(hours=1)
ACTIVE = "active"


@dataclass(frozen=True)
class Client:
    """A registered client as the token endpoint needs it."""

    id: PublicId
    secret_hash: str = field(repr=False)
    permissions: frozenset[str]


def register_client(opened: Unit, name: str, permissions: Iterable[str]) -> tuple[PublicId, str]:
    """Add a client to the unit's tenant; returns its id and its secret, which is shown this once."""
    secret = new_secret()
    row = OAuthClient(
        id=new_id(), name=name, secret_hash=fingerprint(secret), permissions=sorted(permissions), state=ACTIVE,
        version=1, created_at=opened.now,
    )  # fmt: skip
    opened.add(row)
    return PublicId(CLIENT, opened.scope, row.id), secret


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
    return Client(known, row.secret_hash, frozenset(row.permissions))


def issue_token(client: Client, permissions: Iterable[str]) -> str:
    """A fresh access token for `client`, valid for `TOKEN_LIFE`."""

    def work(opened: Unit) -> str:
        bearer = Bearer(opened.scope, new_id(), new_secret())
        opened.add(
            AccessToken(
                id=bearer.id, client_id=client.id.id, secret_hash=fingerprint(bearer.secret),
                permissions=sorted(permissions), issued_at=opened.now, expires_at=opened.now + TOKEN_LIFE,
            )
        )  # fmt: skip
        return str(bearer)

    return run(client.id.scope, work)


def authenticate(text: str) -> Principal:
    """Who bears the access token `text`; raises Unauthenticated, without saying what is wrong with it."""
    bearer = Bearer.parse(text)
    if bearer is None or bearer.scope.tenant is None:
        raise Unauthenticated("the access token is not valid")
    with unit(bearer.scope) as reading:
        found = _find(reading, bearer)
    if found is None or not matches(bearer.secret, found[0].secret_hash):
        raise Unauthenticated("the access token is not valid")
    token, client = found
    permissions = frozenset(token.permissions) & frozenset(client.permissions)
    return Principal(f"client:{PublicId(CLIENT, bearer.scope, client.id)}", bearer.scope, permissions)


def _find(reading: Unit, bearer: Bearer) -> tuple[AccessToken, OAuthClient] | None:
    tenant = bearer.scope.require_tenant()
    same = and_(OAuthClient.tenant_id == AccessToken.tenant_id, OAuthClient.id == AccessToken.client_id)
    query = (
        select(AccessToken, OAuthClient)
        .join(OAuthClient, same)
        .where(AccessToken.tenant_id == tenant, AccessToken.id == bearer.id)
        .where(AccessToken.expires_at > reading.now, OAuthClient.state == ACTIVE)
    )
    return reading.session.execute(query).tuples().first()
