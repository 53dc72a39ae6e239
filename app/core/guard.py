"""Holds every statement to the scope of its transaction, before it reaches the database.

The first fence; row-level security is the second. A missing pin raises as a wrong one does, so a forgotten
`tenant_id =` is found by the first test that runs the statement, not by the tenant whose rows it read.
"""

import uuid
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, Table, event

from app.core.db import Placement, ResidentView, placement_of, resident_view_of
from app.core.fragments import UnreadableStatement
from app.core.pins import Pin, Reading, read
from app.core.scope import Scope, ScopeKind
from app.core.statements import begin

OPENING = "opening"
"""Execution option of the one message that this module lets through unread: BEGIN with the scope."""

_readings: WeakKeyDictionary[Any, Reading] = WeakKeyDictionary()


class ScopeViolation(Exception):
    """A statement would have left the scope of its unit: a defect of the program, never a caller's error."""


def fence(engine: Engine) -> None:
    """Open every transaction of `engine` with its scope, and hold every statement to it."""
    event.listen(engine, "begin", _open)
    event.listen(engine, "before_cursor_execute", _check)


def _open(connection: Connection) -> None:
    scope: Scope = connection.get_execution_options()["scope"]
    begin(connection, scope.begin(), {OPENING: True})


def _check(
    connection: Connection, cursor: Any, statement: str, parameters: Any, context: Any, executemany: bool
) -> None:
    if context.execution_options.get(OPENING):
        return
    if context.compiled is None:
        raise ScopeViolation("written SQL: statements are built from tables")
    scope: Scope = connection.get_execution_options()["scope"]
    reading = _reading(context.compiled)
    _tables_fit(reading, scope)
    for values in context.compiled_parameters:
        for pin in reading.owners:
            _holds(pin, _bound(pin, values, context), _owner(scope, pin.table))
        for pin in reading.residents if scope.resident else ():
            _holds(pin, _bound(pin, values, context), scope.resident)


def _reading(compiled: Any) -> Reading:
    known = _readings.get(compiled)
    if known is None:
        # An ORM statement is compiled into another one, with the joins that its loaders add: that one is read.
        statement = compiled.compile_state.statement if compiled.compile_state else compiled.statement
        try:
            known = _readings[compiled] = read(statement, compiled.bind_names)
        except UnreadableStatement as error:
            raise ScopeViolation(str(error)) from error
    return known


def _tables_fit(reading: Reading, scope: Scope) -> None:
    kind = (scope.kind, scope.resident is not None)
    if kind in reading.fitting:
        return
    if reading.unpinned:
        raise ScopeViolation(f"owner not pinned: {_names(reading.unpinned)}")
    if scope.resident and reading.unpinned_residents:
        raise ScopeViolation(f"resident not pinned: {_names(reading.unpinned_residents)}")
    for table in reading.tables:
        if placement_of(table) != Placement(scope.kind) or _hidden(table, scope):
            raise ScopeViolation(f"{table.name} is out of reach in scope {scope.kind}")
    reading.fitting.add(kind)


def _hidden(table: Table, scope: Scope) -> bool:
    return scope.resident is not None and resident_view_of(table) is ResidentView.NONE


def _owner(scope: Scope, table: Table) -> int | uuid.UUID | str | None:
    if scope.kind is ScopeKind.TENANT:
        return scope.tenant
    if scope.kind is ScopeKind.PERSON:
        return scope.person
    name, _, value = str(scope.key).partition(":")
    return value if name == table.name else None


def _bound(pin: Pin, values: dict[str, Any], context: Any) -> list[Any]:
    """The values that `pin` has in this execution; those of an IN list were spread over parameters of their own."""
    if pin.place is None:
        return [values.get(pin.bind)]
    position, width = pin.place
    return [values[name] for name in context._expanded_parameters[pin.bind][position::width]]


def _holds(pin: Pin, members: list[Any], expected: Any) -> None:
    if any(member is None or member != expected for member in members):
        raise ScopeViolation(f"{pin.table.name} pinned to another owner")


def _names(tables: set[Table]) -> str:
    return ", ".join(sorted(table.name for table in tables))
