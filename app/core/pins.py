"""Which bound values hold a statement inside its scope: read off the statement once, checked at every execution.

A table of a SELECT, UPDATE or DELETE is *pinned* when its owner column is set equal to a bound value, directly or
through equalities with other columns of the same SELECT (`slots.tenant_id = appointments.tenant_id`). Only
equalities joined by AND count, and each SELECT stands for itself, subqueries too: what an OR, an outer query, a text
fragment or a function says is not believed. The reading is strict: what it does not understand, it refuses.
A table that is joined to a subquery is pinned where the subquery's own column is.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import BinaryExpression, BindParameter, BooleanClauseList, Column, Table, Tuple
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.sql import operators, visitors
from sqlalchemy.sql.dml import Delete, Insert, Update, UpdateBase
from sqlalchemy.sql.elements import ClauseElement, Grouping, Label
from sqlalchemy.sql.selectable import CTE, Alias, CompoundSelect, FromClause, Join, Select, Subquery, Values

from app.core.db import Placement, ResidentView, key_column, placement_of, resident_view_of
from app.core.fragments import UnreadableStatement, refuse_text

RESIDENT_COLUMN = "resident_id"
_DIALECT = DefaultDialect()
OWNER_FIXED = "a row never changes its owner"
Place = tuple[int, int]
"""Where a column stands in each member of an IN list: position and width; a list of plain values has (0, 1)."""


class Pin(NamedTuple):
    """A bound value that must equal the owner of `table`'s rows, or the resident bound beside the tenant."""

    table: Table
    bind: str
    place: Place | None
    """None for one value, else the place in each member of an IN list."""


@dataclass
class Reading:
    """What is to be checked about a statement; a table is in `unpinned` where a pin is missing altogether."""

    tables: set[Table] = field(default_factory=set)
    owners: list[Pin] = field(default_factory=list)
    residents: list[Pin] = field(default_factory=list)
    unpinned: set[Table] = field(default_factory=set)
    unpinned_residents: set[Table] = field(default_factory=set)
    fitting: set[tuple[str, bool]] = field(default_factory=set)
    """The kinds of scope, narrowed to a resident or not, of which it is known that the statement fits them."""


Node = tuple[FromClause, str]
"""A column of one occurrence of a table; an alias is an occurrence of its own."""


@dataclass
class _Select:
    """What one SELECT, UPDATE or DELETE says about the columns of its tables."""

    tables: set[FromClause] = field(default_factory=set)
    binds: dict[Node, tuple[BindParameter[Any], Place | None]] = field(default_factory=dict)
    sources: dict[Node, set[Node]] = field(default_factory=dict)

    def bind_of(self, wanted: Node) -> tuple[BindParameter[Any], Place | None] | None:
        """The bound value that holds for `wanted`, followed through equal columns."""
        seen, queue = {wanted}, [wanted]
        while queue:
            node = queue.pop()
            if node in self.binds:
                return self.binds[node]
            if isinstance(node[0], Subquery | CTE) and (found := _bind_inside(*node)):
                return found
            fresh = self.sources.get(node, set()) - seen
            seen |= fresh
            queue.extend(fresh)
        return None

    def learn(self, clause: Any, restricted: set[FromClause] | None) -> None:
        """Learn from every equality of `clause`; an outer join restricts only the tables of its right side."""
        if isinstance(clause, Grouping):
            self.learn(clause.element, restricted)
        elif isinstance(clause, BooleanClauseList) and clause.operator is operators.and_:
            for part in clause.clauses:
                self.learn(part, restricted)
        elif isinstance(clause, BinaryExpression) and clause.operator is operators.eq:
            self._equal(clause.left, clause.right, restricted)
            self._equal(clause.right, clause.left, restricted)
        elif isinstance(clause, BinaryExpression) and clause.operator is operators.in_op:
            self._member(clause, restricted)

    def _equal(self, value: Any, column: Any, restricted: set[FromClause] | None) -> None:
        node = _node(column, restricted)
        if node and isinstance(value, BindParameter):
            self.binds.setdefault(node, (value, None))
        elif node and isinstance(value, Column):
            self.sources.setdefault(node, set()).add((value.table, value.name))

    def _member(self, clause: BinaryExpression[Any], restricted: set[FromClause] | None) -> None:
        left, right = _bare(clause.left), _bare(clause.right)
        if not isinstance(right, BindParameter) or not right.expanding:
            return
        if isinstance(left, Tuple):
            for position, member in enumerate(left.clauses):
                if node := _node(member, restricted):
                    self.binds.setdefault(node, (right, (position, len(left.clauses))))
        elif node := _node(left, restricted):
            self.binds.setdefault(node, (right, (0, 1)))


def read(statement: Any, names: dict[BindParameter[Any], str]) -> Reading:
    """Read `statement`, whose bound parameters are compiled under `names`; raises UnreadableStatement."""
    if not isinstance(statement, Select | CompoundSelect | UpdateBase):
        raise UnreadableStatement(f"{type(statement).__name__} is not built from tables")
    reading = Reading()
    if isinstance(statement, Update) and _owner_of(_table_of(statement.table)) in _set_by_parameters(names):
        raise UnreadableStatement(OWNER_FIXED)
    for part in visitors.iterate(statement):
        refuse_text(part)
        if isinstance(part, Insert):
            _read_insert(part, set(names.values()), reading)
        elif isinstance(part, Select):
            _note(_read_select(part), names, reading)
        elif isinstance(part, Update | Delete):
            _note(_read_change(part), names, reading)
    return reading


def _read_select(part: Select[Any]) -> _Select:
    known = _Select()
    known.tables.update(_tables(_final_froms(part), known))
    known.learn(part.whereclause, None)
    return known


def _final_froms(part: Select[Any]) -> list[FromClause]:
    """As `part.get_final_froms()`, which compiles all of `part` for nothing: half the time of a reading."""
    state = part._compile_state_factory(part, _DIALECT.statement_compiler(_DIALECT, None))
    return state._get_display_froms()


def _bind_inside(subquery: Any, name: str) -> tuple[BindParameter[Any], Place | None] | None:
    """The bound value that holds for the column `name` of `subquery`, inside of it."""
    inner: Any = subquery.element
    if not isinstance(inner, Select) or name not in subquery.c:
        return None
    for column in subquery.c[name]._proxies:
        if node := _node(column.element if isinstance(column, Label) else column, None):
            return _read_select(inner).bind_of(node)
    return None


def _read_change(part: Update | Delete) -> _Select:
    known = _Select(tables={part.table})
    values = _values_set(part) if isinstance(part, Update) else {}
    mentioned = _mentioned(part.whereclause).union(*(_mentioned(value) for value in values.values()))
    if mentioned - {part.table}:
        raise UnreadableStatement("UPDATE or DELETE over two tables; use a subquery")
    if _owner_of(_table_of(part.table)) in values:
        raise UnreadableStatement(OWNER_FIXED)
    known.learn(part.whereclause, None)
    return known


def _values_set(part: Update) -> dict[str, Any]:
    """What an UPDATE itself says it sets, by name of column."""
    values: Any = part._values or {}
    return {str(getattr(column, "name", column)): value for column, value in dict(values).items()}


def _set_by_parameters(names: dict[BindParameter[Any], str]) -> set[str]:
    """The columns that an UPDATE sets to parameters given at execution, as a flush does."""
    return {str(bind.key) for bind in names if bind._is_crud}


def _read_insert(part: Insert, names: set[str], reading: Reading) -> None:
    """Every inserted row names its owner; `INSERT .. SELECT` cannot be checked row by row and is refused."""
    if part.select is not None:
        raise UnreadableStatement("INSERT .. SELECT")
    for value in _values_of_rows(part):
        if isinstance(value, ClauseElement) and not isinstance(value, BindParameter):
            raise UnreadableStatement("an expression in one of several rows")
    table = _table_of(part.table)
    owner = _owner_of(table)
    if owner is None:
        return
    if owner in _set_on_conflict(part):
        raise UnreadableStatement(OWNER_FIXED)
    reading.tables.add(table)
    reading.owners.extend(Pin(table, name, None) for name in _row_names(owner, names))
    if resident_view_of(table) is ResidentView.OWN:
        reading.residents.extend(Pin(table, name, None) for name in _row_names(RESIDENT_COLUMN, names))


def _values_of_rows(part: Insert) -> Iterator[Any]:
    """Every value of a multi-row `VALUES`, which a visitor does not walk into."""
    for rows in part._multi_values:
        for row in rows:
            yield from row.values() if isinstance(row, Mapping) else row


def _set_on_conflict(part: Insert) -> set[str]:
    clause: Any = part._post_values_clause
    pairs = getattr(clause, "update_values_to_set", ())
    return {str(getattr(column, "name", column)) for column, _ in dict(pairs).items()}


def _row_names(column: str, names: set[str]) -> list[str]:
    """The names under which each row of a (multi-row) INSERT binds `column`."""
    prefix = f"{column}_m"
    return [n for n in names if n.startswith(prefix) and n[len(prefix) :].isdigit()] or [column]


def _note(known: _Select, names: dict[BindParameter[Any], str], reading: Reading) -> None:
    for occurrence in known.tables:
        table = _table_of(occurrence)
        owner = _owner_of(table)
        if owner is None:
            continue
        reading.tables.add(table)
        _pin(known, (occurrence, owner), names, reading.owners, reading.unpinned)
        if resident_view_of(table) is ResidentView.OWN:
            wanted = (occurrence, RESIDENT_COLUMN)
            _pin(known, wanted, names, reading.residents, reading.unpinned_residents)


def _pin(
    known: _Select, wanted: Node, names: dict[BindParameter[Any], str], pins: list[Pin], missing: set[Table]
) -> None:
    table, found = _table_of(wanted[0]), known.bind_of(wanted)
    if found is None or found[0] not in names:
        missing.add(table)
    else:
        pins.append(Pin(table, names[found[0]], found[1]))


def _tables(froms: Iterable[FromClause], known: _Select) -> Iterator[FromClause]:
    for item in froms:
        if isinstance(item, Join):
            yield from _joined(item, known)
        elif isinstance(item, Table) or (isinstance(item, Alias) and isinstance(item.element, Table)):
            yield item
        elif not isinstance(item, Subquery | CTE | Values):
            raise UnreadableStatement(f"FROM {type(item).__name__}")


def _joined(item: Join, known: _Select) -> Iterator[FromClause]:
    if item.full:
        raise UnreadableStatement("FULL OUTER JOIN")
    left, right = list(_tables([item.left], known)), list(_tables([item.right], known))
    known.learn(item.onclause, set(right) if item.isouter else None)
    yield from left
    yield from right


def _mentioned(clause: ClauseElement | None) -> set[Any]:
    """Tables whose columns stand in `clause` itself, not in a subquery of it."""
    found: set[Any] = set()
    queue: list[Any] = [clause] if clause is not None else []
    while queue:
        part = queue.pop()
        if isinstance(part, Column):
            found.add(part.table)
        elif not isinstance(part, Select | CompoundSelect | FromClause):
            queue.extend(part.get_children())
    return found


def _bare(part: Any) -> Any:
    return part.element if isinstance(part, Grouping) else part


def _node(part: Any, restricted: set[FromClause] | None) -> Node | None:
    if not isinstance(part, Column) or (restricted is not None and part.table not in restricted):
        return None
    return (part.table, part.name)


def _owner_of(table: Table) -> str | None:
    if placement_of(table) is None:
        raise UnreadableStatement(f"{table.name} declares no placement")
    return None if placement_of(table) is Placement.REFERENCE else key_column(table)


def _table_of(occurrence: Any) -> Table:
    table = occurrence.element if isinstance(occurrence, Alias) else occurrence
    if not isinstance(table, Table):
        raise UnreadableStatement(f"{type(table).__name__} is not a table")
    return table
