"""The statements over passwords and tries."""

from sqlalchemy import BigInteger, cast, delete, func, update
from sqlalchemy.dialects.postgresql import insert

from app.core.unit import Unit
from app.identity.factors.rules import DOUBLINGS, LONGEST_PAUSE
from app.identity.passwords.models import Password, SignInTries
from app.identity.passwords.rules import TRIES_KEPT


def password(unit: Unit, *, lock: bool = False) -> Password | None:
    """The password of the unit's person, with `lock` held until its end."""
    query = unit.select(Password).execution_options(populate_existing=True)
    return unit.first(query.with_for_update() if lock else query)


def drop_password(unit: Unit) -> None:
    """Delete the password of the unit's person."""
    unit.flush()
    mine = delete(Password).where(Password.person_id == unit.scope.require_person())
    unit.session.execute(mine.execution_options(synchronize_session=False))


def spend_try(unit: Unit, key: str) -> bool:
    """Count a try for `key` as a wrong one, and put off the next, in one statement; False, and nothing counted, in a
    pause. Each wrong one doubles the pause, up to `LONGEST_PAUSE` seconds.
    """
    now, forgotten = int(unit.now.timestamp() * 1000), unit.now + TRIES_KEPT
    fresh = insert(SignInTries).values(key=key, misses=1, open_at=now + 1000, due_at=forgotten)
    doubled = cast(func.power(2, func.least(SignInTries.misses, DOUBLINGS)), BigInteger)
    pause = func.least(doubled, LONGEST_PAUSE, type_=BigInteger()) * 1000
    counted = fresh.on_conflict_do_update(
        index_elements=["key"],
        set_={"misses": SignInTries.misses + 1, "open_at": now + pause, "due_at": forgotten},
        where=SignInTries.open_at <= now,
    )
    return unit.session.execute(counted.returning(SignInTries.key)).first() is not None


def seconds_to_wait(unit: Unit) -> int:
    """Seconds until the next try of the unit's key may be made, at least one: the pause may have ended meanwhile."""
    row = unit.first(unit.select(SignInTries))
    return max(1, -(-((row.open_at if row else 0) - int(unit.now.timestamp() * 1000)) // 1000))


def forgive(unit: Unit, key: str) -> None:
    """The try was no wrong one, and with it those before are forgotten."""
    change = update(SignInTries).where(SignInTries.key == key).values(misses=0, open_at=0)
    unit.session.execute(change.execution_options(synchronize_session=False))
