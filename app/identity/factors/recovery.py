"""Recovery codes: for who has lost their authenticator. Each is good once; they are made anew as a whole."""

import base64
import re
import secrets
import uuid
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import delete

from app.core.errors import Forbidden
from app.core.ids import PublicId, new_id
from app.core.journal.record import record
from app.core.scope import Scope
from app.core.unit import Caller, Effect, Unit, run, unit
from app.identity.factors.freshness import MISSING, refuse_stale
from app.identity.factors.models import RecoveryCodes
from app.identity.factors.repository import has_factor, hold, recovery_codes
from app.identity.factors.rules import RECOVERY_CODES
from app.identity.notices.kinds import Kind
from app.identity.notices.telling import tell

CODES_ID = "rcs"
BYTES = 10
"""80 random bits a code: nothing to guess."""
FORM = re.compile(r"[A-Z2-7]{16}")


@dataclass(frozen=True)
class Left:
    """How many codes are left, of those made then; None where none were made."""

    left: int
    made_at: datetime | None


@dataclass(frozen=True)
class Made:
    """Fresh codes, which are shown this once."""

    codes: list[str] = field(repr=False)
    made_at: datetime


def make(sign_in: uuid.UUID, by: Caller, effect: Effect | None, scope: Scope) -> Made:
    """Make new codes for the person of `scope`; the former ones end.

    Raises SecondFactorRequired; Forbidden `second_factor_missing` without a second factor that they could replace.
    """

    def work(opened: Unit) -> Made:
        hold(opened)
        if not has_factor(opened):
            raise Forbidden(MISSING, code="second_factor_missing")
        refuse_stale(opened, sign_in)
        forget(opened)
        codes = [_spelled(base64.b32encode(secrets.token_bytes(BYTES)).decode()) for _ in range(RECOVERY_CODES)]
        hashes = [_hash(opened, code.replace("-", "")) for code in codes]
        row = opened.add(RecoveryCodes(id=new_id(), hashes=hashes, version=1, created_at=opened.now))
        record(opened, "recovery_codes.made", _subject(row), 1, {"left": len(codes)})
        tell(opened, Kind.RECOVERY_CODES_MADE)
        return Made(codes, opened.now)

    return run(scope, work, by, effect=effect)


def left(scope: Scope) -> Left:
    """How many codes the person of `scope` has left."""
    with unit(scope) as reading:
        row = recovery_codes(reading)
    return Left(len(row.hashes), row.created_at) if row else Left(0, None)


def spend(opened: Unit, code: str, sign_in: PublicId) -> bool:
    """Whether `code` is one that was not used yet, which it now is; the owner is told of the last one.

    Called under `hold` or its like.
    """
    row = recovery_codes(opened)
    digest = _hash(opened, code)
    if row is None or digest not in row.hashes:
        return False
    row.hashes, row.version = [one for one in row.hashes if one != digest], row.version + 1
    record(opened, "recovery_codes.used", _subject(row), row.version, {"left": len(row.hashes), "for": str(sign_in)})
    if not row.hashes:
        tell(opened, Kind.RECOVERY_CODES_USED_UP)
    return True


def forget(opened: Unit) -> None:
    """Delete the person's codes."""
    opened.flush()
    mine = delete(RecoveryCodes).where(RecoveryCodes.person_id == opened.scope.require_person())
    opened.session.execute(mine.execution_options(synchronize_session=False))


def _subject(row: RecoveryCodes) -> PublicId:
    return PublicId(CODES_ID, Scope.for_person(row.person_id), row.id)


def _hash(opened: Unit, code: str) -> str:
    return opened.blind.digest("recovery_code", f"{opened.scope.require_person()}:{code}")


def _spelled(code: str) -> str:
    return "-".join(code[at : at + 4] for at in range(0, len(code), 4))
