"""Access tokens: issued to clients, staff and persons, checked at every request, ended at once."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.core.access import Principal
from app.core.errors import Unauthenticated
from app.core.ids import PublicId, new_id
from app.core.journal.record import Facts, record
from app.core.ports import ports
from app.core.scope import Scope, ScopeKind
from app.core.unit import Caller, Unit, run, unit
from app.identity.credentials import CLIENT, PERSON, STAFF, TOKEN, Bearer, fingerprint, matches, new_secret
from app.identity.models import AccessToken, PersonAccessToken
from app.identity.repository import end_staff_tokens, person_token, tenant_token
from app.identity.roles import Role, permissions_of
from app.identity.service.clients import Client

CLIENT_LIFE = timedelta(hours=1)
STAFF_LIFE = timedelta(hours=8)
PERSON_LIFE = timedelta(hours=12)
MADE = "sign_in.made"
ENDED = "sign_in.ended"


@dataclass(frozen=True)
class SignedOut:
    """An access token that was ended, and when."""

    ended_at: datetime


def issue_client_token(client: Client, permissions: Iterable[str], request_id: str = "") -> str:
    """A fresh access token for `client`, valid for `CLIENT_LIFE`."""
    narrowed = sorted(permissions)

    def work(opened: Unit) -> str:
        bearer = Bearer(opened.scope, new_id(), new_secret())
        opened.add(
            AccessToken(
                id=bearer.id, client_id=client.id.id, secret_hash=fingerprint(bearer.secret), permissions=narrowed,
                issued_at=opened.now, expires_at=opened.now + CLIENT_LIFE,
            )
        )  # fmt: skip
        return _made(opened, bearer, {"client": str(client.id), "permissions": narrowed})

    return run(client.id.scope, work, Caller(f"client:{client.id}", request_id))


def issue_staff_token(scope: Scope, staff_id: uuid.UUID, person_id: uuid.UUID, request_id: str = "") -> str:
    """A fresh access token, valid for `STAFF_LIFE`, for the affiliation `staff_id` of the tenant of `scope`.

    `person_id` is who signs in as it. Whether they may is the asker's to know, and is asked again at every use.
    """

    def work(opened: Unit) -> str:
        bearer = Bearer(opened.scope, new_id(), new_secret())
        opened.add(
            AccessToken(
                id=bearer.id, staff_id=staff_id, person_id=person_id, secret_hash=fingerprint(bearer.secret),
                permissions=[], issued_at=opened.now, expires_at=opened.now + STAFF_LIFE,
            )
        )  # fmt: skip
        return _made(opened, bearer, {"staff": str(PublicId(STAFF, opened.scope, staff_id))})

    return run(scope, work, Caller(person_actor(Scope.for_person(person_id)), request_id))


def issue_person_token(opened: Unit) -> str:
    """A fresh access token for the person of the unit, valid for `PERSON_LIFE`."""
    bearer = Bearer(opened.scope, new_id(), new_secret())
    opened.add(
        PersonAccessToken(
            id=bearer.id, secret_hash=fingerprint(bearer.secret), issued_at=opened.now,
            expires_at=opened.now + PERSON_LIFE,
        )
    )  # fmt: skip
    return _made(opened, bearer, {})


def revoke_staff_tokens(opened: Unit, staff_id: uuid.UUID) -> int:
    """End every token of that affiliation of the unit's tenant; returns how many were still good."""
    ended = end_staff_tokens(opened, staff_id)
    for token_id in ended:
        record(opened, ENDED, PublicId(TOKEN, opened.scope, token_id), 2, {})
    return len(ended)


def sign_out(text: str, by: Caller) -> SignedOut:
    """End the access token `text`, of whatever kind, at once; raises Unauthenticated where it has ended already.

    The text was authenticated before: here it only names the row.
    """
    bearer = Bearer.parse(text)
    if bearer is None:
        raise _invalid()

    def work(opened: Unit) -> SignedOut:
        row = _locked(opened, bearer.id)
        if row is None or row.revoked_at is not None:
            raise _invalid()
        row.revoked_at = opened.now
        record(opened, ENDED, PublicId(TOKEN, opened.scope, row.id), 2, {})
        return SignedOut(opened.now)

    return run(bearer.scope, work, by)


def authenticate(text: str) -> Principal:
    """Who bears the access token `text`; raises Unauthenticated, without saying what is wrong with it."""
    bearer = Bearer.parse(text)
    if bearer is None:
        raise _invalid()
    look = _of_tenant if bearer.scope.kind is ScopeKind.TENANT else _of_person
    with unit(bearer.scope) as reading:
        principal = look(reading, bearer)
    if principal is None:
        raise _invalid()
    return principal


def _of_tenant(reading: Unit, bearer: Bearer) -> Principal | None:
    found = tenant_token(reading, bearer)
    if found is None or not matches(bearer.secret, found[0].secret_hash):
        return None
    token, client = found
    if token.staff_id is not None:
        return _staff(reading, token.staff_id)
    if client is None or not ports().tenant_may_act(reading):
        return None
    permissions = frozenset(token.permissions) & frozenset(client.permissions)
    return Principal(f"client:{PublicId(CLIENT, reading.scope, client.id)}", reading.scope, permissions)


def _staff(reading: Unit, staff_id: uuid.UUID) -> Principal | None:
    permissions = ports().staff_grants(reading, staff_id)
    if permissions is None:
        return None
    return Principal(f"staff:{PublicId(STAFF, reading.scope, staff_id)}", reading.scope, permissions)


def _of_person(reading: Unit, bearer: Bearer) -> Principal | None:
    token = person_token(reading, bearer)
    if token is None or not matches(bearer.secret, token.secret_hash):
        return None
    return Principal(person_actor(reading.scope), reading.scope, permissions_of([Role.RESIDENT]))


def person_actor(scope: Scope) -> str:
    """How a person is named as the author of entries."""
    return f"person:{PublicId(PERSON, scope, scope.require_person())}"


def _locked(opened: Unit, token_id: uuid.UUID) -> AccessToken | PersonAccessToken | None:
    if opened.scope.kind is ScopeKind.PERSON:
        return opened.get(PersonAccessToken, token_id, lock=True)
    return opened.get(AccessToken, token_id, lock=True)


def _made(opened: Unit, bearer: Bearer, facts: Facts) -> str:
    record(opened, MADE, PublicId(TOKEN, opened.scope, bearer.id), 1, facts)
    return str(bearer)


def _invalid() -> Unauthenticated:
    return Unauthenticated("the access token is not valid")
