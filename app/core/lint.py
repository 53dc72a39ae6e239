"""What every table must satisfy so that the same schema runs on one PostgreSQL and on a sharded one.

Pure: reads table definitions, returns complaints. The rules are those of the project's scale rules: owner first in
every key, every unique key and foreign key inside one owner, no sequences, no SET NULL, no undeclared placement.
"""

from collections.abc import Iterable, Iterator

from sqlalchemy import ForeignKeyConstraint, Index, MetaData, Table, UniqueConstraint

from app.core.db import Placement, ResidentView, key_column, placement_of, resident_view_of


def complaints(metadata: MetaData) -> list[str]:
    """One sentence for every broken rule of every table in `metadata`."""
    return [f"{table.name}: {what}" for table in metadata.sorted_tables for what in _table(table)]


def _table(table: Table) -> Iterator[str]:
    placement = placement_of(table)
    if placement is None:
        yield "no placement declared"
        return
    yield from _columns(table)
    owner = key_column(table)
    if owner is None:
        yield from _points_away(table)
        return
    if owner not in table.c or table.c[owner].nullable:
        yield f"{owner} is missing or may be null"
        return
    yield from _primary_key(table, owner)
    yield from _unique_keys(table, owner)
    yield from _foreign_keys(table, placement, owner)
    yield from _resident_view(table)


def _columns(table: Table) -> Iterator[str]:
    for column in table.c:
        if column.identity or column.autoincrement is True:
            yield f"{column.name}: numbers come from the application, not from a sequence"
        if column.server_default is not None or column.onupdate is not None:
            yield f"{column.name}: values come from the application, not from the database"


def _primary_key(table: Table, owner: str) -> Iterator[str]:
    names = [column.name for column in table.primary_key.columns]
    if names[:1] != [owner]:
        yield f"primary key does not begin with {owner}"


def _unique_keys(table: Table, owner: str) -> Iterator[str]:
    unique: Iterable[UniqueConstraint | Index] = [
        *(c for c in table.constraints if isinstance(c, UniqueConstraint)),
        *(i for i in table.indexes if i.unique),
    ]
    for key in unique:
        if owner not in [column.name for column in key.columns]:
            yield f"unique key {key.name} lacks {owner}"


def _foreign_keys(table: Table, placement: Placement, owner: str) -> Iterator[str]:
    for constraint in table.foreign_key_constraints:
        yield from _foreign_key(constraint, placement, owner)


def _foreign_key(constraint: ForeignKeyConstraint, placement: Placement, owner: str) -> Iterator[str]:
    target = constraint.referred_table
    if placement_of(target) is Placement.REFERENCE:
        return
    pairs = [(element.parent.name, element.column.name) for element in constraint.elements]
    if placement_of(target) is not placement or pairs[0] != (owner, owner):
        yield f"foreign key to {target.name} leaves the {placement}"
    if constraint.ondelete not in (None, "CASCADE", "RESTRICT"):
        yield f"foreign key to {target.name}: ON DELETE {constraint.ondelete}"


def _points_away(table: Table) -> Iterator[str]:
    for constraint in table.foreign_key_constraints:
        if placement_of(constraint.referred_table) is not Placement.REFERENCE:
            yield "a reference table points at a walled one"


def _resident_view(table: Table) -> Iterator[str]:
    if resident_view_of(table) is not ResidentView.OWN:
        return
    if "resident_id" not in table.c:
        yield "resident_view is own, but there is no resident_id"
    elif not any([c.name for c in index.columns][:2] == ["tenant_id", "resident_id"] for index in table.indexes):
        yield "resident_view is own, but no index begins with (tenant_id, resident_id)"
