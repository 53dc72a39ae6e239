"""Every table attacked with a binding given, as the application: a row of others lies in each, and one of ours.

The rows are planted, the attacks made and everything undone in one transaction, so tables of tomorrow are attacked too
and nobody has to know how to fill them.
"""

# ruff: noqa: S608  # names of our own tables are written into statements here

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

import psycopg
import pytest
from psycopg import errors
from psycopg.types.json import Jsonb
from sqlalchemy import Column, Table

import app.models
from app.core.db import Placement, ResidentView, key_column, placement_of, resident_view_of
from app.core.ids import new_id
from app.core.scope import Scope
from app.core.walls import role
from deploy.stack import DATABASE
from tests.platform import Platform

TABLES = [t for t in app.models.metadata.sorted_tables if placement_of(t) is not Placement.REFERENCE]
READ = [t for t in TABLES if "SELECT" in t.info["grants"].get("app", "")]
THEIRS, OURS = uuid.uuid5(uuid.NAMESPACE_OID, "theirs"), uuid.uuid5(uuid.NAMESPACE_OID, "ours")
OWNERS: dict[Placement, dict[uuid.UUID, Any]] = {
    Placement.TENANT: {THEIRS: 2**52 + 1, OURS: 2**52 + 2},
    Placement.PERSON: {THEIRS: THEIRS, OURS: OURS},
    Placement.KEY: {THEIRS: THEIRS.hex, OURS: OURS.hex},
}
"""Whose rows there are. In a tenant's rows the resident is called like the tenant."""
VALUES: dict[type, Any] = {
    int: 1, str: "x", bool: False, bytes: b"x", uuid.UUID: new_id(), datetime: datetime.now(UTC),
    date: date(2099, 12, 31), object: Jsonb([]),
}  # fmt: skip
DONE = {"relays": {"state": "acknowledged", "payload": None}}
DONE["person_relays"] = DONE["relays"]
"""What the rows of some tables hold, so that the application may delete them."""
OUR_TENANT, THEIR_TENANT = OWNERS[Placement.TENANT][OURS], OWNERS[Placement.TENANT][THEIRS]
BINDINGS = {
    "tenant": Scope.for_tenant(OUR_TENANT),
    "their resident, in our tenant": Scope.for_tenant(OUR_TENANT, as_resident=THEIRS),
    "person": Scope.for_person(OURS),
    "key of another table": Scope.for_key("dummy_others", THEIRS),
}


def value(column: Column[Any], table: Table, whose: uuid.UUID) -> Any:
    """Something that fits a column; owners and residents are `whose`."""
    if column.name == key_column(table):
        return owner(table, whose)
    if column.name in DONE.get(table.name, {}):
        return DONE[table.name][column.name]
    return whose if column.name == "resident_id" else VALUES[column.type.python_type]


def plant(admin: psycopg.Connection, table: Table) -> None:
    """A row of theirs and one of ours, without regard to checks and foreign keys."""
    query = "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'c'"
    for (check,) in admin.execute(query, (table.name,)).fetchall():
        admin.execute(f"ALTER TABLE {table.name} DROP CONSTRAINT {check}".encode())
    places = ", ".join(["%s"] * len(table.columns))
    statement = f"INSERT INTO {table.name} ({', '.join(table.columns.keys())}) VALUES ({places})"
    for whose in (THEIRS, OURS):
        admin.execute(statement.encode(), [value(column, table, whose) for column in table.columns])


@pytest.fixture(scope="module")
def planted(platform: Platform) -> Iterator[psycopg.Connection]:
    with platform.connection() as admin:
        admin.prepare_threshold = None
        admin.execute("SET LOCAL session_replication_role = replica")
        for table in TABLES:
            plant(admin, table)
        admin.execute(f"SET LOCAL ROLE {role(DATABASE, 'app')}".encode())
        yield admin
        admin.rollback()


@contextmanager
def bound(connection: psycopg.Connection, scope: Scope) -> Iterator[psycopg.Connection]:
    """The connection, bound for a while; what happens meanwhile is undone."""
    with connection.transaction(force_rollback=True):
        connection.execute(scope.begin().removeprefix("BEGIN; ").encode())
        yield connection


def seen(on: psycopg.Connection, table: Table) -> Iterator[tuple[str, set[Any]]]:
    """The owners of the rows that each way of reaching rows reaches, with the way's name."""
    key, granted = key_column(table), table.info["grants"]["app"]
    ways = [
        f"SELECT {key} FROM {table.name}",
        f"WITH RECURSIVE r AS (SELECT * FROM {table.name}) SELECT {key} FROM r",
        f"SELECT word FROM ts_stat('SELECT array_to_tsvector(ARRAY[{key}::text]) FROM {table.name}')",
    ]
    ways += [f"SELECT {key} FROM {table.name} FOR UPDATE"] if "UPDATE" in granted else []
    ways += [f"UPDATE {table.name} SET {key} = {key} RETURNING {key}"] if "UPDATE" in granted else []
    for way in ways:
        yield way, {row[0] for row in on.execute(way.encode()).fetchall()}
    on.execute(f"DECLARE theirs CURSOR FOR SELECT {key} FROM {table.name}".encode())
    yield "cursor", {row[0] for row in on.execute("FETCH ALL FROM theirs").fetchall()}
    on.execute("CLOSE theirs")
    with on.cursor().copy(f"COPY {table.name} ({key}) TO STDOUT".encode()) as out:
        yield "COPY", {row[0] for row in out.rows()}
    if "DELETE" in granted:
        yield "DELETE", {row[0] for row in on.execute(f"DELETE FROM {table.name} RETURNING {key}".encode())}


def owner(table: Table, whose: uuid.UUID) -> Any:
    return OWNERS[Placement(table.info["placement"])][whose]


def own_scope(table: Table) -> Scope:
    """The binding in which our row of `table` lies."""
    if placement_of(table) is Placement.KEY:
        return Scope.for_key(table.name, OURS)
    return BINDINGS[str(table.info["placement"])]


def fine(owners: set[Any], table: Table) -> bool:
    """Whether these are our rows alone."""
    return {str(one) for one in owners} <= {str(owner(table, OURS))}


@pytest.mark.parametrize("binding", BINDINGS)
def test_no_way_leads_to_a_row_of_theirs(planted: psycopg.Connection, binding: str) -> None:
    found = list[str]()
    with bound(planted, BINDINGS[binding]) as on:
        for table in READ:
            for way, owners in seen(on, table):
                if not fine(owners, table):
                    found.append(f"{table.name}: {way}: {owners}")
    assert found == []


def test_every_way_leads_to_rows_of_ones_own(planted: psycopg.Connection) -> None:
    """Else nothing above would mean anything."""
    found, tried = list[str](), 0
    for table in READ:
        with bound(planted, own_scope(table)) as on:
            for way, owners in seen(on, table):
                tried += 1
                if not owners or not fine(owners, table):
                    found.append(f"{table.name}: {way}: {owners}")
    assert tried > 5 * len(READ)
    assert found == []


def test_nothing_is_given_to_others(planted: psycopg.Connection) -> None:
    """Neither a new row nor one's own is written into theirs."""
    wrong = list[str]()
    for table in TABLES:
        key, granted = key_column(table), table.info["grants"].get("app", "")
        gifts = [f"INSERT INTO {table.name} ({key}) VALUES (%s)"] if "INSERT" in granted else []
        gifts += [f"UPDATE {table.name} SET {key} = %s"] if "UPDATE" in granted else []
        for gift in gifts:
            with bound(planted, own_scope(table)) as on:
                try:
                    on.execute(gift.encode(), (owner(table, THEIRS),))
                    wrong.append(gift)
                except errors.InsufficientPrivilege:
                    continue
    assert wrong == []


def test_another_resident_of_the_same_tenant_sees_what_is_not_somebodys(planted: psycopg.Connection) -> None:
    found = list[str]()
    with bound(planted, Scope.for_tenant(THEIR_TENANT, as_resident=OURS)) as on:
        for table in READ:
            if resident_view_of(table) in (ResidentView.OWN, ResidentView.NONE):
                found += [f"{table.name}: {way}" for way, owners in seen(on, table) if owners]
    assert found == []
