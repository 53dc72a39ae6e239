"""Whose passkey a credential is: reserved before one is made, asked when one is shown, let go when one is removed.

The truth is in the person's scope: a row here leads there, and a crash between the two leaves one that leads to
nothing, until the timer finds it.
"""

import uuid
from dataclasses import dataclass
from functools import partial

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from app.core.ids import new_id
from app.core.scope import Scope
from app.core.unit import Unit, database, run, unit
from app.identity.passkeys.ceremonies import text_of
from app.identity.passkeys.models import Passkey, PasskeyHolder
from app.identity.passkeys.names import REMOVED
from app.identity.passkeys.repository import removed
from app.identity.passkeys.rules import RESERVATION_KEPT


@dataclass(frozen=True)
class Holder:
    """A person, and which of their passkeys it is."""

    person_id: uuid.UUID
    passkey_id: uuid.UUID


def reserve(credential_id: bytes, person_id: uuid.UUID) -> uuid.UUID | None:
    """The id that the person's passkey with that credential has or shall have; None where it is somebody else's."""
    key = _key(credential_id)

    def work(opened: Unit) -> uuid.UUID | None:
        due = opened.now + RESERVATION_KEPT
        fresh = insert(PasskeyHolder).values(key=key, person_id=person_id, passkey_id=new_id(), due_at=due)
        again = fresh.on_conflict_do_update(
            index_elements=["key"], set_={"due_at": due}, where=PasskeyHolder.due_at.is_not(None)
        )
        opened.session.execute(again)
        row = opened.session.scalars(opened.select(PasskeyHolder)).one()
        return row.passkey_id if row.person_id == person_id else None

    return run(_scope(key), work)


def confirm(passkey: Passkey) -> None:
    """The passkey is there; its row is made again where the timer was quicker."""
    _confirm(_key(passkey.credential_id), Holder(passkey.person_id, passkey.id))


def find(credential_id: bytes) -> Holder | None:
    """Who may have a passkey with that credential; whether they do, their own scope says."""
    with unit(_scope(_key(credential_id))) as reading:
        row = reading.first(reading.select(PasskeyHolder))
    return Holder(row.person_id, row.passkey_id) if row else None


def let_reservation_go(scope: Scope) -> int:
    """Delete the reservation of `scope` where it is due and no passkey followed; returns 0 where nothing was due."""
    with unit(scope) as reading:
        due = reading.first(reading.select(PasskeyHolder).where(PasskeyHolder.due_at <= reading.now))
    if due is None:
        return 0
    with unit(Scope.for_person(due.person_id)) as reading:
        followed = reading.get(Passkey, due.passkey_id)
    if followed is not None and followed.state != REMOVED:
        _confirm(due.key, Holder(due.person_id, due.passkey_id))
    else:
        run(scope, partial(_let_go, key=due.key))
    return 1


def let_removed_go(scope: Scope) -> int:
    """Delete what is left of the removed passkeys of the person of `scope`; returns how many there were."""
    with unit(scope) as reading:
        gone = removed(reading)
    for passkey in gone:
        key = _key(passkey.credential_id)
        run(_scope(key), partial(_delete, key=key, passkey_id=passkey.id))
        run(scope, partial(_forget, id=passkey.id))
    return len(gone)


def let_all_go(scope: Scope) -> None:
    """Let no passkey lead to the person of `scope` any more, whose account ends; may be repeated."""
    with unit(scope) as reading:
        every = reading.all(reading.select(Passkey))
    for passkey in every:
        key = _key(passkey.credential_id)
        run(_scope(key), partial(_delete, key=key, passkey_id=passkey.id))


def _confirm(key: str, holder: Holder) -> None:
    held = {"person_id": holder.person_id, "passkey_id": holder.passkey_id, "due_at": None}
    fresh = insert(PasskeyHolder).values(key=key, **held)
    kept = fresh.on_conflict_do_update(
        index_elements=["key"], set_={"due_at": None}, where=PasskeyHolder.passkey_id == holder.passkey_id
    )
    run(_scope(key), lambda opened: opened.session.execute(kept))


def _delete(opened: Unit, key: str, passkey_id: uuid.UUID) -> None:
    mine = (PasskeyHolder.key == key, PasskeyHolder.passkey_id == passkey_id)
    opened.session.execute(delete(PasskeyHolder).where(*mine).execution_options(synchronize_session=False))


def _let_go(opened: Unit, key: str) -> None:
    """Unless somebody asked for it meanwhile, which puts its time off."""
    due = (PasskeyHolder.key == key, PasskeyHolder.due_at <= opened.now)
    opened.session.execute(delete(PasskeyHolder).where(*due).execution_options(synchronize_session=False))


def _forget(opened: Unit, id: uuid.UUID) -> None:
    mine = (Passkey.person_id == opened.scope.require_person(), Passkey.id == id, Passkey.state == REMOVED)
    opened.session.execute(delete(Passkey).where(*mine).execution_options(synchronize_session=False))


def _scope(key: str) -> Scope:
    return Scope.for_key(PasskeyHolder.__tablename__, key)


def _key(credential_id: bytes) -> str:
    return database().blind.digest("passkey", text_of(credential_id))
