"""Proving a second factor for a sign-in (step-up)."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from app.core.access import FRESH_FOR
from app.core.errors import Forbidden, Refused
from app.core.ids import PublicId
from app.core.journal.record import record
from app.core.scope import Scope
from app.core.unit import Caller, Unit, run
from app.identity.credentials import PERSON, TOKEN
from app.identity.errors import CodeNotAccepted, TooManyTries
from app.identity.factors import recovery, totp
from app.identity.factors.content import opened_secret
from app.identity.factors.freshness import MISSING, held
from app.identity.factors.models import Authenticator
from app.identity.factors.repository import (
    ACTIVE,
    authenticators,
    forgive,
    has_factor,
    seconds_to_wait,
    spend_step,
    spend_try,
)
from app.identity.factors.rules import OTP

AUTHENTICATOR_ID = "aut"


@dataclass(frozen=True)
class Proof:
    """That a sign-in proved a second factor: when, by what (`amr`, RFC 8176), and until when that is fresh."""

    method: str
    proved_at: datetime
    fresh_until: datetime


def prove(sign_in: uuid.UUID, code: str, by: Caller, scope: Scope) -> Proof | Refused:
    """Prove a second factor of the person of `scope` for their `sign_in`, with a code of an app or a recovery code.

    A wrong code is refused, counted and slows down the next try. Raises TooManyTries before that time, Forbidden
    `second_factor_missing` for who has none, Unauthenticated where the sign-in is not there.
    """

    def work(opened: Unit) -> Proof | Refused:
        if not has_factor(opened):
            raise Forbidden(MISSING, code="second_factor_missing")
        if not spend_try(opened):
            wait = seconds_to_wait(opened)
            raise TooManyTries("wrong codes came before; each one makes the pause longer", retry_after=wait)
        if not _is_right(opened, code, PublicId(TOKEN, scope, sign_in)):
            return Refused(CodeNotAccepted("each code is good once; ask your authenticator for the next one"))
        forgive(opened)
        return noted(opened, sign_in, OTP)

    return run(scope, work, by)


def is_shown(code: str, by: Caller, scope: Scope) -> bool:
    """Whether `code` is one of a second factor of the person of `scope`, who signs in; spent as in `prove`.

    False in a pause and where they have no factor, too: who is not in yet is not told which.
    """

    def work(opened: Unit) -> bool:
        if not has_factor(opened) or not spend_try(opened):
            return False
        if not _is_right(opened, code, PublicId(PERSON, scope, scope.require_person())):
            return False
        forgive(opened)
        return True

    return run(scope, work, by)


def noted(opened: Unit, sign_in: uuid.UUID, method: str) -> Proof:
    """Note on the sign-in that a second factor was proved now, by `method`; raises Unauthenticated."""
    row = held(opened, sign_in)
    row.proved_at, row.proved_by = opened.now, method
    return Proof(method, opened.now, opened.now + FRESH_FOR)


def subject(row: Authenticator) -> PublicId:
    """An authenticator's public id."""
    return PublicId(AUTHENTICATOR_ID, Scope.for_person(row.person_id), row.id)


def _is_right(opened: Unit, code: str, sign_in: PublicId) -> bool:
    if recovery.FORM.fullmatch(code):
        return recovery.spend(opened, code, sign_in)
    return any(_spends(opened, row, code, sign_in) for row in authenticators(opened, ACTIVE))


def _spends(opened: Unit, row: Authenticator, code: str, sign_in: PublicId) -> bool:
    step = totp.step_of(opened_secret(opened, row), code, opened.now)
    if step is None or not spend_step(opened, row.id, step):
        return False
    row.version += 1
    record(opened, "authenticator.used", subject(row), row.version, {"for": str(sign_in)})
    return True
