"""Statements that were built once, handed to the driver without SQLAlchemy's own way, which costs twice the driver's.

SQLAlchemy compiles them and says how values travel, once for each statement; whoever listens to its events hears of
every execution as before, first of all the guard, and its errors are the same. What needs more of it (an IN list, a
default made in Python, two columns of one name) still goes its way.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg
from sqlalchemy import Connection, CursorResult, Dialect, Executable
from sqlalchemy.engine.result import IteratorResult, SimpleResultMetaData

Values = Mapping[str, Any]
Process = Callable[[Any], Any]


class Rows(IteratorResult[*tuple[Any, ...]]):
    """What a statement answered, read already."""

    def __init__(self, shape: SimpleResultMetaData, rows: Sequence[Any], rowcount: int) -> None:
        super().__init__(shape, iter(rows))
        self.rowcount = rowcount


Found = Rows | CursorResult[*tuple[Any, ...]]


@dataclass(frozen=True, eq=False)
class Ready:
    """A statement as the driver takes it."""

    compiled: Any
    sql: str
    fixed: Values
    """Parameters whose value stands in the statement."""
    asked: Mapping[str, str]
    """The others, each with the name under which its value is given."""
    binds: Mapping[str, Process]
    """How the values of some parameters are made ready."""
    shape: SimpleResultMetaData

    def known(self, values: Values) -> dict[str, Any]:
        """Every parameter."""
        return {**self.fixed, **{name: values[given] for name, given in self.asked.items()}}

    def parameters(self, known: Values) -> Values:
        """What the driver is given."""
        return {**known, **{name: process(known[name]) for name, process in self.binds.items()}}


@dataclass(frozen=True)
class _Sent:
    """One execution, as listeners to SQLAlchemy's `before_cursor_execute` know it."""

    compiled: Any
    compiled_parameters: Sequence[Values]
    execution_options: Mapping[str, Any] = field(default_factory=dict)


CURSOR = "cursor"
MOST_KEPT = 5000
"""Statements that a process remembers, ten times what the platform has; with more it forgets all of them."""
_ready: dict[Executable, dict[tuple[str, ...], Ready | None]] = {}


def execute(connection: Connection, statement: Executable, values: Values) -> Found:
    """Run `statement`, which is kept by whoever built it, with `values`; raises what SQLAlchemy raises."""
    ready = _made_ready(connection.dialect, statement, values)
    if ready is None:
        return connection.execute(statement, values)
    known = ready.known(values)
    cursor = _send(connection, ready.sql, ready.parameters(known), _Sent(ready.compiled, (known,)))
    return Rows(ready.shape, cursor.fetchall() if cursor.pgresult.nfields else (), cursor.rowcount)


def execute_each(connection: Connection, statement: Executable, rows: Sequence[Values]) -> None:
    """The same with each of `rows`, at least one, which all have the same names; nothing comes back."""
    if len(rows) == 1:
        execute(connection, statement, rows[0])
        return
    ready = _made_ready(connection.dialect, statement, rows[0])
    if ready is None:
        connection.execute(statement, rows)
        return
    known = [ready.known(row) for row in rows]
    _send(connection, ready.sql, [ready.parameters(one) for one in known], _Sent(ready.compiled, known))


def begin(connection: Connection, message: str, options: Mapping[str, Any]) -> None:
    """Send the message that opens a transaction; raises what SQLAlchemy raises."""
    _send(connection, message, None, _Sent(None, (), options))


def _send(connection: Connection, sql: str, parameters: Any, sent: _Sent) -> Any:
    """The cursor that ran `sql`, after everybody who listens was asked."""
    cursor, many = _cursor(connection), isinstance(parameters, list)
    connection.dispatch.before_cursor_execute(connection, cursor, sql, parameters, sent, many)
    try:
        return cursor.executemany(sql, parameters) if many else cursor.execute(sql, parameters)
    except psycopg.Error as error:  # as SQLAlchemy's own way does: wrapped, and a lost connection given up
        connection._handle_dbapi_exception(error, sql, parameters, None, None)


def _cursor(connection: Connection) -> Any:
    """The cursor of a connection for statements whose answer is read at once: made once, forgotten with it."""
    known = connection.info.get(CURSOR)
    if known is None:
        driver: Any = connection.connection.driver_connection
        known = connection.info[CURSOR] = driver.cursor()
    return known


def _made_ready(dialect: Dialect, statement: Executable, values: Values) -> Ready | None:
    """None where the statement needs SQLAlchemy's own way."""
    kept, names = _ready.get(statement), tuple(sorted(values))
    if kept is None:
        if len(_ready) >= MOST_KEPT:
            _ready.clear()
        kept = _ready[statement] = {}
    if names not in kept:
        kept[names] = _compile(dialect, statement, names)
    return kept[names]


def _compile(dialect: Dialect, statement: Any, names: Sequence[str]) -> Ready | None:
    compiled: Any = statement.compile(dialect=dialect, column_keys=list(names))
    keys = [column.keyname for column in compiled._result_columns]
    binds: dict[Any, str] = compiled.bind_names
    asked = {name: bind.key for bind, name in binds.items() if bind.key in names}
    fixed = {name: bind for bind, name in binds.items() if name not in asked}
    if _needs_more(compiled) or len(set(keys)) < len(keys) or any(_varies(bind) for bind in fixed.values()):
        return None
    ways = {name: bind.type.dialect_impl(dialect).bind_processor(dialect) for bind, name in binds.items()}
    loads = [column.type.dialect_impl(dialect).result_processor(dialect, None) for column in compiled._result_columns]
    return Ready(
        compiled, str(compiled), {name: bind.value for name, bind in fixed.items()}, asked,
        {name: way for name, way in ways.items() if way}, SimpleResultMetaData(keys, _processors=loads),
    )  # fmt: skip


def _needs_more(compiled: Any) -> bool:
    """Whether parameters are spread over others, defaults are made, or something comes back that was not asked for."""
    return bool(
        compiled.post_compile_params or compiled.literal_execute_params or compiled.insert_prefetch
        or compiled.update_prefetch or compiled.implicit_returning or compiled.escaped_bind_names
    )  # fmt: skip


def _varies(bind: Any) -> bool:
    """Whether a value that is not given has to be asked for, or is missing."""
    return bind.required or bind.callable is not None
