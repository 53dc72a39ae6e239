"""The whole transaction rule: one unit is one transaction with one scope, committed at its end and nowhere else.

`run` reopens a unit that lost a deadlock or a serialization race, so its work has no effect outside the database;
what must happen outside is a durable job or a relay. Units follow one another and are never nested.
"""

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from typing import Any, Protocol, TypeVar, cast

from psycopg.pq import TransactionStatus
from sqlalchemy import Connection, Engine, Executable, Insert, Select, Table, bindparam, insert, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.core.clock import Clock
from app.core.crypto import BlindIndex, Cipher
from app.core.db import KEY_COLUMN, Base, Placement, ResidentView
from app.core.questions import Answer, Question
from app.core.scope import Scope, ScopeKind
from app.core.statements import Found, execute, execute_each
from app.core.wake import Wake, silent

Row = TypeVar("Row", bound=Base)
Result = TypeVar("Result")

RERUNS = 3
SELECTS_KEPT = 1000
"""So many beginnings of SELECTs over one table in one scope are kept, a few megabytes."""
RERUN_STATES = ("40P01", "40001")
"""deadlock_detected and serialization_failure: the database undid the work and asks for it again."""
PASSING_STATES = (
    *RERUN_STATES, "55P03", "57014", "57P01", "57P02", "57P03", "25P03", "25P04", "25006", "53100", "53200", "53300",
    "58030",
)  # fmt: skip
"""Troubles of the database that pass: locks and statements that took too long, a server that stops, starts or only
reads, a full disk or memory, too many connections, a transaction that idled or lasted too long."""


class BrokenUnit(Exception):
    """The unit went on after a statement of it had failed; nothing of it was kept."""


@dataclass(frozen=True)
class Caller:
    """On whose behalf a unit runs; written into every entry that it makes."""

    actor: str
    """Kind and public id (`client:cli_...`, `staff:...`, `person:...`) or `system:<process>`."""
    request_id: str = ""
    roles: tuple[str, ...] = ()
    """The roles in which a member of a staff acts; nobody else has any."""
    behalf: str = ""
    """The person for whom the actor acts, where that is somebody else: `person:per_...`."""


SYSTEM = Caller("system:worker")


@dataclass(frozen=True)
class Database:
    """What a unit needs from the process: an engine whose statements are fenced, a clock, the key ring."""

    engine: Engine
    clock: Clock
    cipher: Cipher
    blind: BlindIndex
    wake: Wake = silent
    """Called after each commit that made an entry."""


class Effect(Protocol):
    """Makes a unit safe to ask for twice: runs first and last inside it (see `idempotency`)."""

    def before(self, unit: "Unit") -> None:
        """Take the caller's key, or raise `Replayed` where its answer is already known."""
        ...

    def after(self, unit: "Unit", result: Any) -> None:
        """Keep the answer with the key, in the same commit."""
        ...


class Unit:
    """An open transaction bound to one scope."""

    def __init__(self, database: Database, scope: Scope, by: Caller, connection: Connection) -> None:
        """Only `unit` and `run` make units."""
        self.scope = scope
        self.by = by
        self.cipher = database.cipher
        self.blind = database.blind
        self.clock = database.clock
        self.now: datetime = database.clock.now()
        self._connection = connection
        self._session: Session | None = None
        self._entries: dict[Insert, list[Mapping[str, Any]]] = {}

    @property
    def session(self) -> Session:
        """The ORM's session inside this transaction, which it does not end; made when it is first asked for."""
        if self._session is None:
            self._session = Session(self._connection, expire_on_commit=False)
        return self._session

    @property
    def recorded(self) -> bool:
        """Whether this unit makes a journal entry."""
        return bool(self._entries)

    def execute(self, statement: Executable, values: Mapping[str, Any] | None = None) -> Found:
        """Run a statement over tables past the session, which costs as much again; what was added is written first.

        One that is given `values` was built once and is kept: it goes the shortest way (see `statements`).
        """
        self.flush()
        if values is None:
            return self._connection.execute(statement)
        return execute(self._connection, statement, values)

    def ask(self, question: Question, values: Mapping[str, Any]) -> Answer | None:
        """The answer to `question` with those values beside the owner; None where there is no such row."""
        return self.execute(question.statement, {**values, question.owner: self._owner()}).first()

    def execute_each(self, statement: Executable, rows: Sequence[Mapping[str, Any]]) -> None:
        """Run a statement that was built once with each of `rows`, which all have the same names."""
        self.flush()
        execute_each(self._connection, statement, rows)

    def flush(self) -> None:
        """Write what was added and changed so far."""
        if self._session is not None:
            self._session.flush()

    def write(self, row: Row) -> Row:
        """Insert `row` at once and for good, and return it: changes that follow are not written, unlike after `add`."""
        self._own(row)
        table = cast(Table, row.__table__)
        values = {column.key: getattr(row, column.key) for column in table.columns}
        self.execute(_insert(table), {name: value for name, value in values.items() if value is not None})
        return row

    def enter(self, statement: Insert, entry: Mapping[str, Any]) -> None:
        """Insert a journal entry at the end of this unit, together with its others; for `record` alone."""
        self._entries.setdefault(statement, []).append(entry)

    def add(self, row: Row) -> Row:
        """Add `row` to the scope of this unit, whose owner it gets, and return it."""
        self._own(row)
        self.session.add(row)
        return row

    def select(self, model: type[Row]) -> Select[Row]:
        """A SELECT of `model` that is pinned to this unit's scope."""
        resident = self.scope.resident if model.resident_view is ResidentView.OWN else None
        query: Select[Row] = _of_scope(model, KEY_COLUMN[Placement(self.scope.kind)], self._owner(), resident)
        return query

    def get(self, model: type[Row], id: uuid.UUID, *, lock: bool = False) -> Row | None:
        """The row of this scope with that id, or None; with `lock`, held until the unit ends."""
        values: dict[str, Any] = {"owner": self._owner(), "of_id": id}
        narrowed = self.scope.resident is not None and model.resident_view is ResidentView.OWN
        if narrowed:
            values["of_resident"] = self.scope.resident
        query = _by_id(model, KEY_COLUMN[Placement(self.scope.kind)], narrowed=narrowed, lock=lock)
        return self.session.scalars(query, values).one_or_none()

    def all(self, query: Select[Row]) -> list[Row]:
        """Every row of `query`."""
        return list(self.session.scalars(query))

    def first(self, query: Select[Row]) -> Row | None:
        """The first row of `query`, or None."""
        return self.session.scalars(query.limit(1)).first()

    def finish(self) -> None:
        """Write what is left to be written; raises BrokenUnit. `unit` calls it, before the commit."""
        if self._session is not None:
            self._session.commit()  # a flush, and an error where an earlier one failed: the transaction is not its own
        _refuse_broken(self._connection)
        for statement, entries in self._entries.items():
            execute_each(self._connection, statement, entries)

    def close(self) -> None:
        """Let go of what the session loaded; `unit` calls it."""
        if self._session is not None:
            self._session.close()

    def _own(self, row: Base) -> None:
        column = KEY_COLUMN[Placement(self.scope.kind)]
        if getattr(row, column) is None:
            setattr(row, column, self._owner())

    def _owner(self) -> Any:
        if self.scope.kind is ScopeKind.TENANT:
            return self.scope.tenant
        if self.scope.kind is ScopeKind.PERSON:
            return self.scope.person
        return str(self.scope.key).partition(":")[2]


@cache
def _by_id(model: type[Any], owner: str, *, narrowed: bool, lock: bool) -> Select[Any]:
    """One row by its id, built once for each model: building a statement costs more than running it."""
    query = select(model).where(getattr(model, owner) == bindparam("owner"), model.id == bindparam("of_id"))
    if narrowed:
        query = query.where(model.resident_id == bindparam("of_resident"))
    return query.with_for_update().execution_options(populate_existing=True) if lock else query


@lru_cache(SELECTS_KEPT)
def _of_scope(model: type[Any], column: str, owner: Any, resident: uuid.UUID | None) -> Select[Any]:
    """Every row of one scope; kept, because building it costs half as much as running it."""
    query = select(model).where(getattr(model, column) == owner)
    return query.where(model.resident_id == resident) if resident else query


@cache
def _insert(table: Table) -> Insert:
    return insert(table)


_database: Database | None = None


def connect(database: Database) -> None:
    """Say once, in the factory, which database this process works on."""
    global _database  # noqa: PLW0603  # one process, one database; the factory sets it before the first unit
    _database = database


def database() -> Database:
    """The database of this process; raises RuntimeError before `connect`."""
    if _database is None:
        raise RuntimeError("no database connected")
    return _database


@contextmanager
def unit(scope: Scope, by: Caller = SYSTEM, *, on: Database | None = None) -> Iterator[Unit]:
    """Open a unit, commit at its end, roll back when it raises. Never rerun: for reads and tests."""
    known = on or database()
    with known.engine.connect() as connection:
        transaction = connection.execution_options(scope=scope).begin()
        opened = Unit(known, scope, by, connection)
        try:
            yield opened
            opened.finish()
            transaction.commit()
        finally:
            opened.close()
    if opened.recorded:
        known.wake()


def _refuse_broken(connection: Connection) -> None:
    """PostgreSQL answers COMMIT of a failed transaction with a silent rollback: an ignored error must not pass so."""
    driver: Any = connection.connection.dbapi_connection
    if driver.info.transaction_status == TransactionStatus.INERROR:
        raise BrokenUnit("a statement of this unit failed and its error was ignored")


def run(
    scope: Scope,
    work: Callable[[Unit], Result],
    by: Caller = SYSTEM,
    *,
    effect: Effect | None = None,
    on: Database | None = None,
) -> Result:
    """Run `work` in a unit and return what it returned; rerun it after a lost race, at most `RERUNS` times."""
    for left in range(RERUNS, -1, -1):
        try:
            with unit(scope, by, on=on) as opened:
                return _once(opened, work, effect)
        except DBAPIError as error:
            if sqlstate(error) not in RERUN_STATES or not left:
                raise
    raise AssertionError("unreachable")


def _once(opened: Unit, work: Callable[[Unit], Result], effect: Effect | None) -> Result:
    if effect:
        effect.before(opened)
    result = work(opened)
    if effect:
        effect.after(opened, result)
    return result


def sqlstate(error: DBAPIError) -> str:
    """PostgreSQL's five-character code of what went wrong; empty where there is none (a lost connection)."""
    return getattr(error.orig, "sqlstate", None) or ""
