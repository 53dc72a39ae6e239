"""Glances: a unit that is one question, asked and answered in one message.

The message holds the three settings of the scope and an EXECUTE; PostgreSQL runs what one message holds as one
transaction (its documentation: multiple statements in a simple query), so the settings end with it. The wall is
that of every unit: row-level security, the same role, the same connections. What is asked is prepared on each
connection once.
"""

import logging
from collections.abc import Mapping
from typing import Any, cast

import psycopg
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, ExecStatus
from sqlalchemy import Connection, Engine, PoolProxiedConnection, event
from sqlalchemy.exc import DBAPIError

from app.core.questions import Answer, Question
from app.core.scope import Scope
from app.core.unit import Database, database, unit

PREPARED = "questions_prepared"
"""Where a connection's record keeps the names of what is prepared on it."""
SHAKEN = "questions_shaken"
"""Set there when a transaction was rolled back: the driver may have deallocated everything then."""
STILL_THERE = b"SELECT name FROM pg_prepared_statements"
GONE = "26000"
UNUSABLE = ("42P05", "0A000")
"""The name is taken, or means columns of another type since a migration: this connection knows something else."""
Row = list[bytes | None]
log = logging.getLogger(__name__)


class Glance:
    """Asks questions in one scope, each in a transaction of its own."""

    def __init__(self, scope: Scope, *, on: Database | None = None) -> None:
        """At the present moment of the database's clock."""
        self.scope = scope
        self._database = on or database()
        self.now = self._database.clock.now()

    def ask(self, question: Question, values: Mapping[str, Any]) -> Answer | None:
        """The answer to `question`; None where there is no such row.

        Raises what a unit raises that asks the same. A connection that was lost is no error yet: a unit asks again.
        """
        call = f"{self.scope.binding()}; {question.call(self.scope, values)}".encode()
        log.debug("%s", question.text)
        connection = _connected(self._database.engine)
        try:
            row = _asked(connection, question, call)
        except _Lost:
            connection.invalidate()
        else:
            return question.read(row) if row else None
        finally:
            connection.close()
        with unit(self.scope, on=self._database) as opened:
            return opened.ask(question, values)


class _Lost(Exception):
    """This connection can be asked nothing more."""


def _connected(engine: Engine) -> PoolProxiedConnection:
    try:
        return engine.raw_connection()
    except psycopg.Error as error:
        raise _as_of_a_unit(error) from error


def _asked(connection: PoolProxiedConnection, question: Question, call: bytes) -> Row | None:
    """The one row of the answer, if any; raises _Lost, DBAPIError."""
    try:
        return _answered(connection, question, call)
    except psycopg.OperationalError as error:  # the driver has no connection any more with which it could say more
        raise _Lost from error


def _answered(connection: PoolProxiedConnection, question: Question, call: bytes) -> Row | None:
    pooled: Any = connection.dbapi_connection
    driver, prepared = pooled.pgconn, _prepared(connection, pooled.pgconn)
    if question.name in prepared:
        result = driver.exec_(call)
        if result.status == ExecStatus.TUPLES_OK or _state(result) != GONE:
            return _row(driver, result)
        prepared.discard(question.name)
    _row(driver, driver.exec_(f"PREPARE {question.name} AS {question.text}".encode()))
    prepared.add(question.name)
    return _row(driver, driver.exec_(call))


def _row(driver: Any, result: Any) -> Row | None:
    """The one row of `result`, if any; raises _Lost, DBAPIError."""
    if result.status in (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK):
        return [result.get_value(0, column) for column in range(result.nfields)] if result.ntuples else None
    if driver.status != ConnStatus.OK or _state(result) in UNUSABLE:
        raise _Lost
    raise _as_of_a_unit(error_from_result(result))


def _state(result: Any) -> str | None:
    return error_from_result(result).sqlstate


def _prepared(connection: PoolProxiedConnection, driver: Any) -> set[str]:
    """The names of what is prepared on the connection; raises _Lost where it does not tell."""
    known: set[str] = connection.info.setdefault(PREPARED, set())
    if connection.info.pop(SHAKEN, False):
        found = driver.exec_(STILL_THERE)
        if found.status != ExecStatus.TUPLES_OK:
            raise _Lost
        known.intersection_update(found.get_value(row, 0).decode() for row in range(found.ntuples))
    return known


def _as_of_a_unit(error: psycopg.Error) -> DBAPIError:
    """`error` as SQLAlchemy raises it, for who decides by its class and state what to answer."""
    return cast(DBAPIError, DBAPIError.instance(None, None, error, psycopg.Error, hide_parameters=True))


@event.listens_for(Engine, "rollback")
def _shake(connection: Connection) -> None:
    """psycopg deallocates every prepared statement after a ROLLBACK, where it has prepared one itself."""
    if not connection.invalidated:
        connection.info[SHAKEN] = True
