"""What every table must satisfy so that the same schema runs on one PostgreSQL and on a sharded one.

Pure: reads table definitions, returns complaints. The rules are those of the project's scale rules: owner first in
every key, every unique key and foreign key inside one owner, no sequences, no SET NULL, no undeclared placement.
Beside them it refuses what would pass the wall: a privilege that row-level security does not bind, more for discovery
than an owner and a time, a table that is open to all without a reason. And a table through which work passes is
vacuumed soon.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import Column, ForeignKeyConstraint, Index, MetaData, Table, UniqueConstraint
from sqlalchemy.dialects.postgresql import ExcludeConstraint

from app.core.db import QUEUE, Placement, ResidentView, key_column, placement_of, resident_view_of

_NAME = re.compile(r"[a-z][a-z0-9_]{0,47}")
"""Names stand unquoted in policies and in key scopes, and get suffixes within PostgreSQL's 63 characters."""
PRIVILEGES = frozenset({"SELECT", "INSERT", "UPDATE", "DELETE"})
"""Those that row-level security binds; TRUNCATE, REFERENCES and TRIGGER pass it."""
DISCOVERY = (
    "SELECT ({owner}, due_at)", "SELECT ({owner})", "SELECT ({owner}, due_at, state)",
    "SELECT ({owner}, due_at, given_up_at)",
)  # fmt: skip
"""Who has work, where chains are, what is stuck, what is given up: owners, times and states, never a row."""


def complaints(metadata: MetaData) -> list[str]:
    """One sentence for every broken rule of every table in `metadata`."""
    return [f"{table.name}: {what}" for table in metadata.sorted_tables for what in _table(table)]


def _table(table: Table) -> Iterator[str]:
    placement = placement_of(table)
    if placement is None:
        yield "no placement declared"
        return
    if table.schema or not _NAME.fullmatch(table.name):
        yield "the name is not a plain one of at most 48 characters in the default schema"
    yield from _columns(table)
    yield from _grants(table)
    owner = key_column(table)
    if owner is None:
        yield from _reference(table)
        return
    if owner not in table.c or table.c[owner].nullable:
        yield f"{owner} is missing or may be null"
        return
    yield from _primary_key(table, owner)
    yield from _unique_keys(table, owner)
    yield from _foreign_keys(table, placement, owner)
    yield from _resident_view(table)
    yield from _queue(table)


def _columns(table: Table) -> Iterator[str]:
    for column in table.c:
        if _counts_itself(table, column):
            yield f"{column.name}: numbers come from the application, not from a sequence"
        if column.server_default is not None or column.onupdate is not None:
            yield f"{column.name}: values come from the application, not from the database"


def _counts_itself(table: Table, column: Column[Any]) -> bool:
    """Whether the database would number the rows: an identity, a sequence, or SQLAlchemy's silent SERIAL."""
    sequence = column.default is not None and column.default.is_sequence
    return bool(column.identity or sequence or column.autoincrement is True or table.autoincrement_column is column)


def _grants(table: Table) -> Iterator[str]:
    grants: Mapping[str, str] = table.info.get("grants", {})
    for role, privileges in grants.items():
        if role not in ("app", "sealer", "discovery"):
            yield f"a grant to an unknown role: {role}"
        elif role == "discovery" and not _is_modest(table, privileges):
            yield "discovery sees more than an owner and a time, or there is no due_at"
        elif role != "discovery" and not {one.strip() for one in privileges.split(",")} <= PRIVILEGES:
            yield f"{role} has a privilege that the wall does not bind: {privileges}"


def _is_modest(table: Table, privileges: str) -> bool:
    named = [column for column in ("due_at", "state", "given_up_at") if column in privileges]
    return privileges in DISCOVERY and all(column in table.c for column in named)


def _primary_key(table: Table, owner: str) -> Iterator[str]:
    names = [column.name for column in table.primary_key.columns]
    if names[:1] != [owner]:
        yield f"primary key does not begin with {owner}"


def _unique_keys(table: Table, owner: str) -> Iterator[str]:
    unique: Iterable[UniqueConstraint | ExcludeConstraint | Index] = [
        *(c for c in table.constraints if isinstance(c, UniqueConstraint | ExcludeConstraint)),
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


def _reference(table: Table) -> Iterator[str]:
    if not table.info.get("reference_reason"):
        yield "a reference table gives no reason (reference_reason)"
    if not table.primary_key.columns:
        yield "no primary key"
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


def _queue(table: Table) -> Iterator[str]:
    """Work is found in it, and sealing puts it in or takes it out: so much passes that its remains are in the way."""
    grants: Mapping[str, str] = table.info.get("grants", {})
    passes = any(privilege in grants.get("sealer", "") for privilege in ("INSERT", "DELETE"))
    if passes and "due_at" in grants.get("discovery", "") and table.kwargs.get("postgresql_with") != QUEUE:
        yield "work passes through it, and it is not vacuumed as a queue (postgresql_with)"
