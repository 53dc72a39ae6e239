"""Glances: a unit that is one question, asked and answered in one message.

The message holds the three settings of the scope and an EXECUTE; PostgreSQL runs what one message holds as one
transaction (documentation, 54.2.2.1, multiple statements in a simple query), so the settings end with it. The wall is
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
        call = f"{self.scope.binding()}; {question.call(self.scope, values)}"
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


def _asked(connection: PoolProxiedConnection, question: Question, call: str) -> list[bytes | None] | None:
    driver: Any = connection.dbapi_connection
    prepared = _prepared(connection, driver.pgconn)
    while True:
        new = question.name not in prepared
        message = f"PREPARE {question.name} AS {question.text}; {call}" if new else call
        result = driver.pgconn.exec_(message.encode())
        if result.status == ExecStatus.TUPLES_OK:
            prepared.add(question.name)
            return [result.get_value(0, column) for column in range(result.nfields)] if result.ntuples else None
        error = error_from_result(result)
        if driver.pgconn.status != ConnStatus.OK or error.sqlstate in UNUSABLE:
            raise _Lost
        if new or error.sqlstate != GONE:
            raise _as_of_a_unit(error)
        prepared.discard(question.name)


def _prepared(connection: PoolProxiedConnection, driver: Any) -> set[str]:
    """The names of what is prepared on the connection."""
    known: set[str] = connection.info.setdefault(PREPARED, set())
    if connection.info.pop(SHAKEN, False):
        found = driver.exec_(STILL_THERE)
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
