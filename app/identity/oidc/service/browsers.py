"""Browsers in which a person has signed in: begun with a fresh secret each time, ended with the sign-in."""

import hmac
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import delete, update

from app.core.errors import Unauthenticated
from app.core.journal.record import record
from app.core.ports import ports
from app.core.scope import Scope
from app.core.unit import Caller, Unit, run, unit
from app.identity.credentials import Bearer
from app.identity.models import PersonAccessToken
from app.identity.oidc.credentials import Secret
from app.identity.oidc.models import BrowserSession
from app.identity.oidc.names import BROWSER
from app.identity.repository import person_token
from app.identity.rules import SEEN_EVERY
from app.identity.service.sign_in import SignedIn
from app.identity.service.sign_ins import end_known
from app.identity.service.tokens import PERSON_LIFE, person_actor


@dataclass(frozen=True)
class Browser:
    """Who has signed in there, with which sign-in, when, and by which methods."""

    scope: Scope
    sign_in: uuid.UUID
    began_at: datetime
    methods: Sequence[str] = ()


@dataclass(frozen=True)
class Begun:
    """What the browser shall keep: the secret of its session, and that of the device where it has none yet."""

    secret: str = field(repr=False)
    device_token: str | None = field(repr=False)


def begin(signed_in: SignedIn, request_id: str) -> Begun:
    """The secrets for the cookies of a browser in which somebody has just signed in; nobody gets the access token.

    The session is always a new one, whatever the browser had before.
    """
    bearer = Bearer.parse(signed_in.access_token)
    if bearer is None:
        raise Unauthenticated
    secret = Secret.fresh(BROWSER, bearer.scope)

    def work(opened: Unit) -> Begun:
        until = opened.now + PERSON_LIFE
        opened.add(
            BrowserSession(
                id=secret.id.id, secret_hash=secret.hash, sign_in_id=bearer.id, began_at=opened.now, expires_at=until,
                due_at=until, methods=list(signed_in.methods) or None,
            )
        )  # fmt: skip
        record(opened, "browser_session.begun", secret.id, 1, {})
        return Begun(str(secret), signed_in.device_token)

    return run(bearer.scope, work, Caller(person_actor(bearer.scope), request_id))


def look(text: str) -> Browser | None:
    """The browser whose cookie is `text`, while its sign-in holds; that of somebody who signs in as staff too is signed
    out when it was idle for `staff_idle` of the ports.
    """
    secret = Secret.parse(text, BROWSER)
    if secret is None:
        return None
    with unit(secret.id.scope) as reading:
        row = _row(reading, secret)
        if row is None or row.expires_at <= reading.now or person_token(reading, row.sign_in_id) is None:
            return None
        idle = reading.now - (row.seen_at or row.began_at)
        if idle >= ports().staff_idle and _is_of_staff(reading):
            return None
        if idle >= SEEN_EVERY:
            _note_seen(reading, row.id)
    return Browser(secret.id.scope, row.sign_in_id, row.began_at, tuple(row.methods or ()))


def end(text: str, request_id: str) -> None:
    """Sign out of the browser whose cookie is `text`: its sign-in ends, and with it all that came from it."""
    secret = Secret.parse(text, BROWSER)
    if secret is None:
        return

    def work(opened: Unit) -> None:
        row = _row(opened, secret)
        if row is not None:
            end_known(opened, row.sign_in_id)
            mine = (BrowserSession.person_id == row.person_id, BrowserSession.id == row.id)
            opened.session.execute(delete(BrowserSession).where(*mine))
            record(opened, "browser_session.ended", secret.id, 2, {})

    run(secret.id.scope, work, Caller(person_actor(secret.id.scope), request_id))


def _note_seen(opened: Unit, id: uuid.UUID) -> None:
    """By a statement of its own: somebody may sign out there meanwhile, and nothing is left to be noted."""
    mine = (BrowserSession.person_id == opened.scope.require_person(), BrowserSession.id == id)
    opened.execute(update(BrowserSession).where(*mine).values(seen_at=opened.now))


def _is_of_staff(opened: Unit) -> bool:
    """Whether the unit's person has signed in as a member of a staff, as far as that is kept: some days."""
    as_staff = opened.select(PersonAccessToken).where(PersonAccessToken.staff_id.is_not(None))
    return opened.first(as_staff.limit(1)) is not None


def _row(opened: Unit, secret: Secret) -> BrowserSession | None:
    row = opened.get(BrowserSession, secret.id.id)
    return row if row is not None and hmac.compare_digest(row.secret_hash, secret.hash) else None
