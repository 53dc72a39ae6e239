"""Questions: statements that are asked so often that their transaction costs more than they do.

A question is held to its scope when it is made, not when it is asked: every table of it is pinned to the owner, and the
owner is always that of the scope in which it is asked. Asked in a unit it is a statement like any other; asked by a
glance (`app.core.glances`) it is one message. One that writes must be harmless when it is asked twice.
"""

import hashlib
import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Protocol

import orjson
from psycopg.pq import Escaping
from sqlalchemy import BigInteger, Boolean, Date, DateTime, LargeBinary, Select, Text, Uuid
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql.dml import ReturningInsert
from sqlalchemy.types import TypeEngine

from app.core.db import KEY_COLUMN, Placement, placement_of
from app.core.pins import Reading, read
from app.core.scope import Scope, ScopeKind

OWNER = "owner"
"""The bound value to which every table of a SELECT is pinned."""
Answer = Sequence[Any]
"""The columns of the one row that was asked for."""
_DIALECT = postgresql.dialect(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]  # it carries no types
_PLAIN = re.compile(r"\A[a-z0-9_:]{1,128}\Z")
_WRITTEN_SAFELY = frozenset({int, uuid.UUID, datetime})
_READERS: Mapping[type[TypeEngine[Any]], Callable[[str], Any]] = {
    BigInteger: int,
    Text: str,
    Uuid: uuid.UUID,
    DateTime: datetime.fromisoformat,
    Date: date.fromisoformat,
    Boolean: lambda text: text == "t",
    LargeBinary: lambda text: Escaping().unescape_bytea(text.encode()),
    postgresql.JSONB: orjson.loads,
}


class BadQuestion(ValueError):
    """A question that could leave its scope, or cannot be written as one message: a defect of the program."""


class Question:
    """One statement that answers at most one row, by keys and moments, in scopes of one kind."""

    def __init__(self, kind: ScopeKind, statement: Select[Any] | ReturningInsert[Any], *columns: str) -> None:
        """Read `statement`, to be asked in scopes of `kind`; `columns` are those that an INSERT is given.

        Raises BadQuestion, UnreadableStatement.
        """
        compiled = statement.compile(dialect=_DIALECT, column_keys=columns or None)
        self.owner = KEY_COLUMN[Placement(kind)] if columns else OWNER
        """The bound value that is the scope's owner."""
        self._tables = _tables(kind, self.owner, read(statement, compiled.bind_names))
        if compiled.post_compile_params:
            raise BadQuestion("a list of values has no fixed text")
        self.kind, self.statement, self.text = kind, statement, str(compiled)
        self.name = f"question_{hashlib.sha256(self.text.encode()).hexdigest()[:24]}"
        """How it is called where it is prepared: one name, one text, whoever else uses the same connection."""
        order = compiled.positiontup or []
        self._fixed = {name: _literal(compiled.params[name]) for name in order if not compiled.binds[name].required}
        self._order = tuple(order)
        self._readers = tuple(_READERS[type(column.type)] for column in statement.exported_columns)

    def call(self, scope: Scope, values: Mapping[str, Any]) -> str:
        """What executes it, prepared, in `scope`; raises BadQuestion where that is another kind or is narrowed."""
        given = {**values, self.owner: self._owner(scope)}
        fixed = self._fixed
        literals = [fixed[name] if name in fixed else _literal(given[name]) for name in self._order]
        return f"EXECUTE {self.name}({', '.join(literals)})"

    def _owner(self, scope: Scope) -> Any:
        table, _, value = (scope.key or "").partition(":")
        if scope.kind is not self.kind or scope.resident is not None or (table and {table} != self._tables):
            raise BadQuestion(f"a question to a {self.kind} was asked of another scope")
        return scope.tenant or scope.person or value

    def read(self, row: Sequence[bytes | None]) -> Answer:
        """The values that PostgreSQL wrote as `row`."""
        return [
            None if text is None else reader(text.decode()) for reader, text in zip(self._readers, row, strict=True)
        ]


class Asks(Protocol):
    """Where questions can be asked: in a unit, or at a glance."""

    @property
    def scope(self) -> Scope:
        """Whose rows are asked for."""
        ...

    @property
    def now(self) -> datetime:
        """The moment at which it is asked."""
        ...

    def ask(self, question: Question, values: Mapping[str, Any]) -> Answer | None:
        """The answer to `question` with those values beside the owner; None where there is no such row."""
        ...


def _tables(kind: ScopeKind, owner: str, reading: Reading) -> frozenset[str]:
    """The tables of the question, but for those that everybody reads."""
    if reading.unpinned or any(pin.bind != owner for pin in reading.owners):
        raise BadQuestion("a table is not pinned to the owner")
    if any(placement_of(table) != Placement(kind) for table in reading.tables):
        raise BadQuestion(f"a table is out of reach in a scope of a {kind}")
    return frozenset(table.name for table in reading.tables)


def _literal(value: Any) -> str:
    """`value` as SQL. Only of types that can be written in one harmless way; raises BadQuestion for every other."""
    if type(value) in _WRITTEN_SAFELY or (type(value) is str and _PLAIN.match(value)):
        return f"'{value}'"
    raise BadQuestion(f"a {type(value).__name__} is not written as a literal")
