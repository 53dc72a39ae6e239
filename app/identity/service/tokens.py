"""Access tokens: issued to clients, staff and persons, checked at every request, ended at once."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache

from app.core.access import Principal
from app.core.errors import Unauthenticated
from app.core.glances import Glance
from app.core.ids import PublicId, new_id
from app.core.journal.record import Facts, record
from app.core.ports import ports
from app.core.questions import Asks
from app.core.scope import Scope, ScopeKind
from app.core.unit import Caller, Unit, run
from app.identity.credentials import CLIENT, PERSON, REMEMBERED, STAFF, TOKEN, Bearer, fingerprint, matches, new_secret
from app.identity.devices.rules import DEVICE_ID
from app.identity.models import AccessToken, PersonAccessToken
from app.identity.repository import TenantToken, end_staff_tokens, person_token, tenant_token
from app.identity.roles import ACTING, Role, permissions_of
from app.identity.service.clients import Client
from app.identity.service.sign_ins import (
    ENDED,
    MADE,
    STAFF_LIFE,
    TOKEN_KEPT,
    end_known,
    note_acting,
    note_use,
    still_held,
)

CLIENT_LIFE = timedelta(hours=1)
PERSON_LIFE = timedelta(hours=12)


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
                issued_at=opened.now, expires_at=opened.now + CLIENT_LIFE, due_at=opened.now + CLIENT_LIFE + TOKEN_KEPT,
            )
        )  # fmt: skip
        return _made(opened, bearer, {"client": str(client.id), "permissions": narrowed})

    return run(client.id.scope, work, Caller(f"client:{client.id}", request_id))


def issue_staff_token(
    scope: Scope, staff_id: uuid.UUID, person_id: uuid.UUID, request_id: str = "", *, sign_in: uuid.UUID | None = None
) -> str:
    """A fresh access token for the affiliation `staff_id` of the tenant of `scope`.

    It holds for `STAFF_LIFE`, but no longer than `sign_in`, the person's own from which it comes; None where whoever
    asks vouches for the person, and that they have just proved a second factor. Whether `person_id` may act is the
    asker's to know, and is asked again at every use.
    Raises Unauthenticated where the sign-in has ended.
    """
    by = Caller(person_actor(Scope.for_person(person_id)), request_id)
    bearer, staff = Bearer(scope, new_id(), new_secret()), PublicId(STAFF, scope, staff_id)
    until = note_acting(bearer.id, staff, person_id, sign_in, by) if sign_in else None

    def work(opened: Unit) -> str:
        expires_at = until or opened.now + STAFF_LIFE
        opened.add(
            AccessToken(
                id=bearer.id, staff_id=staff_id, person_id=person_id, secret_hash=fingerprint(bearer.secret),
                permissions=[], issued_at=opened.now, expires_at=expires_at, sign_in_id=sign_in,
                due_at=expires_at + TOKEN_KEPT,
            )
        )  # fmt: skip
        return _made(opened, bearer, {"staff": str(staff)})

    return run(scope, work, by)


def issue_person_token(opened: Unit, device_id: uuid.UUID | None = None, *, proved_by: str | None = None) -> Bearer:
    """A fresh access token for the person of the unit, valid for `PERSON_LIFE`; on that device, where it is known.

    `proved_by` says by what they have just proved a second factor with it (`amr`, RFC 8176).
    """
    bearer = Bearer(opened.scope, new_id(), new_secret())
    expires_at = opened.now + PERSON_LIFE
    opened.add(
        PersonAccessToken(
            id=bearer.id, secret_hash=fingerprint(bearer.secret), issued_at=opened.now, expires_at=expires_at,
            due_at=expires_at + TOKEN_KEPT, device_id=device_id, proved_at=opened.now if proved_by else None,
            proved_by=proved_by,
        )
    )  # fmt: skip
    _made(opened, bearer, {"device": str(PublicId(DEVICE_ID, opened.scope, device_id))} if device_id else {})
    return bearer


def revoke_staff_tokens(opened: Unit, staff_id: uuid.UUID) -> int:
    """End every token of that affiliation of the unit's tenant; returns how many were still good."""
    ended = end_staff_tokens(opened, staff_id)
    for token_id in ended:
        record(opened, ENDED, PublicId(TOKEN, opened.scope, token_id), 2, {})
    return len(ended)


def sign_out(text: str, by: Caller) -> SignedOut:
    """End the access token `text`, of whatever kind, at once; raises Unauthenticated where it has ended already.

    The text was authenticated before: here it only names the row. With a person's own sign-in end those as staff
    that came from it.
    """
    bearer = Bearer.parse(text)
    if bearer is None:
        raise _invalid()
    if bearer.scope.kind is ScopeKind.PERSON:
        return SignedOut(run(bearer.scope, lambda opened: _sign_out_person(opened, bearer.id), by))
    ended = run(bearer.scope, lambda opened: _sign_out_of_tenant(opened, bearer.id), by)
    if ended.sign_in_id and ended.person_id:
        run(Scope.for_person(ended.person_id), lambda opened: end_known(opened, bearer.id), by)
    return SignedOut(ended.at)


@dataclass(frozen=True)
class _Ended:
    at: datetime
    person_id: uuid.UUID | None
    sign_in_id: uuid.UUID | None


def _sign_out_person(opened: Unit, token_id: uuid.UUID) -> datetime:
    if not end_known(opened, token_id):
        raise _invalid()
    return opened.now


def _sign_out_of_tenant(opened: Unit, token_id: uuid.UUID) -> _Ended:
    row = opened.get(AccessToken, token_id, lock=True)
    if row is None or row.revoked_at is not None:
        raise _invalid()
    row.revoked_at = opened.now
    record(opened, ENDED, PublicId(TOKEN, opened.scope, row.id), 2, {})
    return _Ended(opened.now, row.person_id, row.sign_in_id)


def authenticate(text: str) -> Principal:
    """Who bears the access token `text`; raises Unauthenticated, without saying what is wrong with it."""
    bearer = Bearer.parse(text)
    if bearer is None:
        raise _invalid()
    look = _of_tenant if bearer.scope.kind is ScopeKind.TENANT else _of_person
    principal = look(bearer)
    if principal is None:
        raise _invalid()
    return principal


def _of_tenant(bearer: Bearer) -> Principal | None:
    reading = Glance(bearer.scope)
    token = tenant_token(reading, bearer.id)
    if token is None or not matches(bearer.secret, token.secret_hash):
        return None
    principal = _staff(reading, token, token.staff_id) if token.staff_id else _client(reading, token)
    if principal is None or not (token.person_id and token.sign_in_id):
        return principal
    held = still_held(token.person_id, token.id)
    return replace(principal, second_factor_at=held.proved_at) if held else None


def _client(reading: Asks, token: TenantToken) -> Principal | None:
    if token.client_id is None or not token.may_act:
        return None
    permissions = frozenset(token.permissions) & frozenset(token.client_permissions or ())
    actor = _actor("client", CLIENT, reading.scope, token.client_id)
    return Principal(actor, reading.scope, permissions, is_client=True)


def _staff(reading: Asks, token: TenantToken, staff_id: uuid.UUID) -> Principal | None:
    """Who vouched for a person when a token came from no sign-in of theirs, vouched for their second factor then."""
    granted = ports().staff_grants.told(reading, token.member) if token.may_act and token.member else None
    if granted is None:
        return None
    actor = _actor("staff", STAFF, reading.scope, staff_id)
    return Principal(actor, reading.scope, granted.permissions, second_factor_at=token.issued_at, roles=granted.roles)


def _of_person(bearer: Bearer) -> Principal | None:
    reading = Glance(bearer.scope)
    token = person_token(reading, bearer.id)
    if token is None or not token.secret_hash or not matches(bearer.secret, token.secret_hash):
        return None
    note_use(reading, token)
    if token.actor_id and token.actor_sign_in_id and token.acting_as:
        return _acting(bearer.scope, token.actor_id, token.actor_sign_in_id, token.acting_as)
    actor, may = person_actor(bearer.scope), permissions_of([Role.RESIDENT])
    return Principal(actor, bearer.scope, may, token.id, (bearer.scope.require_person(), token.id), token.proved_at)


def _acting(scope: Scope, actor: uuid.UUID, sign_in: uuid.UUID, acting_as: str) -> Principal | None:
    """`actor` in place of the person of `scope`, while the sign-in of their own holds that they began with."""
    own = Scope.for_person(actor)
    held = still_held(actor, sign_in)
    if held is None:
        return None
    return Principal(
        person_actor(own), scope, ACTING[acting_as], own=(actor, sign_in), second_factor_at=held.proved_at,
        behalf=person_actor(scope),
    )  # fmt: skip


def person_actor(scope: Scope) -> str:
    """How a person is named as the author of entries."""
    return _actor("person", PERSON, scope, scope.require_person())


@lru_cache(REMEMBERED)
def _actor(kind: str, prefix: str, scope: Scope, id: uuid.UUID) -> str:
    return f"{kind}:{PublicId(prefix, scope, id)}"


def _made(opened: Unit, bearer: Bearer, facts: Facts) -> str:
    record(opened, MADE, PublicId(TOKEN, opened.scope, bearer.id), 1, facts)
    return str(bearer)


def _invalid() -> Unauthenticated:
    return Unauthenticated("the access token is not valid")
