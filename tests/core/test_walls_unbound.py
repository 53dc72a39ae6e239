"""A forgotten binding is an error on every walled table, never an empty answer; and what discovery can see."""

# ruff: noqa: S608  # names of our own tables are written into statements here

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from typing import cast

import psycopg
import pytest
from psycopg import errors
from sqlalchemy import Table, select

import app.models
from app.core.db import Base, Placement, key_column, placement_of
from app.core.engines import fenced
from app.core.idempotency import IdempotencyKey
from app.core.ids import PublicId, new_id
from app.core.journal.record import record
from app.core.scope import Scope
from app.core.unit import Database, Unit, run, unit
from app.settings import driver_url
from tests.core.test_guard import write
from tests.dummy.models import Note, Profile, Value
from tests.platform import Platform, new_tenant

FEWEST = 50
"""Accesses that the role with the fewest has."""
TABLES = [t for t in app.models.metadata.sorted_tables if placement_of(t) is not Placement.REFERENCE]
SAMPLES = {Placement.TENANT: "1", Placement.PERSON: f"'{new_id()}'", Placement.KEY: "'00'"}


def accesses(table: Table, role: str) -> Iterator[str]:
    """A statement for every privilege that `role` has on `table`."""
    granted, owner = table.info["grants"].get(role, ""), key_column(table)
    sample = SAMPLES[Placement(table.info["placement"])]
    if "SELECT" in granted:
        yield f"SELECT * FROM {table.name}"
        yield f"SELECT count(*) FROM {table.name}"
        yield f"SELECT * FROM {table.name} WHERE {owner} = {sample}"
        yield f"SELECT * FROM {table.name} ORDER BY {owner} LIMIT 1"
        yield f"COPY {table.name} TO STDOUT"
    if "INSERT" in granted:
        yield f"INSERT INTO {table.name} ({owner}) VALUES ({sample})"
    if "UPDATE" in granted and "SELECT" in granted:
        yield f"UPDATE {table.name} SET {owner} = {owner}"
    if "DELETE" in granted:
        yield f"DELETE FROM {table.name}"


def states(cursor: psycopg.Cursor, role: str) -> dict[str, str | None]:
    """The SQLSTATE of every access of `role` to every walled table, on one connection."""
    found: dict[str, str | None] = {}
    for table in TABLES:
        for statement in accesses(table, role):
            found[statement] = None
            try:
                if statement.startswith("COPY"):
                    with cursor.copy(statement.encode()) as out:
                        list(out)
                else:
                    cursor.execute(statement.encode())
            except psycopg.Error as error:
                found[statement] = error.sqlstate
    return found


def wrong(found: dict[str, str | None], expected: str) -> dict[str, str | None]:
    assert len(found) > FEWEST
    return {statement: state for statement, state in found.items() if state != expected}


@pytest.mark.parametrize("role", ["app", "sealer"])
def test_a_fresh_connection_reaches_nothing(platform: Platform, role: str) -> None:
    with psycopg.connect(platform.addresses[role], autocommit=True) as connection:
        assert wrong(states(connection.cursor(), role), "42704") == {}


def tenant_unit(on: Database) -> None:
    scope = new_tenant()
    write(scope)
    with unit(scope, on=on) as opened:
        opened.all(opened.select(Note))


def resident_unit(on: Database) -> None:
    with unit(Scope.for_tenant(1, as_resident=new_id()), on=on) as opened:
        opened.all(opened.select(Note))


def person_unit(on: Database) -> None:
    run(Scope.for_person(new_id()), lambda opened: opened.add(Profile(id=new_id(), words="x")), on=on)


def key_unit(on: Database) -> None:
    run(Scope.for_key("dummy_values", new_id()), lambda opened: opened.add(Value(reserver="x")), on=on)


def rolled_back(on: Database) -> None:
    with pytest.raises(KeyError), unit(new_tenant(), on=on) as opened:
        opened.all(opened.select(Note))
        raise KeyError


def failed(on: Database) -> None:
    row = {"tenant_id": 1, "principal": "x", "name": str(new_id()), "request": "x", "due_at": datetime.now(UTC)}
    with pytest.raises(Exception, match="duplicate key"), unit(Scope.for_tenant(1), on=on) as opened:
        for _ in range(2):
            opened.session.add(IdempotencyKey(**row))
            opened.session.flush()
            opened.session.expunge_all()


KINDS: list[Callable[[Database], None]] = [tenant_unit, resident_unit, person_unit, key_unit, rolled_back, failed]


@contextmanager
def single(platform: Platform, role: str) -> Iterator[tuple[Database, psycopg.Cursor]]:
    """A database over a pool of one connection, and a cursor of that connection for later."""
    known = platform.database
    engine = fenced(driver_url(platform.addresses[role]), 1)
    try:
        with closing(engine.raw_connection()) as pooled:
            driver = cast(psycopg.Connection, pooled.driver_connection)
        yield Database(engine, known.clock, known.cipher, known.blind), driver.cursor()
    finally:
        engine.dispose()


@pytest.mark.parametrize("kind", KINDS)
def test_a_reused_connection_reaches_nothing(platform: Platform, kind: Callable[[Database], None]) -> None:
    with single(platform, "app") as (on, cursor):
        kind(on)
        assert wrong(states(cursor, "app"), "22P02") == {}


def test_a_reused_connection_of_the_sealer_reaches_nothing(platform: Platform) -> None:
    with single(platform, "sealer") as (on, cursor):
        with unit(new_tenant(), on=on) as opened:
            opened.session.execute(select(1))
        assert wrong(states(cursor, "sealer"), "22P02") == {}


WAITING = ("due_at", "given_up_at", "state")
"""Since when, and as what, something waits."""


def test_discovery_sees_owners_and_times_of_waiting_work_alone(platform: Platform) -> None:
    def pend(opened: Unit) -> None:
        record(opened, "note.sent", PublicId("note", opened.scope, new_id()), 1, {})

    scope = new_tenant()
    run(scope, pend)
    with psycopg.connect(platform.addresses["discovery"], autocommit=True) as connection:
        found = connection.execute(
            "SELECT due_at FROM journal_pending WHERE tenant_id = %s", (scope.tenant,)
        ).fetchall()
        assert len(found) == 1
        for table in Base.metadata.sorted_tables:
            seen = table.info["grants"].get("discovery", "")
            known = {key_column(table), *(name for name in WAITING if name in seen)} if seen else set()
            columns = [c.name for c in table.c if c.name not in known]
            for column in [*columns, "*"] if columns else []:  # else it holds nothing but owners and times
                with pytest.raises(errors.InsufficientPrivilege):
                    connection.execute(f"SELECT {column} FROM {table.name}".encode())
            for change in (f"DELETE FROM {table.name}", f"UPDATE {table.name} SET {table.columns.keys()[0]} = NULL"):
                with pytest.raises(errors.InsufficientPrivilege):
                    connection.execute(change.encode())


def test_discovery_does_not_see_what_is_done(platform: Platform) -> None:
    tenant = new_tenant().tenant
    with platform.connection() as admin:
        for state, due in (("acknowledged", None), ("pending", datetime.now(UTC))):
            admin.execute(
                "INSERT INTO relays "
                "(tenant_id, id, seq, position, subject, taker, type, version, state, due_at, tries) "
                "VALUES (%s, %s, 1, 0, 'x', 'tenant:1', 'x', 1, %s, %s, 0)",
                (tenant, new_id(), state, due),
            )
        admin.commit()
        with psycopg.connect(platform.addresses["discovery"]) as connection:
            query = "SELECT due_at FROM relays WHERE tenant_id = %s"
            assert len(connection.execute(query, (tenant,)).fetchall()) == 1
        admin.execute("DELETE FROM relays WHERE tenant_id = %s", (tenant,))
