"""Every table of the database is walled exactly as its model declares, whoever made it."""

# ruff: noqa: S608  # names of our own tables are written into statements here

import re
from collections.abc import Mapping

import psycopg
from sqlalchemy import Table

import app.models
from app.core.db import Placement, key_column, placement_of, resident_view_of
from app.core.roles import ROLES
from app.core.walls import condition, role, work
from deploy.stack import DATABASE
from tests.dummy import models as dummy
from tests.platform import Platform

TABLES = {table.name: table for table in app.models.metadata.sorted_tables}
LATER = {"alembic_version": "belongs to the migration tool; only the owner may touch it, and probes may read it"}
"""Tables without a model, each with its reason."""
Policy = tuple[str, str, frozenset[str], str | None, str | None]
"""Name, command, roles, condition to see a row, condition to write one."""


def spelled(connection: psycopg.Connection, table: str, expression: str) -> str:
    """`expression` as PostgreSQL spells it in a policy of `table`: made there for a moment, and undone."""
    with connection.transaction(force_rollback=True):
        connection.execute(f"CREATE POLICY spelling ON {table} USING ({expression})".encode())
        found = connection.execute("SELECT qual FROM pg_policies WHERE policyname = 'spelling'").fetchall()
    return str(found[0][0])


def declared_policies(connection: psycopg.Connection, table: Table) -> set[Policy]:
    condition_of_ours = condition(table.name, Placement(table.info["placement"]), resident_view_of(table))
    fenced = spelled(connection, table.name, condition_of_ours)
    owner, app_role, sealer, discovery = (role(DATABASE, name) for name in ("owner", "app", "sealer", "discovery"))
    policies: set[Policy] = {
        (f"{table.name}_owner", "ALL", frozenset({owner}), "true", "true"),
        (f"{table.name}_wall", "ALL", frozenset({app_role, sealer}), fenced, fenced),
    }
    granted: Mapping[str, str] = table.info["grants"]
    if "discovery" in granted:
        rows = spelled(connection, table.name, work(granted))
        policies.add((f"{table.name}_work", "SELECT", frozenset({discovery}), rows, None))
    if "deletable" in table.info:
        gone = spelled(connection, table.name, table.info["deletable"])
        policies.add((f"{table.name}_deletable", "DELETE", frozenset({app_role}), gone, None))
    return policies


def policies_of(connection: psycopg.Connection, table: str) -> set[Policy]:
    query = "SELECT policyname, cmd, roles::text[], qual, with_check, permissive FROM pg_policies WHERE tablename = %s"
    found = connection.execute(query, (table,)).fetchall()
    assert {row[0] for row in found if row[5] != "PERMISSIVE"} <= {f"{table}_deletable"}
    assert {row[5] for row in found if row[0] == f"{table}_deletable"} <= {"RESTRICTIVE"}
    return {(row[0], row[1], frozenset(row[2]), row[3], row[4]) for row in found}


Grant = tuple[str, str, str]
"""Role, privilege, column; the column is empty for a privilege on the whole table."""


def declared_grants(table: Table) -> set[Grant]:
    found: set[Grant] = set()
    for name, privileges in table.info["grants"].items():
        text, owner = privileges.format(owner=key_column(table)), role(DATABASE, name)
        if columns := re.fullmatch(r"SELECT \((.+)\)", text):
            found |= {(owner, "SELECT", column.strip()) for column in columns[1].split(",")}
        else:
            found |= {(owner, privilege.strip(), "") for privilege in text.split(",")}
    return found


def grants_of(connection: psycopg.Connection, table: str) -> set[Grant]:
    whole = (
        "SELECT coalesce(r.rolname, 'PUBLIC'), a.privilege_type, '' FROM pg_class c, aclexplode(c.relacl) a "
        "LEFT JOIN pg_roles r ON r.oid = a.grantee WHERE c.oid = %(table)s::regclass AND a.grantee <> c.relowner"
    )
    single = (
        "SELECT coalesce(r.rolname, 'PUBLIC'), a.privilege_type, t.attname FROM pg_attribute t, aclexplode(t.attacl) a "
        "LEFT JOIN pg_roles r ON r.oid = a.grantee WHERE t.attrelid = %(table)s::regclass"
    )
    return {
        (str(r), str(p), str(c)) for r, p, c in connection.execute(f"{whole} UNION {single}".encode(), {"table": table})
    }


def state_of(connection: psycopg.Connection, table: str) -> tuple[object, ...] | None:
    """Whether the table has a wall, also for its owner; its owner."""
    query = (
        "SELECT relrowsecurity, relforcerowsecurity, pg_get_userbyid(relowner) FROM pg_class WHERE oid = %s::regclass"
    )
    return connection.execute(query, (table,)).fetchone()


def test_a_table_is_walled_as_declared(platform: Platform) -> None:
    with platform.connection() as admin:
        found = {name: (state_of(admin, name), policies_of(admin, name), grants_of(admin, name)) for name in TABLES}
        declared = {
            name: ((True, True, role(DATABASE, "owner")), declared_policies(admin, table), declared_grants(table))
            for name, table in TABLES.items()
        }
    assert found == declared


def test_a_table_is_owned_by_somebody_or_says_why_not() -> None:
    placements = {name: placement_of(table) for name, table in TABLES.items()}
    assert {name for name, placement in placements.items() if placement is None} == set(), "declare a placement"
    read_by_all = [name for name, placement in placements.items() if placement is Placement.REFERENCE]
    silent = {name for name in read_by_all if not TABLES[name].info.get("reference_reason")}
    assert silent == set(), "say in reference_reason why all may read it"


def test_no_table_is_there_that_no_model_knows(platform: Platform) -> None:
    with platform.connection() as admin:
        found = admin.execute(
            "SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE relkind IN ('r', 'p', 'v', 'm', 'f') "
            "AND nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')"
        ).fetchall()
        assert {name for (name,) in found} - set(LATER) == set(TABLES)
        for name in LATER:
            assert grants_of(admin, name) == {(role(DATABASE, "discovery"), "SELECT", "")}
    assert dummy.Note.__tablename__ in TABLES


def test_there_is_nothing_that_runs_above_the_wall(platform: Platform) -> None:
    """No function, trigger, rule or sequence of ours: each could act with its owner's rights."""
    with platform.connection() as admin:
        for catalogue, condition_of_ours in (
            ("pg_proc", "pronamespace = 'public'::regnamespace"),
            ("pg_trigger", "NOT tgisinternal"),
            ("pg_rewrite", "ev_class >= 16384"),
            ("pg_class", "relkind = 'S' AND relnamespace = 'public'::regnamespace"),
        ):
            query = f"SELECT count(*) FROM {catalogue} WHERE {condition_of_ours}"
            assert admin.execute(query.encode()).fetchone() == (0,), catalogue


def test_the_schema_is_closed_to_strangers(platform: Platform) -> None:
    with platform.connection() as admin:
        rights = {
            name: admin.execute(
                "SELECT has_schema_privilege(%(r)s, 'public', 'CREATE'), "
                "has_schema_privilege(%(r)s, 'public', 'USAGE'), "
                "has_database_privilege(%(r)s, current_database(), 'CREATE'), "
                "has_database_privilege(%(r)s, current_database(), 'TEMP')",
                {"r": role(DATABASE, name)},
            ).fetchone()
            for name in ROLES
        }
    assert rights.pop("owner") == (True, True, True, True)
    assert set(rights.values()) == {(False, True, False, False)}
