"""What row-level security does not stop, each shown to be so, and the fence and the lint that let no such SQL be.

Whoever could send SQL of their own could bind another tenant: the wall holds what our statements forget, not somebody
who writes their own. So there are no statements but those built from tables, and these are held to the unit's scope.
"""

# statements of an attacker are written here

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
from sqlalchemy import func, select, text

from app.core.guard import ScopeViolation
from app.core.scope import Scope
from app.core.unit import unit
from tests.architecture.sources import Source
from tests.architecture.test_sources import WRITTEN_SQL, calling
from tests.core.test_guard import write
from tests.core.test_walls import bind
from tests.platform import Platform, new_tenant
from tests.tables import let_through

BINDINGS = {
    "by setting": "SET LOCAL app.tenant = '{south}'",
    "by a function": "SELECT set_config('app.tenant', '{south}', true)",
    "by a program": "DO $$ BEGIN PERFORM set_config('app.tenant', '{south}', true); END $$",
    "by a function that runs text": (
        "SELECT * FROM ts_stat('SELECT to_tsvector(set_config(''app.tenant'', ''{south}'', true))')"
    ),
}
OTHERS = {
    "a cursor for whoever comes next": "DECLARE theirs CURSOR WITH HOLD FOR SELECT id FROM dummy_notes",
    "how many rows are hidden": "EXPLAIN (ANALYZE, FORMAT JSON) SELECT * FROM dummy_notes",
    "a message": "NOTIFY somebody, 'words'",
    "a large object": "SELECT lo_from_bytea(0, 'words')",
    "what runs": "SELECT query FROM pg_stat_activity",
}
FUNCTIONS: dict[str, Any] = {
    "set_config": func.set_config("app.tenant", "1", True),
    "ts_stat": func.ts_stat("SELECT 1"),
    "ts_rewrite": func.ts_rewrite("x", "SELECT 1"),
    "pg_notify": func.pg_notify("somebody", "words"),
    "lo_from_bytea": func.lo_from_bytea(0, b"words"),
    "loread": func.loread(1, 1),
    "pg_stat_get_activity": func.pg_stat_get_activity(1),
}


@dataclass(frozen=True)
class Attack:
    """Two tenants with a note each, and the application's connection, bound to the first."""

    north: Scope
    south: Scope
    note: uuid.UUID
    theirs: uuid.UUID
    app: psycopg.Connection

    def notes(self) -> list[Any]:
        """The notes that can be seen."""
        return [row[0] for row in self.app.execute("SELECT id FROM dummy_notes").fetchall()]


@pytest.fixture
def attack(platform: Platform) -> Iterator[Attack]:
    north, south = new_tenant(), new_tenant()
    with psycopg.connect(platform.addresses["app"], autocommit=True) as app:
        yield Attack(north, south, write(north), write(south), bind(app, north))


@pytest.fixture
def other(platform: Platform) -> Iterator[psycopg.Connection]:
    with psycopg.connect(platform.addresses["app"], autocommit=True) as connection:
        yield connection


@pytest.mark.parametrize("how", BINDINGS)
def test_sql_binds_another_tenant(attack: Attack, how: str) -> None:
    assert attack.notes() == [attack.note]
    attack.app.execute(BINDINGS[how].format(south=attack.south.tenant).encode())
    assert attack.notes() == [attack.theirs]


def test_a_cursor_that_was_left_on_a_connection_shows_what_its_maker_saw(attack: Attack) -> None:
    attack.app.execute("DECLARE theirs CURSOR WITH HOLD FOR SELECT id FROM dummy_notes")
    attack.app.execute("COMMIT")
    bind(attack.app, attack.south)
    assert attack.app.execute("FETCH ALL FROM theirs").fetchall() == [(attack.note,)]


def test_how_many_rows_are_hidden_can_be_found_out(attack: Attack) -> None:
    for way in ("enable_indexscan", "enable_indexonlyscan", "enable_bitmapscan"):
        attack.app.execute(f"SET LOCAL {way} = off".encode())
    (found,) = attack.app.execute("EXPLAIN (ANALYZE, FORMAT JSON) SELECT * FROM dummy_notes").fetchall()
    plan = found[0][0]["Plan"]
    assert (plan["Actual Rows"], plan["Rows Removed by Filter"] >= 1) == (1, True)


def test_messages_and_large_objects_know_no_tenant(attack: Attack, other: psycopg.Connection) -> None:
    other.execute("LISTEN somebody")
    bind(other, attack.south)
    attack.app.execute("NOTIFY somebody, 'words'")
    (made,) = attack.app.execute("SELECT lo_from_bytea(0, 'words')").fetchall()
    attack.app.execute("COMMIT")
    assert other.execute("SELECT lo_get(%s)", made).fetchall() == [(b"words",)]
    other.execute("SELECT lo_unlink(%s)", made)
    other.execute("COMMIT")
    assert [heard.payload for heard in other.notifies(timeout=10, stop_after=1)] == ["words"]


def test_statements_of_others_are_seen_without_their_values(attack: Attack, other: psycopg.Connection) -> None:
    bind(other, attack.south)
    other.execute("SELECT 1 FROM dummy_notes WHERE words = %s", ("a diagnosis",))
    query = "SELECT query FROM pg_stat_activity WHERE pid = %s"
    assert attack.app.execute(query, (other.info.backend_pid,)).fetchall() == [
        ("SELECT 1 FROM dummy_notes WHERE words = $1",)
    ]


def test_the_fence_lets_no_such_statement_out(platform: Platform) -> None:
    def execute(statement: str) -> None:
        with unit(new_tenant()) as opened:
            opened.session.execute(text(statement.format(south=7)))

    def pass_to_the_driver(statement: str) -> None:
        with unit(new_tenant()) as opened:
            opened.session.connection().exec_driver_sql(statement.format(south=7))

    statements = [*BINDINGS.values(), *OTHERS.values()]
    assert let_through(execute, statements, ScopeViolation) == set()
    assert let_through(pass_to_the_driver, statements, ScopeViolation) == set()


def test_the_fence_lets_no_such_function_be_called(platform: Platform) -> None:
    def call(function: str) -> None:
        with unit(new_tenant()) as opened:
            opened.session.execute(select(FUNCTIONS[function]))

    assert let_through(call, FUNCTIONS, ScopeViolation) == set()


@pytest.mark.parametrize(
    "line",
    [
        "session.execute(text('SET LOCAL app.tenant = 7'))",
        "session.execute(sqlalchemy.text('SET LOCAL app.tenant = 7'))",
        "session.connection().exec_driver_sql('SET LOCAL app.tenant = 7')",
        "select(literal_column(\"set_config('app.tenant', '7', true)\"))",
        "engine.raw_connection()",
        "session.connection().connection.cursor()",
    ],
)
def test_the_lint_finds_it_before_it_runs(line: str) -> None:
    assert calling([Source("app/visits/service.py", line)], WRITTEN_SQL) != []
