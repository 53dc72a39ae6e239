"""Questions: SELECTs that are asked so often that their transaction costs more than they do.

A question is held to its scope when it is made, not when it is asked: every table of it is pinned to the owner, and the
owner is always that of the scope in which it is asked. Asked in a unit it is a statement like any other; asked by a
glance (`app.core.glances`) it is one message.
"""

import hashlib
import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Protocol

import orjson
from sqlalchemy import BigInteger, Boolean, Date, DateTime, Select, Text, Uuid
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeEngine

from app.core.db import Placement, placement_of
from app.core.pins import read
from app.core.scope import Scope, ScopeKind

OWNER = "owner"
"""The bound value to which every table of a question is pinned."""
Answer = Sequence[Any]
"""The columns of the one row that was asked for."""
_DIALECT = postgresql.dialect(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]  # it carries no types
_PLAIN = re.compile(r"\A[a-z_]{1,64}\Z")
_WRITTEN_SAFELY = frozenset({int, uuid.UUID, datetime})
_READERS: Mapping[type[TypeEngine[Any]], Callable[[str], Any]] = {
    BigInteger: int,
    Text: str,
    Uuid: uuid.UUID,
    DateTime: datetime.fromisoformat,
    Date: date.fromisoformat,
    Boolean: lambda text: text == "t",
    postgresql.JSONB: orjson.loads,
}


class BadQuestion(ValueError):
    """A question that could leave its scope, or cannot be written as one message: a defect of the program."""


class Question:
    """One SELECT of at most one row, by keys and moments, in the scope of one tenant or person."""

    def __init__(self, kind: ScopeKind, statement: Select[Any]) -> None:
        """Read `statement`, to be asked in scopes of `kind`; raises BadQuestion, UnreadableStatement."""
        compiled = statement.compile(dialect=_DIALECT)
        _refuse_unpinned(kind, read(statement, compiled.bind_names))
        if compiled.post_compile_params:
            raise BadQuestion("a list of values has no fixed text")
        self.kind, self.statement, self.text = kind, statement, str(compiled)
        self.name = f"question_{hashlib.sha256(self.text.encode()).hexdigest()[:24]}"
        """How it is called where it is prepared: one name, one text, whoever else uses the same connection."""
        order = compiled.positiontup or []
        self._fixed = {name: _literal(compiled.params[name]) for name in order if not compiled.binds[name].required}
        self._order = tuple(order)
        self._readers = tuple(_READERS[type(column.type)] for column in statement.selected_columns)

    def call(self, scope: Scope, values: Mapping[str, Any]) -> str:
        """What executes it, prepared, in `scope`; raises BadQuestion where that is another kind or is narrowed."""
        if scope.kind is not self.kind or scope.resident is not None:
            raise BadQuestion(f"a question to a {self.kind} was asked of another scope")
        given = {**values, OWNER: scope.tenant or scope.person}
        fixed = self._fixed
        literals = [fixed[name] if name in fixed else _literal(given[name]) for name in self._order]
        return f"EXECUTE {self.name}({', '.join(literals)})"

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


def _refuse_unpinned(kind: ScopeKind, reading: Any) -> None:
    if reading.unpinned or any(pin.bind != OWNER for pin in reading.owners):
        raise BadQuestion("a table is not pinned to the owner")
    if kind is ScopeKind.KEY or any(placement_of(table) != Placement(kind) for table in reading.tables):
        raise BadQuestion(f"a table is out of reach in a scope of a {kind}")


def _literal(value: Any) -> str:
    """`value` as SQL. Only of types that can be written in one harmless way; raises BadQuestion for every other."""
    if type(value) in _WRITTEN_SAFELY or (type(value) is str and _PLAIN.match(value)):
        return f"'{value}'"
    raise BadQuestion(f"a {type(value).__name__} is not written as a literal")
