"""Values that one person alone can have: reserved before their own row says that they have it, safe to repeat.

The key's row names who reserved it last; the truth is in that person's scope. So a crash between the two leaves a
reservation that nothing followed, and the next who asks for the value takes it over, once the reserver has had time
enough to finish and their scope says that they do not have it. Where nobody asks for it, the timer lets it go.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.dialects.postgresql import insert

from app.core.scope import Scope
from app.core.unit import Unit, run, unit
from app.residents.models import Card, IdentityNumber

GRACE = timedelta(minutes=2)
"""Longer than any request lives: for so long nobody asks whether a reservation was followed by anything."""
KEPT = timedelta(days=1)
"""After which the timer asks whether anything followed: far longer than any request lives."""
Reserved = IdentityNumber | Card


@dataclass(frozen=True)
class Reservation:
    """Who has reserved a value, and when last."""

    person_id: uuid.UUID
    at: datetime


def reserve(model: type[Reserved], key: str, person_id: uuid.UUID, holds: Callable[[Unit], bool]) -> bool:
    """Reserve the value `key` of `model` for the person, who has it then: True; False where somebody else has it.

    `holds` says in the scope of another reserver whether the value is theirs. Units of its own: called outside any.
    """
    scope = Scope.for_key(model.__tablename__, key)
    found = run(scope, lambda opened: _reserved(opened, model, key, person_id))
    if found.person_id == person_id:
        return True
    with unit(Scope.for_person(found.person_id)) as reading:
        if reading.now - found.at < GRACE or holds(reading):
            return False
    return run(scope, lambda opened: _taken_over(opened, model, key, found, person_id))


def reserver(model: type[Reserved], key: str) -> uuid.UUID | None:
    """Who reserved the value last; whether they have it, their own scope says."""
    with unit(Scope.for_key(model.__tablename__, key)) as reading:
        row = reading.first(reading.select(model))
    return row.person_id if row else None


def look_again(model: type[Reserved], key: str) -> None:
    """Have the timer ask again whether the value is its reserver's: they may have given it back."""
    run(Scope.for_key(model.__tablename__, key), lambda opened: _due_again(opened, model))


def let_go(model: type[Reserved], scope: Scope, holds: Callable[[Unit, str], bool]) -> int:
    """Delete the reservation of `scope` where it is due and nothing followed it; what is its reserver's stays.

    `holds` says in the reserver's scope whether the value `key` is theirs. Returns 0 where nothing was due.
    """
    with unit(scope) as reading:
        due = reading.first(reading.select(model).where(model.due_at <= reading.now))
    if due is None:
        return 0
    with unit(Scope.for_person(due.person_id)) as reading:
        is_held = holds(reading, due.key)
    run(scope, lambda opened: _decided(opened, model, due, is_held=is_held))
    return 1


def _due_again(opened: Unit, model: type[Reserved]) -> None:
    row = opened.first(opened.select(model).with_for_update())
    if row is not None:
        row.due_at = opened.now + KEPT


def _decided(opened: Unit, model: type[Reserved], found: Reserved, *, is_held: bool) -> None:
    """Unless somebody asked for the value, or gave it back, meanwhile."""
    row = opened.first(opened.select(model).with_for_update())
    if row is None or (row.reserved_at, row.due_at) != (found.reserved_at, found.due_at):
        return
    if is_held:
        row.due_at = None
    else:
        opened.session.delete(row)


def _reserved(opened: Unit, model: type[Reserved], key: str, person_id: uuid.UUID) -> Reservation:
    now = {"reserved_at": opened.now, "due_at": opened.now + KEPT}
    fresh = insert(model).values(key=key, person_id=person_id, **now)
    again = fresh.on_conflict_do_update(index_elements=["key"], set_=now, where=model.person_id == person_id)
    opened.session.execute(again)
    row = opened.session.scalars(opened.select(model)).one()
    return Reservation(row.person_id, row.reserved_at)


def _taken_over(opened: Unit, model: type[Reserved], key: str, found: Reservation, person_id: uuid.UUID) -> bool:
    row = opened.first(opened.select(model).with_for_update())
    if row is None:  # the timer let it go meanwhile
        return _reserved(opened, model, key, person_id).person_id == person_id
    if (row.person_id, row.reserved_at) == (found.person_id, found.at):
        row.person_id, row.reserved_at, row.due_at = person_id, opened.now, opened.now + KEPT
    return row.person_id == person_id
