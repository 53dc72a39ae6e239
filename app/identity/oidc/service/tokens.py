"""Tokens of apps: issued, exchanged for the next, looked up, ended. All are opaque and kept as hashes."""

import hmac
import uuid
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

from sqlalchemy import DateTime, Table, and_, bindparam, select

from app.core.access import Principal
from app.core.errors import Unauthenticated
from app.core.glances import Glance
from app.core.ids import PublicId
from app.core.journal.record import record
from app.core.questions import OWNER, Question
from app.core.scope import Scope, ScopeKind
from app.core.unit import Caller, Unit, run, unit
from app.identity.oidc.credentials import Secret
from app.identity.oidc.models import AppFamily, AppGrant, AppToken
from app.identity.oidc.names import ACCESS, ACTIVE, APP, REFRESH
from app.identity.oidc.rules import ACCESS_LIFE, KEPT, REFRESH_LIFE
from app.identity.oidc.scopes import OFFLINE, permissions_for
from app.identity.oidc.service import apps
from app.identity.oidc.service.apps import App
from app.identity.oidc.service.families import BEGUN, holds, revoke_family, subject

ACCESS_KIND = "access"
REFRESH_KIND = "refresh"
_KINDS = {ACCESS: ACCESS_KIND, REFRESH: REFRESH_KIND}

_NOW = bindparam("now", type_=DateTime(timezone=True))
_TOKENS, _FAMILIES, _GRANTS = (cast(Table, model.__table__) for model in (AppToken, AppFamily, AppGrant))
_GOOD = Question(
    ScopeKind.PERSON,
    select(
        *(_TOKENS.c[name] for name in ("kind", "secret_hash", "scopes", "issued_at", "expires_at")),
        _FAMILIES.c.tenant, _FAMILIES.c.app_id,
    )
    .select_from(_TOKENS)
    .join(_FAMILIES, and_(_FAMILIES.c.person_id == _TOKENS.c.person_id, _FAMILIES.c.id == _TOKENS.c.family_id))
    .join(_GRANTS, and_(_GRANTS.c.person_id == _TOKENS.c.person_id, _GRANTS.c.id == _FAMILIES.c.grant_id))
    .where(_TOKENS.c.person_id == bindparam(OWNER), _TOKENS.c.id == bindparam("of_id"))
    .where(_TOKENS.c.used_at.is_(None), _TOKENS.c.revoked_at.is_(None), _TOKENS.c.expires_at > _NOW)
    .where(_FAMILIES.c.revoked_at.is_(None), _FAMILIES.c.expires_at > _NOW, _GRANTS.c.state == ACTIVE),
)  # fmt: skip
"""What of a good token every request of an app is asked; `_is_good` says the same of one that is held."""


@dataclass(frozen=True)
class Issued:
    """Fresh tokens; the refresh token only where the person allowed it."""

    access: str = field(repr=False)
    refresh: str | None = field(repr=False)
    scopes: Collection[str]


@dataclass(frozen=True)
class Found:
    """A token that is good now."""

    scope: Scope
    app: PublicId
    kind: str
    scopes: Collection[str]
    issued_at: datetime
    expires_at: datetime


def issue(scope: Scope, family_id: uuid.UUID, app: App, request_id: str) -> Issued | None:
    """The first tokens of a family; None where it has ended already."""

    def work(opened: Unit) -> Issued | None:
        family = opened.get(AppFamily, family_id, lock=True)
        if family is None or not holds(opened, family):
            return None
        facts = {"app": str(app.id), "scopes": list(family.scopes)}
        record(opened, BEGUN, subject(opened, family), 1, facts)
        return _pair(opened, family, family.scopes)

    return run(scope, work, Caller(f"app:{app.id}", request_id))


def exchange(text: str, app: App, scopes: Collection[str], request_id: str) -> Issued | None:
    """The next tokens for the refresh token `text` of `app`, narrowed to `scopes` where some are named.

    None where it is not good. Used a second time it ends its family, whoever of the two was the thief
    (RFC 9700, 4.14.2); the family's row is the lock of that race.
    """
    token = Secret.parse(text, REFRESH)
    if token is None:
        return None

    def work(opened: Unit) -> Issued | None:
        known = _known(opened, token, app.id)
        if known is None:
            return None
        row, family = known
        if row.used_at is not None:
            revoke_family(opened, family, "refresh_token_used_twice")
        if row.expires_at <= opened.now or not holds(opened, family) or not set(scopes) <= set(family.scopes):
            return None
        row.used_at = opened.now
        return _pair(opened, family, sorted(scopes) or family.scopes)

    return run(token.id.scope, work, Caller(f"app:{app.id}", request_id))


def granted(text: str, app: App) -> Collection[str] | None:
    """What the refresh token `text` may be exchanged for; None where `app` has no such token. Decides nothing."""
    token = Secret.parse(text, REFRESH)
    if token is None:
        return None
    with unit(token.id.scope) as reading:
        known = _known(reading, token, app.id)
    return list(known[1].scopes) if known else None


def look(text: str) -> Found | None:
    """The good token `text`, of an app that may act now."""
    token = Secret.parse(text, ACCESS, REFRESH)
    if token is None:
        return None
    reading = Glance(token.id.scope)
    row = reading.ask(_GOOD, {"of_id": token.id.id, "now": reading.now})
    if row is None or row[0] != _KINDS[token.id.prefix] or not hmac.compare_digest(row[1], token.hash):
        return None
    kind, _, scopes, issued_at, expires_at, tenant, app_id = row
    app = PublicId(APP, Scope.for_tenant(tenant), app_id)
    return Found(token.id.scope, app, kind, scopes, issued_at, expires_at) if apps.may_act(app) else None


def revoke(text: str, app: App, request_id: str) -> None:
    """End the token `text` of `app`: a refresh token with its whole family, an access token alone (RFC 7009, 2.1)."""
    token = Secret.parse(text, ACCESS, REFRESH)
    if token is None:
        return

    def work(opened: Unit) -> None:
        known = _known(opened, token, app.id)
        if known is None or not _is_good(opened, *known):
            return
        row, family = known
        if row.kind == REFRESH_KIND:
            revoke_family(opened, family, "revoked_by_app")
        else:
            row.revoked_at = opened.now
            record(opened, "app_token.revoked", token.id, 1, {})

    run(token.id.scope, work, Caller(f"app:{app.id}", request_id))


def authenticate(text: str) -> Principal:
    """Who bears the access token `text` of an app: the app, in the person's scope, with what they allowed it.

    Raises Unauthenticated.
    """
    found = look(text) if Secret.parse(text, ACCESS) else None
    if found is None:
        raise Unauthenticated("the access token is not valid")
    return Principal(f"app:{found.app}", found.scope, permissions_for(found.scopes))


def _known(opened: Unit, token: Secret, app: PublicId) -> tuple[AppToken, AppFamily] | None:
    """The token's row and its family, which is held; only of `app`."""
    row = opened.get(AppToken, token.id.id)
    if row is None or row.kind != _KINDS[token.id.prefix] or not hmac.compare_digest(row.secret_hash, token.hash):
        return None
    family = opened.get(AppFamily, row.family_id, lock=True)
    if family is None or (family.tenant, family.app_id) != (app.scope.tenant, app.id):
        return None
    opened.session.refresh(row)  # as it is now that the family is held
    return row, family


def _is_good(opened: Unit, row: AppToken, family: AppFamily) -> bool:
    unspent = row.used_at is None and row.revoked_at is None and row.expires_at > opened.now
    return unspent and holds(opened, family)


def _pair(opened: Unit, family: AppFamily, scopes: Collection[str]) -> Issued:
    access = _one(opened, family, ACCESS, scopes, opened.now + ACCESS_LIFE)
    may_return = OFFLINE in family.scopes
    refresh = _one(opened, family, REFRESH, family.scopes, opened.now + REFRESH_LIFE) if may_return else None
    return Issued(access, refresh, scopes)


def _one(opened: Unit, family: AppFamily, prefix: str, scopes: Collection[str], until: datetime) -> str:
    token, expires_at = Secret.fresh(prefix, opened.scope), min(until, family.expires_at)
    opened.add(
        AppToken(
            id=token.id.id, family_id=family.id, kind=_KINDS[prefix], secret_hash=token.hash, scopes=list(scopes),
            issued_at=opened.now, expires_at=expires_at, due_at=expires_at + KEPT,
        )
    )  # fmt: skip
    return str(token)
