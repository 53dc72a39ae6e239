"""A person adds an authenticator, confirms it with its first code, and removes it."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import delete

from app.core.errors import NotFound, WrongState
from app.core.ids import PublicId, new_id
from app.core.journal.record import record
from app.core.scope import Scope
from app.core.unit import Caller, Effect, Unit, run, unit
from app.edge.paging import Keyset, Page
from app.identity.errors import CodeNotAccepted
from app.identity.factors import recovery, totp
from app.identity.factors.content import opened_secret, sealed_secret
from app.identity.factors.freshness import refuse_stale, refuse_unattended
from app.identity.factors.models import Authenticator
from app.identity.factors.proving import noted, subject
from app.identity.factors.repository import ACTIVE, PENDING, authenticators, has_factor, hold
from app.identity.factors.rules import CONFIRMED_WITHIN, MOST, OTP
from app.identity.notices.kinds import Kind
from app.identity.notices.telling import tell

_LIST = Keyset("authenticators", (Authenticator.id,), descending=True)


@dataclass(frozen=True)
class Added:
    """A fresh authenticator and its secret, which is shown this once."""

    authenticator: Authenticator
    secret: str = field(repr=False)
    otpauth_uri: str = field(repr=False)


def add(sign_in: uuid.UUID, name: str, by: Caller, effect: Effect | None, scope: Scope) -> Added:
    """Add an authenticator to the person of `scope`; it counts once it is confirmed.

    Raises SecondFactorRequired where they have one already, FreshSignInRequired where they have none and signed in a
    while ago, WrongState `too_many_authenticators`.
    """

    def work(opened: Unit) -> Added:
        hold(opened)
        refuse_unattended(opened, sign_in)
        if len(authenticators(opened, PENDING, ACTIVE)) >= MOST:
            raise WrongState("remove one that you do not use any more", code="too_many_authenticators")
        secret, id = totp.new_secret(), new_id()
        row = opened.add(
            Authenticator(
                id=id, name=name, secret=sealed_secret(opened, id, secret), state=PENDING, last_step=0, version=1,
                created_at=opened.now, due_at=opened.now + CONFIRMED_WITHIN,
            )
        )  # fmt: skip
        record(opened, "authenticator.added", subject(row), 1, {})
        return Added(row, totp.text_of(secret), totp.uri_of(secret, name))

    return run(scope, work, by, effect=effect)


def confirm(known: PublicId, sign_in: uuid.UUID, code: str, by: Caller, effect: Effect | None) -> Authenticator:
    """Let an authenticator count from now on, having shown its first code, which proves it for `sign_in` as well.

    Raises NotFound, WrongState where it counts already, SecondFactorRequired, FreshSignInRequired, CodeNotAccepted. A
    wrong code is not counted: who asks was shown the secret.
    """

    def work(opened: Unit) -> Authenticator:
        hold(opened)
        row = _held(opened, known)
        if row.state == ACTIVE:
            raise WrongState("it was confirmed before", code="authenticator_active")
        refuse_unattended(opened, sign_in)
        step = totp.step_of(opened_secret(opened, row), code, opened.now)
        if step is None:
            raise CodeNotAccepted("take the code that the app shows now, and see that its clock is right")
        row.state, row.confirmed_at, row.due_at, row.last_step = ACTIVE, opened.now, None, step
        row.version += 1
        noted(opened, sign_in, OTP)
        record(opened, "authenticator.confirmed", subject(row), row.version, {})
        tell(opened, Kind.FACTOR_ADDED, subject(row))
        return row

    return run(known.scope, work, by, effect=effect)


def remove(known: PublicId, sign_in: uuid.UUID, by: Caller, effect: Effect | None) -> Authenticator:
    """Delete an authenticator; with the last second factor go the recovery codes. Raises NotFound,
    SecondFactorRequired.
    """

    def work(opened: Unit) -> Authenticator:
        hold(opened)
        row = _held(opened, known)
        refuse_stale(opened, sign_in)
        mine = (Authenticator.person_id == row.person_id, Authenticator.id == row.id)
        opened.session.execute(delete(Authenticator).where(*mine).execution_options(synchronize_session=False))
        if not has_factor(opened):
            recovery.forget(opened)
        record(opened, "authenticator.removed", subject(row), row.version + 1, {})
        if row.state == ACTIVE:
            tell(opened, Kind.FACTOR_REMOVED, subject(row))
        return row

    return run(known.scope, work, by, effect=effect)


def listed(scope: Scope, asked: Mapping[str, Any]) -> Page[Authenticator]:
    """The authenticators of the person of `scope`, newest first."""
    with unit(scope) as reading:
        return _LIST.page(reading, reading.select(Authenticator), asked)


def _held(opened: Unit, known: PublicId) -> Authenticator:
    row = opened.get(Authenticator, known.id, lock=True)
    if row is None:
        raise NotFound
    return row
