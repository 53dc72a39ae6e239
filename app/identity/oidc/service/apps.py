"""Apps of a tenant: registered, found, reviewed when whoever answered for one has left, revoked."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, cast

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, OKPKey, RSAKey
from sqlalchemy import ColumnElement, Table, bindparam, select

from app.core.errors import Fault, InvalidInput, NotFound, WrongState
from app.core.glances import Glance
from app.core.ids import MalformedId, PublicId, new_id
from app.core.journal.record import record
from app.core.ports import ports
from app.core.questions import OWNER, Question
from app.core.scope import Scope, ScopeKind
from app.core.unit import Caller, Effect, Unit, run, unit
from app.identity.credentials import fingerprint, new_secret
from app.identity.oidc.models import OAuthApp
from app.identity.oidc.names import ACTIVE, APP, BY_KEY, REVOKED, SECRET_METHODS
from app.identity.oidc.rules import is_redirect_uri
from app.identity.oidc.scopes import SCOPES

LEAST_RSA = 2048


@dataclass(frozen=True)
class Wish:
    """An app as its tenant describes it."""

    name: str
    redirect_uris: Sequence[str]
    post_logout_redirect_uris: Sequence[str]
    scopes: Sequence[str]
    auth_method: str
    jwks: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Registered:
    """A fresh app and its secret, shown this once; None where it has none."""

    app: OAuthApp
    client_secret: str | None = field(repr=False)


@dataclass(frozen=True)
class App:
    """An active app as the provider needs it."""

    id: PublicId
    name: str
    redirect_uris: Collection[str]
    post_logout_redirect_uris: Collection[str]
    scopes: Collection[str]
    auth_method: str
    secret_hash: str | None = field(repr=False)
    jwks: Mapping[str, Any] | None

    @property
    def is_public(self) -> bool:
        """Whether it can keep no secret: whoever holds its id may be it."""
        return self.auth_method not in (*SECRET_METHODS, BY_KEY)


def register(scope: Scope, wish: Wish, by: Caller, effect: Effect | None = None) -> Registered:
    """Register an app of the tenant of `scope`; raises InvalidInput."""
    faults = tuple(_faults(wish))
    if faults:
        raise InvalidInput("the app cannot be registered so", faults=faults)

    def work(opened: Unit) -> Registered:
        secret = new_secret() if wish.auth_method in SECRET_METHODS else None
        row = opened.add(_row(opened, wish, secret))
        record(opened, "app.registered", row.public_id, row.version, {"scopes": list(row.scopes)})
        return Registered(row, secret)

    return run(scope, work, by, effect=effect)


def revoke(app_id: PublicId, by: Caller, effect: Effect | None = None) -> OAuthApp:
    """Revoke an app: none of its tokens is accepted from this commit on. Raises NotFound."""

    def work(opened: Unit) -> OAuthApp:
        row = opened.get(OAuthApp, app_id.id, lock=True)
        if row is None:
            raise NotFound
        if row.state == ACTIVE:
            row.state, row.version = REVOKED, row.version + 1
            record(opened, "app.revoked", app_id, row.version, {})
        return row

    return run(app_id.scope, work, by, effect=effect)


def ask_app_reviews(opened: Unit, actor: str) -> None:
    """List the apps for which `actor` answers for review: they go on until somebody else looked at them."""
    mine = (OAuthApp.state == ACTIVE, OAuthApp.registered_by == actor, OAuthApp.review_since.is_(None))
    for row in opened.all(opened.select(OAuthApp).where(*mine).order_by(OAuthApp.id).with_for_update()):
        row.review_since, row.version = opened.now, row.version + 1
        record(opened, "app.review_asked", row.public_id, row.version, {})


def review(app_id: PublicId, by: Caller, effect: Effect | None = None) -> OAuthApp:
    """Say that an app goes on, and answer for it from now on; raises NotFound, WrongState `nothing_to_review`."""

    def work(opened: Unit) -> OAuthApp:
        row = opened.get(OAuthApp, app_id.id, lock=True)
        if row is None:
            raise NotFound
        if row.review_since is None or row.state != ACTIVE:
            raise WrongState("no review of this app is due", code="nothing_to_review")
        row.registered_by, row.review_since, row.version = by.actor, None, row.version + 1
        record(opened, "app.reviewed", app_id, row.version, {})
        return row

    return run(app_id.scope, work, by, effect=effect)


def find(client_id: str) -> App | None:
    """The app called `client_id`, where it is active and its tenant may act."""
    try:
        known = PublicId.parse(client_id, APP)
        scope = Scope.for_tenant(known.scope.require_tenant())
    except (MalformedId, ValueError):
        return None
    with unit(scope) as reading:
        good = (OAuthApp.id == known.id, OAuthApp.state == ACTIVE, ports().tenant_may_act)
        query = reading.select(OAuthApp).where(*good).params({OWNER: scope.tenant})
        row = reading.first(query)
    if row is None:
        return None
    return App(
        known, row.name, frozenset(row.redirect_uris), frozenset(row.post_logout_redirect_uris), frozenset(row.scopes),
        row.auth_method, row.secret_hash, row.jwks,
    )  # fmt: skip


def may_act(app: PublicId) -> bool:
    """Whether tokens of `app` are accepted now: it is active, and its tenant may act."""
    return Glance(app.scope).ask(_of_active(ports().tenant_may_act), {"of_id": app.id}) is not None


@cache
def _of_active(tenant_may_act: ColumnElement[bool]) -> Question:
    apps = cast(Table, OAuthApp.__table__)
    good = (apps.c.tenant_id == bindparam(OWNER), apps.c.id == bindparam("of_id"), apps.c.state == ACTIVE)
    return Question(ScopeKind.TENANT, select(apps.c.id).where(*good, tenant_may_act))


def _row(opened: Unit, wish: Wish, secret: str | None) -> OAuthApp:
    return OAuthApp(
        id=new_id(), name=wish.name, redirect_uris=list(wish.redirect_uris),
        post_logout_redirect_uris=list(wish.post_logout_redirect_uris), scopes=sorted(set(wish.scopes)),
        auth_method=wish.auth_method, secret_hash=fingerprint(secret) if secret else None,
        jwks=dict(wish.jwks) if wish.jwks else None, state=ACTIVE, registered_by=opened.by.actor, version=1,
        created_at=opened.now,
    )  # fmt: skip


def _faults(wish: Wish) -> list[Fault]:
    faults = [
        Fault(f"/{name}", "redirect_uri", "https, or http to 127.0.0.1 or [::1], without a fragment")
        for name in ("redirect_uris", "post_logout_redirect_uris")
        if not all(map(is_redirect_uri, getattr(wish, name)))
    ]
    if not set(wish.scopes) <= set(SCOPES):
        faults.append(Fault("/scopes", "unknown_scope", "one of: " + ", ".join(sorted(SCOPES))))
    if (wish.auth_method == BY_KEY) != (wish.jwks is not None):
        faults.append(Fault("/jwks", "keys", "keys come with private_key_jwt, and with nothing else"))
    elif wish.jwks is not None and not are_public_keys(wish.jwks):
        faults.append(Fault("/jwks", "keys", "a JWK set of public keys: EC, OKP, or RSA of at least 2048 bits"))
    return faults


def are_public_keys(jwks: Mapping[str, Any]) -> bool:
    """Whether `jwks` is a JWK set of public keys by which signatures can be checked, and holds nothing secret."""
    try:
        keys = KeySet.import_key_set(dict(jwks)).keys  # type: ignore[arg-type]  # checked by reading it
    except (JoseError, ValueError, TypeError, KeyError, AttributeError):
        return False
    return bool(keys) and all(_is_public(key) for key in keys)


def _is_public(key: object) -> bool:
    if isinstance(key, RSAKey):
        return not key.is_private and key.raw_value.key_size >= LEAST_RSA
    return isinstance(key, ECKey | OKPKey) and not key.is_private
