"""The fence around units: what a resident may reach, the kinds of scope, and what the session does by itself."""

import threading
import uuid
from typing import Any

import pytest
from sqlalchemy import Table, delete, insert, select, update
from sqlalchemy.orm import Session

from app.core.db import Base
from app.core.guard import ScopeViolation
from app.core.idempotency import IdempotencyKey
from app.core.ids import new_id
from app.core.scope import Scope
from app.core.unit import Unit, run, unit
from tests.core.relations import Leaf
from tests.core.test_guard import write
from tests.dummy.models import Copy, Line, Note, Profile, Value
from tests.platform import Platform, new_tenant

TABLES: list[type[Any]] = [Note, Copy, Line, Profile, Value]


@pytest.fixture
def north(platform: Platform) -> Scope:
    return new_tenant()


def resident_of(scope: Scope, row: uuid.UUID) -> Scope:
    with unit(scope) as opened:
        known = opened.get(Note, row)
        assert known
        return Scope.for_tenant(scope.require_tenant(), as_resident=known.resident_id)


def test_a_resident_sees_only_what_is_pinned_to_both(north: Scope) -> None:
    mine, _ = write(north), write(north)
    resident = resident_of(north, mine)
    with unit(resident) as opened:
        assert [row.id for row in opened.all(opened.select(Note))] == [mine]
        assert [row.note_id for row in opened.all(opened.select(Line))] != []
        assert opened.all(opened.select(IdempotencyKey)) == []


@pytest.mark.parametrize("form", ["unpinned", "another resident", "none", "update", "insert for another"])
def test_a_resident_cannot_leave_their_view(north: Scope, form: str) -> None:
    tenant, resident = north.require_tenant(), resident_of(north, write(north))
    mine = Note.tenant_id == tenant
    statements: dict[str, Any] = {
        "unpinned": select(Note).where(mine),
        "another resident": select(Note).where(mine, Note.resident_id == new_id()),
        "none": select(Copy).where(Copy.tenant_id == tenant),
        "update": update(Note).where(mine).values(words="x"),
        "insert for another": insert(Note).values(tenant_id=tenant, id=new_id(), resident_id=new_id(), words="x"),
    }
    with pytest.raises(ScopeViolation), unit(resident) as opened:
        opened.session.execute(statements[form])


def test_each_kind_of_scope_reaches_its_own_tables_alone(north: Scope) -> None:
    person, value = new_id(), new_id()
    scopes = {
        "tenant": north,
        "person": Scope.for_person(person),
        "key": Scope.for_key("dummy_values", value),
    }
    owners = {"tenant": north.tenant, "person": person, "key": value.hex}
    for table in TABLES:
        placement = str(table.placement)
        column = next(iter(table.__table__.primary_key.columns))
        query = select(table).where(column == owners[placement])
        for kind, scope in scopes.items():
            if kind == placement:
                with unit(scope) as opened:
                    opened.session.scalars(query).all()
                continue
            with pytest.raises(ScopeViolation), unit(scope) as opened:
                opened.session.scalars(query).all()


def test_a_person_cannot_be_read_beside_a_tenant(north: Scope) -> None:
    person = new_id()
    with (
        pytest.raises(ScopeViolation),
        unit(Scope.for_tenant(north.require_tenant(), as_resident=person)) as opened,
    ):
        opened.session.scalars(select(Profile).where(Profile.person_id == person)).all()


@pytest.mark.parametrize("form", ["another value", "another table's key"])
def test_a_key_scope_is_one_row_of_one_table(platform: Platform, form: str) -> None:
    value = new_id()
    scope = Scope.for_key("dummy_values" if form == "another value" else "dummy_others", value)
    wanted = new_id() if form == "another value" else value
    with pytest.raises(ScopeViolation), unit(scope) as opened:
        opened.session.scalars(select(Value).where(Value.key == wanted.hex)).all()


def test_a_value_is_kept_under_its_key(platform: Platform) -> None:
    value = new_id()
    scope = Scope.for_key("dummy_values", value)
    run(scope, lambda opened: opened.add(Value(reserver="x")))
    with unit(scope) as opened:
        assert [row.key for row in opened.all(opened.select(Value))] == [value.hex]


def test_lazy_and_eager_loads_stay_inside(north: Scope) -> None:
    written, tenant = write(north), north.require_tenant()
    with unit(north) as opened:
        leaf = opened.session.get_one(Leaf, (tenant, written))
        assert [row.number for row in leaf.rows] == [1]
        opened.session.refresh(leaf)
        row = leaf.rows[0]
        opened.session.expire(row)
        assert row.leaf is leaf


def test_getting_another_tenants_row_is_refused(north: Scope) -> None:
    other = new_tenant()
    written = write(other)
    with pytest.raises(ScopeViolation), unit(north) as opened:
        opened.session.get(Leaf, (other.require_tenant(), written))
    with unit(north) as opened:
        assert opened.get(Note, written) is None


def test_a_versioned_update_passes_and_a_change_of_owner_does_not(north: Scope) -> None:
    written, tenant = write(north), north.require_tenant()
    with unit(north) as opened:
        opened.session.get_one(Leaf, (tenant, written)).words = "changed"
    with unit(north) as opened:
        leaf = opened.session.get_one(Leaf, (tenant, written))
        assert (leaf.words, leaf.version) == ("changed", 2)
    with pytest.raises(ScopeViolation, match="owner"), unit(north) as opened:
        opened.session.get_one(Leaf, (tenant, written)).tenant_id = new_tenant().require_tenant()


def test_adding_a_row_of_another_tenant_is_refused(north: Scope) -> None:
    other = new_tenant().require_tenant()
    with pytest.raises(ScopeViolation), unit(north) as opened:
        opened.add(Copy(tenant_id=other, id=new_id(), source="x", words="x"))


@pytest.mark.parametrize("foreign", [False, True])
@pytest.mark.parametrize("how", ["executemany", "returning", "orm", "flush"])
def test_every_row_of_a_bulk_insert_is_looked_at(north: Scope, how: str, foreign: bool) -> None:
    tenants = [north.require_tenant()] * 5 + ([new_tenant().require_tenant()] if foreign else [])
    rows = [{"tenant_id": t, "id": new_id(), "source": str(n), "words": "x"} for n, t in enumerate(tenants)]

    def work(opened: Unit) -> None:
        if how == "executemany":
            opened.session.connection().execute(insert(table_of(Copy)), rows)
        elif how == "returning":
            opened.session.scalars(insert(Copy).returning(Copy.id, sort_by_parameter_order=True), rows).all()
        elif how == "orm":
            opened.session.execute(insert(Copy), rows)
        else:
            opened.session.add_all(Copy(**row) for row in rows)

    if not foreign:
        return run(north, work)
    with pytest.raises(ScopeViolation):
        run(north, work)
    with unit(north) as opened:
        assert opened.all(opened.select(Copy)) == []
    return None


def table_of(model: type[Base]) -> Table:
    return Base.metadata.tables[model.__tablename__]


def test_a_bulk_update_by_key_is_looked_at(north: Scope) -> None:
    written, other = write(north), new_tenant()
    foreign = write(other)
    change = {"tenant_id": north.tenant, "id": written, "words": "many"}
    with unit(north) as opened:
        opened.session.execute(update(Note), [change])
    with pytest.raises(ScopeViolation), unit(north) as opened:
        opened.session.execute(update(Note), [change, {"tenant_id": other.tenant, "id": foreign, "words": "many"}])


def test_a_deleted_object_of_the_scope_reaches_the_database(platform: Platform, north: Scope) -> None:
    with unit(north, on=platform.sealing) as opened:
        opened.session.execute(
            delete(Base.metadata.tables["journal_pending"]).where(
                Base.metadata.tables["journal_pending"].c.tenant_id == north.tenant
            )
        )


@pytest.mark.parametrize("how", ["driver sql", "savepoint"])
def test_written_sql_is_refused(north: Scope, how: str) -> None:
    with pytest.raises(ScopeViolation), unit(north) as opened:
        if how == "driver sql":
            opened.session.connection().exec_driver_sql("SELECT 1")
        else:
            with opened.session.begin_nested():
                opened.session.execute(select(1))


def test_a_reading_is_not_kept_for_another_statement_or_value(north: Scope) -> None:
    """The same form is compiled once and read once; its values are looked at each time."""
    other = new_tenant().require_tenant()
    for tenant in (north.require_tenant(), other, north.require_tenant(), other):
        queries = (
            select(Note).where(Note.tenant_id == tenant),
            select(Note).where(Note.tenant_id.in_([north.require_tenant(), tenant])),
        )
        for query in queries:
            if tenant == north.tenant:
                with unit(north) as opened:
                    opened.session.scalars(query).all()
                continue
            with pytest.raises(ScopeViolation), unit(north) as opened:
                opened.session.scalars(query).all()
    with pytest.raises(ScopeViolation), unit(north) as opened:
        opened.session.scalars(select(Note)).all()


def test_threads_share_readings_and_nothing_else(platform: Platform) -> None:
    scopes = [new_tenant() for _ in range(4)]
    wanted = {scope: write(scope) for scope in scopes}
    found: dict[Scope, set[uuid.UUID]] = {}

    def look(scope: Scope) -> None:
        found[scope] = set()
        for _ in range(30):
            with unit(scope) as opened:
                found[scope] |= {row.id for row in opened.all(opened.select(Note))}

    threads = [threading.Thread(target=look, args=(scope,)) for scope in scopes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert found == {scope: {row} for scope, row in wanted.items()}


def test_a_transaction_without_a_scope_does_not_begin(platform: Platform) -> None:
    with pytest.raises(KeyError, match="scope"), Session(platform.app) as session:
        session.execute(select(1))
