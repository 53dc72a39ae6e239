"""The statements over second factors; each is of the person to whom the unit is bound."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, cast, func, select, update
from sqlalchemy.dialects.postgresql import insert

from app.core.unit import Unit
from app.identity.factors.models import Authenticator, FactorTries, RecoveryCodes
from app.identity.factors.rules import DOUBLINGS, LONGEST_PAUSE
from app.identity.passkeys.models import Passkey
from app.identity.passkeys.repository import has_passkey

PENDING = "pending"
ACTIVE = "active"


def hold(unit: Unit) -> None:
    """Hold the person's tries until the unit ends, made where there are none: changes wait for each other."""
    fresh = insert(FactorTries).values(person_id=unit.scope.require_person(), misses=0, open_at=0)
    unit.session.execute(fresh.on_conflict_do_update(index_elements=["person_id"], set_={"misses": FactorTries.misses}))


def spend_try(unit: Unit) -> bool:
    """Count a try as a wrong one, and put off the next, in one statement; False, and nothing counted, in a pause.

    The row stays locked until the unit ends, so that of many guesses at once each waits for the one before.
    """
    now = int(unit.now.timestamp() * 1000)
    doubled = cast(func.power(2, func.least(FactorTries.misses, DOUBLINGS)), BigInteger)
    pause = func.least(doubled, LONGEST_PAUSE, type_=BigInteger()) * 1000
    mine = (FactorTries.person_id == unit.scope.require_person(), FactorTries.open_at <= now)
    change = update(FactorTries).where(*mine).values(misses=FactorTries.misses + 1, open_at=now + pause)
    return _changed(unit, change.returning(FactorTries.person_id))


def forgive(unit: Unit) -> None:
    """The try was no wrong one, and with it those before are forgotten."""
    change = update(FactorTries).where(FactorTries.person_id == unit.scope.require_person()).values(misses=0, open_at=0)
    unit.session.execute(change.execution_options(synchronize_session=False))


def seconds_to_wait(unit: Unit) -> int:
    """Seconds until the next try may be made, at least one: the pause may have ended since it was looked at."""
    opens = unit.session.scalar(select(FactorTries.open_at).where(FactorTries.person_id == unit.scope.require_person()))
    return max(1, -(-((opens or 0) - int(unit.now.timestamp() * 1000)) // 1000))


def spend_step(unit: Unit, authenticator: uuid.UUID, step: int) -> bool:
    """Note that the code of `step` was accepted; False where that one or a later one was before."""
    mine = (Authenticator.person_id == unit.scope.require_person(), Authenticator.id == authenticator)
    change = update(Authenticator).where(*mine, Authenticator.last_step < step)
    return _changed(unit, change.values(last_step=step).returning(Authenticator.id))


def authenticators(unit: Unit, *states: str) -> list[Authenticator]:
    """The person's authenticators in these states, oldest first."""
    query = unit.select(Authenticator).where(Authenticator.state.in_(states)).order_by(Authenticator.id)
    return unit.all(query.execution_options(populate_existing=True))


def has_factor(unit: Unit) -> bool:
    """Whether the person has a second factor that counts: an authenticator app or a passkey."""
    return bool(authenticators(unit, ACTIVE)) or has_passkey(unit)


def had_factor(unit: Unit, before: datetime) -> bool:
    """Whether one that counts now did so `before` that time."""
    passkey = unit.select(Passkey).where(Passkey.state == ACTIVE, Passkey.created_at < before)
    rows = authenticators(unit, ACTIVE)
    return any(row.confirmed_at and row.confirmed_at < before for row in rows) or unit.first(passkey) is not None


def recovery_codes(unit: Unit) -> RecoveryCodes | None:
    """The person's recovery codes."""
    return unit.first(unit.select(RecoveryCodes))


def _changed(unit: Unit, change: Any) -> bool:
    return unit.session.execute(change.execution_options(synchronize_session=False)).first() is not None
