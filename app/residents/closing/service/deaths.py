"""A death, recorded by two operators on a certificate, and undone where it was a mistake.

When the second confirms it the account is closed at once: every sign-in ends, nobody acts for the person any more, and
the worker calls off what was to come. From then on only who has a legal title reads the record (see `family`).
"""

import uuid
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

import orjson
from sqlalchemy.exc import IntegrityError

from app.core.calendar import local_date
from app.core.errors import Forbidden, InvalidInput, NotFound, WrongState
from app.core.ids import PublicId, new_id
from app.core.journal.record import record
from app.core.scope import Scope
from app.core.unit import SYSTEM, Caller, Effect, Unit, database, run, unit
from app.identity.api import PERSON, Closed, close_account, locked_person, open_again
from app.residents.closing.models import DeathRecord
from app.residents.closing.service.ends import call_off
from app.residents.closing.service.erasing import give_up, is_erasing
from app.residents.family.rules import EndReason
from app.residents.family.service.papers import holder
from app.residents.family.service.representations import end_each
from app.residents.names import DEATH_ID
from tenants.api import PLATFORM, same_person, staff_in

PROPOSED, CONFIRMED, WITHDRAWN, UNDONE = "proposed", "confirmed", "withdrawn", "undone"
LEASE = timedelta(minutes=5)
"""Many times longer than what follows takes; after it another worker tries."""
STATES = (PROPOSED, CONFIRMED, WITHDRAWN, UNDONE)


@dataclass(frozen=True)
class Certificate:
    """What a death certificate says (居民死亡医学证明书)."""

    name: str = field(repr=False)
    number: str = field(repr=False)
    """Of the dead person's identity card."""
    certificate: str = field(repr=False)
    died_on: date


@dataclass(frozen=True)
class SeenDeath:
    """A death as the desk reads it."""

    id: PublicId
    name: str = field(repr=False)
    certificate: str = field(repr=False)
    died_on: date
    state: str
    proposed_at: datetime
    decided_at: datetime | None
    version: int


def propose(said: Certificate, by: Caller, effect: Effect | None = None) -> SeenDeath:
    """Note what a certificate says; nothing follows until another operator confirms it.

    Raises InvalidInput for a day to come, NotFound where nobody is verified by that number, WrongState
    `death_recorded`.
    """
    if said.died_on > local_date(database().clock.now()):
        raise InvalidInput("a day to come", code="died_on")
    person = holder(said.number)

    def work(opened: Unit) -> SeenDeath:
        open_ones = opened.select(DeathRecord).where(
            DeathRecord.resident_id == person, DeathRecord.state.in_((PROPOSED, CONFIRMED))
        )
        if opened.first(open_ones) is not None:
            raise _recorded()
        row = DeathRecord(
            id=new_id(), resident_id=person, state=PROPOSED, proposed_by=by.actor, proposed_at=opened.now, version=1
        )
        told = {"name": said.name, "certificate": said.certificate, "died_on": said.died_on.isoformat()}
        row.content = opened.cipher.seal(orjson.dumps(told), _place(row.id))
        opened.add(row)
        try:
            opened.flush()
        except IntegrityError as error:  # another operator was quicker
            raise _recorded() from error
        record(opened, "death.proposed", death_id(row), 1, _facts(row))
        return seen(opened, row)

    return run(PLATFORM, work, by, effect=effect)


def confirm(id: uuid.UUID, by: Caller, effect: Effect | None = None) -> SeenDeath:
    """The second operator has seen the certificate: the account is closed.

    Raises NotFound, Forbidden `own_proposal` for the one who proposed it, WrongState `death_state`, and
    `erasure_running` while the account is being erased, which is not stopped any more.
    """
    _refuse_erasing(id)

    def work(opened: Unit) -> SeenDeath:
        row = _locked(opened, id, PROPOSED)
        if same_person(opened, staff_in(row.proposed_by), staff_in(by.actor)):
            raise Forbidden("another operator confirms what you proposed", code="own_proposal")
        row.confirmed_by = by.actor
        return _moved(opened, row, CONFIRMED)

    made = run(PLATFORM, work, by, effect=effect)
    follow(PLATFORM)
    return made


def withdraw(id: uuid.UUID, by: Caller, effect: Effect | None = None) -> SeenDeath:
    """What was proposed is not so; raises NotFound, WrongState `death_state`."""
    return run(PLATFORM, lambda opened: _moved(opened, _locked(opened, id, PROPOSED), WITHDRAWN), by, effect=effect)


def undo(id: uuid.UUID, by: Caller, effect: Effect | None = None) -> SeenDeath:
    """The person lives: the account is open again, and titles in what they left end. Raises as `withdraw`.

    What was called off stays so, and the person signs in anew.
    """
    made = run(PLATFORM, lambda opened: _moved(opened, _locked(opened, id, CONFIRMED), UNDONE), by, effect=effect)
    follow(PLATFORM)
    return made


def follow(scope: Scope) -> int:
    """Do what follows from the deaths of the platform `scope` that were decided; returns how many."""
    done = 0
    while (taken := run(scope, _take)) is not None:
        id, person, state = taken
        if _follows(person, state):
            run(scope, partial(_followed, id=id, state=state))
            done += 1
    return done


def seen(opened: Unit, row: DeathRecord) -> SeenDeath:
    """`row` with what the certificate says."""
    told: dict[str, Any] = orjson.loads(opened.cipher.open(row.content, _place(row.id)))
    return SeenDeath(
        death_id(row), told["name"], told["certificate"], date.fromisoformat(told["died_on"]), row.state,
        row.proposed_at, row.decided_at, row.version,
    )  # fmt: skip


def death_id(row: DeathRecord) -> PublicId:
    """A death's public id."""
    return PublicId(DEATH_ID, PLATFORM, row.id)


def _take(opened: Unit) -> tuple[uuid.UUID, uuid.UUID, str] | None:
    due = opened.select(DeathRecord).where(DeathRecord.due_at <= opened.now).order_by(DeathRecord.due_at)
    row = opened.first(due.with_for_update(skip_locked=True))
    if row is None:
        return None
    row.due_at = opened.now + LEASE
    return row.id, row.resident_id, row.state


def _followed(opened: Unit, id: uuid.UUID, state: str) -> None:
    row = opened.get(DeathRecord, id, lock=True)
    if row is not None and row.state == state:
        row.due_at = None


def _follows(person: uuid.UUID, state: str) -> bool:
    """What follows for the account, done; False where it has to wait (see `_close`)."""
    if state != CONFIRMED:
        run(Scope.for_person(person), _open)
    elif run(Scope.for_person(person), _close):
        call_off(person, SYSTEM)
    else:
        return False
    return True


def _close(opened: Unit) -> bool:
    """The account of the unit's person, who died; nothing where that is done. False while it is being erased."""
    account = locked_person(opened)
    if account is None or account.closed_as is not None:
        return True
    if is_erasing(opened):
        return False
    give_up(opened, Closed.DECEASED.value)
    end_each(opened, EndReason.PERSON_DIED)
    close_account(opened, account, Closed.DECEASED)
    known = PublicId(PERSON, opened.scope, account.person_id)
    record(opened, "person.closed", known, account.version, {"as": Closed.DECEASED.value})
    return True


def _open(opened: Unit) -> None:
    account = locked_person(opened)
    if account is None or account.closed_as != Closed.DECEASED:
        return
    end_each(opened, EndReason.DEATH_UNDONE)
    open_again(opened, account)
    record(opened, "person.opened_again", PublicId(PERSON, opened.scope, account.person_id), account.version, {})


def _refuse_erasing(id: uuid.UUID) -> None:
    with unit(PLATFORM) as reading:
        row = reading.get(DeathRecord, id)
    if row is None:
        raise NotFound
    with unit(Scope.for_person(row.resident_id)) as reading:
        if is_erasing(reading):
            raise WrongState("the account is being erased; confirm it once that is done", code="erasure_running")


def _locked(opened: Unit, id: uuid.UUID, state: str) -> DeathRecord:
    row = opened.get(DeathRecord, id, lock=True)
    if row is None:
        raise NotFound
    if row.state != state:
        raise WrongState(f"the record is {row.state}", code="death_state")
    return row


def _moved(opened: Unit, row: DeathRecord, state: str) -> SeenDeath:
    row.state, row.decided_at, row.version = state, opened.now, row.version + 1
    row.due_at = None if state == WITHDRAWN else opened.now
    record(opened, f"death.{state}", death_id(row), row.version, _facts(row))
    return seen(opened, row)


def _recorded() -> WrongState:
    return WrongState("a death of this person is recorded already", code="death_recorded")


def _facts(row: DeathRecord) -> dict[str, str]:
    return {"resident": str(Scope.for_person(row.resident_id))}


def _place(id: uuid.UUID) -> str:
    return f"{PLATFORM}/death_records/content/{id}"
