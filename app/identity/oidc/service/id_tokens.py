"""What an app learns of a person: the ID token (OpenID Connect Core, 2) and the answer of `userinfo` (5.3)."""

from collections.abc import Collection
from typing import Any

from authlib.oidc.core.util import create_half_hash

from app.core.ids import PublicId
from app.core.scope import Scope
from app.core.unit import database
from app.identity.credentials import PERSON
from app.identity.oidc.rules import ID_TOKEN_LIFE
from app.identity.oidc.scopes import PHONE, PROFILE
from app.identity.oidc.service import keys
from app.identity.oidc.service.apps import App
from app.identity.oidc.service.codes import Redeemed
from app.identity.service.sign_in import read_me


def id_token(issuer: str, app: App, code: Redeemed, access_token: str) -> str:
    """The signed statement of who signed in, for `app` alone, and bound to the access token beside it."""
    now = int(database().clock.now().timestamp())
    claims: dict[str, Any] = {
        "iss": issuer, "sub": subject(code.scope), "aud": str(app.id), "iat": now,
        "exp": now + int(ID_TOKEN_LIFE.total_seconds()), "auth_time": int(code.auth_time.timestamp()),
        "at_hash": create_half_hash(access_token, keys.ALGORITHM).decode(),
    }  # fmt: skip
    known = {"nonce": code.nonce, "amr": list(code.methods)}
    return keys.sign({**claims, **{name: value for name, value in known.items() if value}})


def user_info(scope: Scope, scopes: Collection[str]) -> dict[str, Any]:
    """What the person of `scope` let be read of them."""
    me = read_me(scope)
    told: dict[str, Any] = {"sub": subject(scope)}
    if PROFILE in scopes:
        told["locale"] = me.locale
    if PHONE in scopes and me.phone:
        told.update(phone_number=me.phone, phone_number_verified=True)
    return told


def subject(scope: Scope) -> str:
    """How apps know the person of `scope`."""
    return str(PublicId(PERSON, scope, scope.require_person()))
