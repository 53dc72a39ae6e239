"""What a tenant keeps about a person whose account was erased: until when, by each rule, and its deletion then.

The journal, which has neither names nor contents, and the books are not deleted.
"""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from sqlalchemy import ColumnElement, Delete, Table, delete, select
from sqlalchemy.dialects.postgresql import insert

from app.core.blobs import blobs
from app.core.db import Base
from app.core.due import due_ids, take_due
from app.core.encrypted import blob_columns
from app.core.ids import PublicId, new_id
from app.core.journal.record import record
from app.core.relays import Answer, Incoming
from app.core.scope import Scope
from app.core.unit import Unit, run, unit
from app.edge.closing import KEPT, Rule
from app.residents.closing.models import Retention
from app.residents.closing.service.ends import kept_tables
from app.residents.names import RETENTION_ID

YEAR = timedelta(days=366)
"""Never shorter than one of the calendar."""


@dataclass(frozen=True)
class _Kept:
    """What one rule keeps of one person."""

    rule: Rule
    resident: uuid.UUID


def take_erasure(opened: Unit, relay: Incoming) -> Answer:
    """Note until when the unit's tenant keeps what it has of the giver, once for each rule that has a term."""
    person = relay.giver.require_person()
    for rule, keeping in KEPT.items():
        if keeping.years is None:
            continue
        row = {
            "tenant_id": opened.scope.require_tenant(), "id": new_id(), "resident_id": person, "rule": rule.value,
            "due_at": opened.now + YEAR * keeping.years,
        }  # fmt: skip
        made = insert(Retention).values(row).on_conflict_do_nothing().returning(Retention.id)
        id = opened.session.scalars(made).first()
        if id is not None:
            facts = {"rule": rule.value, "resident": str(relay.giver)}
            record(opened, "retention.begun", PublicId(RETENTION_ID, opened.scope, id), 1, facts)
    return {}


def forget_due(scope: Scope) -> int:
    """Delete what the tenant of `scope` has kept for long enough; returns by how many rules."""
    with unit(scope) as reading:
        ids = due_ids(reading, Retention)
    return sum(_forget(scope, id) for id in ids)


def _forget(scope: Scope, id: uuid.UUID) -> int:
    """The blobs first: a row that is left is met again, a blob without one never."""
    with unit(scope) as reading:
        row = reading.get(Retention, id)
        if row is None:
            return 0
        kept = _Kept(Rule(row.rule), row.resident_id)
        addresses = list(_addresses(reading, kept))
    for address in addresses:
        blobs().remove(scope.require_tenant(), address)
    return run(scope, partial(_delete, id=id, kept=kept))


def _delete(opened: Unit, id: uuid.UUID, kept: _Kept) -> int:
    row = take_due(opened, Retention, id)
    if row is None:
        return 0
    for table in kept_tables(kept.rule):
        for statement in _deletions(opened, table, kept.resident):
            opened.execute(statement)
    facts = {"rule": kept.rule.value, "resident": str(Scope.for_person(kept.resident))}
    record(opened, "retention.ended", PublicId(RETENTION_ID, opened.scope, id), 2, facts)
    opened.session.delete(row)
    return 1


def _deletions(opened: Unit, table: Table, resident: uuid.UUID) -> Iterator[Delete]:
    """First what hangs on the person's rows of `table` and does not name them, then those rows."""
    tenant = opened.scope.require_tenant()
    own = _own(table, tenant, resident)
    for child in Base.metadata.sorted_tables:
        for key in child.foreign_key_constraints:
            if key.referred_table is table and "resident_id" not in child.c:
                column = child.c[key.column_keys[-1]]
                yield delete(child).where(child.c.tenant_id == tenant, column.in_(select(table.c.id).where(*own)))
    yield delete(table).where(*own)


def _addresses(reading: Unit, kept: _Kept) -> Iterator[str]:
    tenant = reading.scope.require_tenant()
    for table in kept_tables(kept.rule):
        for column in blob_columns(table):
            yield from reading.session.scalars(select(column).where(*_own(table, tenant, kept.resident)))


def _own(table: Table, tenant: int, resident: uuid.UUID) -> tuple[ColumnElement[bool], ...]:
    return table.c.tenant_id == tenant, table.c.resident_id == resident
