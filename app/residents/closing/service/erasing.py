"""Erasing an account at its person's wish (PIPL, article 47): asked for, thought over, withdrawn or carried out.

The worker first notes, under the person's lock, that it begins: from then on nothing stops it, neither the person nor
their death. Then it goes on in steps that may each be repeated: what lies outside the person's scope (the phone's
login, the identity number, cards, exports, rights to act for others), and, in one unit, everything within it. What the
law has others keep stays with them; the journal is never changed.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlalchemy import delete

from app.core.errors import Forbidden, NotFound, WrongState
from app.core.ids import PublicId, new_id
from app.core.journal.record import Outgoing, record
from app.core.scope import Scope
from app.core.unit import Caller, Effect, Unit, run, unit
from app.edge.closing import Blocker
from app.identity.api import PERSON, Closed, close_account, locked_person, refuse_unattended
from app.residents.closing.models import Erasure
from app.residents.closing.service.ends import blockers, erase_outside, erased_tables, whose
from app.residents.family.rules import ENDED_KEPT, EndReason
from app.residents.family.service.representations import end_each
from app.residents.names import ERASURE_ID, ERASURE_RELAY

TERMS = "2"
"""The version of `KEPT`, as people read it: another one when what is kept, or for how long, changes."""
COOLING = timedelta(days=7)
AGAIN = timedelta(days=1)
"""When to look again where something was in the way that had begun meanwhile."""
LEASE = timedelta(minutes=5)
"""Many times longer than erasing takes; after it another worker tries."""
COOLED, ERASING, WITHDRAWN, DONE = "cooling", "erasing", "withdrawn", "done"
STATES = (COOLED, ERASING, WITHDRAWN, DONE)
OPEN = (COOLED, ERASING)
log = structlog.get_logger()


@dataclass(frozen=True)
class SeenErasure:
    """A wish to have one's account erased."""

    state: str
    asked_at: datetime
    due_at: datetime | None
    """When it is carried out."""
    version: int


def ask(person: uuid.UUID, sign_in: uuid.UUID | None, terms: str, by: Caller, effect: Effect | None) -> SeenErasure:
    """Wish for it; the person has just proved who they are (see `refuse_unattended`) and has read version `terms`.

    Raises WrongState `terms_changed`, `erasure_blocked` naming what has to end first, and `erasure_running`.
    """
    if terms != TERMS:
        raise WrongState("what is kept has changed; read it again", code="terms_changed")
    refuse_blocked(blockers(person))

    def work(opened: Unit) -> SeenErasure:
        if sign_in is None:
            raise Forbidden("only the person themself asks for this")
        refuse_unattended(opened, sign_in)
        locked_person(opened)
        if _held(opened, *OPEN) is not None:
            raise WrongState("your account is about to be erased already", code="erasure_running")
        row = opened.add(
            Erasure(id=new_id(), state=COOLED, terms=terms, asked_at=opened.now, due_at=opened.now + COOLING, version=1)
        )
        record(opened, "erasure.asked", _subject(row, opened.scope), 1, {"terms": terms})
        return seen(row)

    return run(Scope.for_person(person), work, by, effect=effect)


def withdraw(person: uuid.UUID, by: Caller, effect: Effect | None = None) -> SeenErasure:
    """Keep the account after all; raises NotFound where nothing was asked for, or the worker has begun."""

    def work(opened: Unit) -> SeenErasure:
        row = _held(opened, COOLED)
        if row is None:
            raise NotFound
        _end(opened, row, WITHDRAWN)
        record(opened, "erasure.withdrawn", _subject(row, opened.scope), row.version, {})
        return seen(row)

    return run(Scope.for_person(person), work, by, effect=effect)


def is_erasing(opened: Unit) -> bool:
    """Whether the worker has begun to erase the account of the unit's person, and is not done."""
    return opened.first(opened.select(Erasure).where(Erasure.state == ERASING)) is not None


def give_up(opened: Unit, closed: str) -> None:
    """End the wish of the unit's person, held, that waits: their account is `closed` otherwise."""
    row = _held(opened, COOLED)
    if row is not None:
        _end(opened, row, WITHDRAWN)
        record(opened, "erasure.withdrawn", _subject(row, opened.scope), row.version, {"closed": closed})


def latest(person: uuid.UUID) -> SeenErasure | None:
    """The last wish of the person."""
    with unit(Scope.for_person(person)) as reading:
        row = reading.first(reading.select(Erasure).order_by(Erasure.id.desc()))
        return seen(row) if row else None


def refuse_blocked(found: list[Blocker]) -> None:
    """Raise WrongState `erasure_blocked`, whose sentence lists what is in the way."""
    if found:
        listed = ", ".join(f"{one.code} {one.subject}" if one.subject else one.code for one in found)
        raise WrongState(f"these have to end first: {listed}", code="erasure_blocked")


def erase_due(scope: Scope) -> int:
    """Carry out, or forget, the wish that is due in the person's `scope`; returns whether there was one."""
    person, state = scope.require_person(), run(scope, _take)
    if state is None:
        return 0
    if state not in OPEN:
        run(scope, _forget)
    elif state == COOLED and blockers(person):
        run(scope, _put_off)
    elif run(scope, begin):
        erase_outside(person)
        tenants = whose(person).tenants
        run(scope, partial(_erase, tenants=tenants))
        log.info("account_erased")
    return 1


def begin(opened: Unit) -> bool:
    """Whether the account of the unit's person is erased from now on; not where they withdrew, or died, meanwhile."""
    account, row = locked_person(opened), _held(opened, *OPEN)
    if account is None or row is None:
        return False
    if row.state == COOLED and account.closed_as is not None:
        give_up(opened, account.closed_as)
        return False
    if row.state == COOLED:
        row.state, row.version = ERASING, row.version + 1
        record(opened, "erasure.begun", _subject(row, opened.scope), row.version, {})
    return True


def seen(row: Erasure) -> SeenErasure:
    """`row` as its person reads it."""
    return SeenErasure(row.state, row.asked_at, row.due_at if row.state == COOLED else None, row.version)


def _take(opened: Unit) -> str | None:
    due = opened.select(Erasure).where(Erasure.due_at <= opened.now).order_by(Erasure.due_at)
    row = opened.first(due.with_for_update(skip_locked=True))
    if row is None:
        return None
    if row.state in OPEN:
        row.due_at = opened.now + LEASE
    return row.state


def _put_off(opened: Unit) -> None:
    row = _held(opened, COOLED)
    if row is not None:
        row.due_at, row.version = opened.now + AGAIN, row.version + 1
        record(opened, "erasure.put_off", _subject(row, opened.scope), row.version, {})


def _erase(opened: Unit, tenants: Iterable[int]) -> None:
    """Everything of the person's scope in one unit; nothing where another worker was quicker.

    The tenants that keep something about the person are told, so that they know when its time is over.
    """
    account, row = locked_person(opened), _held(opened, ERASING)
    if account is None or row is None:
        return
    end_each(opened, EndReason.ACCOUNT_ERASED)
    close_account(opened, account, Closed.ERASED)
    _end(opened, row, DONE)
    known = PublicId(PERSON, opened.scope, account.person_id)
    relays = [Outgoing(Scope.for_tenant(tenant), ERASURE_RELAY, {}) for tenant in tenants]
    record(opened, "person.erased", known, account.version, {"terms": row.terms}, relays)
    opened.flush()
    for table in erased_tables():
        opened.execute(delete(table).where(table.c.person_id == account.person_id))


def _forget(opened: Unit) -> None:
    mine = (Erasure.person_id == opened.scope.require_person(), Erasure.state.not_in(OPEN))
    gone = delete(Erasure).where(*mine, Erasure.due_at <= opened.now)
    opened.session.execute(gone.execution_options(synchronize_session=False))


def _held(opened: Unit, *states: str) -> Erasure | None:
    """The wish of the unit's person that is in one of these states, held."""
    return opened.first(opened.select(Erasure).where(Erasure.state.in_(states)).with_for_update())


def _end(opened: Unit, row: Erasure, state: str) -> None:
    row.state, row.ended_at, row.due_at, row.version = state, opened.now, opened.now + ENDED_KEPT, row.version + 1


def _subject(row: Erasure, scope: Scope) -> PublicId:
    return PublicId(ERASURE_ID, scope, row.id)
