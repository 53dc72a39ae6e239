"""Authorization codes: given with a person's consent, taken once; who shows one again ends what came of it."""

import hmac
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import delete

from app.core.ids import PublicId
from app.core.scope import Scope
from app.core.unit import Caller, Unit, run
from app.identity.oidc.credentials import Secret
from app.identity.oidc.models import AppFamily, AuthorizationCode
from app.identity.oidc.names import CODE
from app.identity.oidc.rules import CODE_LIFE, FAMILY_LIFE, KEPT
from app.identity.oidc.service.apps import App
from app.identity.oidc.service.families import revoke_family
from app.identity.oidc.service.grants import Consent, allow
from app.identity.service.tokens import person_actor


@dataclass(frozen=True)
class Asked:
    """What an app asked for in its authorization request, as far as the token endpoint needs it again."""

    redirect_uri: str
    challenge: str
    nonce: str | None


@dataclass(frozen=True)
class Redeemed:
    """A code that was taken; Authlib reads it."""

    scope: Scope
    family_id: uuid.UUID
    redirect_uri: str
    scopes: Sequence[str]
    code_challenge: str = field(repr=False)
    nonce: str | None
    auth_time: datetime
    methods: Sequence[str]
    code_challenge_method: str = "S256"

    def get_redirect_uri(self) -> str:
        """Where the code was sent."""
        return self.redirect_uri

    def get_scope(self) -> str:
        """What was granted."""
        return " ".join(self.scopes)


def give(
    scope: Scope, consent: Consent, asked: Asked, auth_time: datetime, request_id: str, methods: Sequence[str] = ()
) -> str:
    """A code for the app, in one unit with the grant that the person of `scope` gives it, who signed in at `auth_time`
    by `methods`.
    """

    def work(opened: Unit) -> str:
        grant = allow(opened, consent)
        code = Secret.fresh(CODE, scope)
        opened.add(
            AuthorizationCode(
                id=code.id.id, grant_id=grant.id, app_id=consent.app.id.id, secret_hash=code.hash,
                redirect_uri=asked.redirect_uri, scopes=sorted(consent.scopes), challenge=asked.challenge,
                nonce=asked.nonce, auth_time=auth_time, methods=list(methods) or None,
                expires_at=opened.now + CODE_LIFE, due_at=opened.now + CODE_LIFE,
            )
        )  # fmt: skip
        return str(code)

    return run(scope, work, Caller(person_actor(scope), request_id))


def redeem(text: str, app: App, request_id: str) -> Redeemed | None:
    """Take the code `text` of `app`; None where it is none, has ended, or was taken before.

    In the last case everything that came of it ends (RFC 6749, 4.1.2). The family begins in the unit that takes the
    code, so that a second try always finds it.
    """
    code = Secret.parse(text, CODE)
    if code is None:
        return None

    def work(opened: Unit) -> Redeemed | None:
        row = _take(opened, code, app.id)
        if row is None:
            _end_replayed(opened, code)
        return _begun(opened, row, app.id) if row and row.expires_at > opened.now else None

    return run(code.id.scope, work, Caller(f"app:{app.id}", request_id))


def _take(opened: Unit, code: Secret, app: PublicId) -> AuthorizationCode | None:
    person = opened.scope.require_person()
    mine = (AuthorizationCode.person_id == person, AuthorizationCode.id == code.id.id)
    fits = (AuthorizationCode.app_id == app.id, AuthorizationCode.secret_hash == code.hash)
    taking = delete(AuthorizationCode).where(*mine, *fits).returning(AuthorizationCode)
    return opened.session.scalars(taking.execution_options(synchronize_session=False)).one_or_none()


def _end_replayed(opened: Unit, code: Secret) -> None:
    family = opened.get(AppFamily, code.id.id, lock=True)
    if family is not None and hmac.compare_digest(family.code_hash, code.hash):
        revoke_family(opened, family, "code_used_twice")


def _begun(opened: Unit, row: AuthorizationCode, app: PublicId) -> Redeemed:
    opened.add(
        AppFamily(
            id=row.id, grant_id=row.grant_id, app_id=app.id, tenant=app.scope.require_tenant(),
            code_hash=row.secret_hash, scopes=row.scopes, begun_at=opened.now, expires_at=opened.now + FAMILY_LIFE,
            due_at=opened.now + FAMILY_LIFE + KEPT,
        )
    )  # fmt: skip
    return Redeemed(
        opened.scope, row.id, row.redirect_uri, row.scopes, row.challenge, row.nonce, row.auth_time,
        tuple(row.methods or ()),
    )  # fmt: skip
