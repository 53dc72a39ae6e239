"""Row-level security attacked with SQL of one's own, on the application's connection with a binding given."""

# ruff: noqa: S608  # names of our own tables are written into statements here

import uuid
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
import pytest
from psycopg import errors

from app.core.ids import PublicId, new_id
from app.core.journal.record import record
from app.core.scope import Scope
from app.core.unit import Unit, run
from deploy.stack import DATABASE
from tests.core.test_guard import write
from tests.dummy.models import Profile, Value
from tests.platform import Platform, new_tenant
from tests.tables import let_through

DENIED = errors.InsufficientPrivilege


@dataclass(frozen=True)
class Two:
    """Two tenants with one note, line and copy each; ours holds the connection."""

    north: Scope
    south: Scope
    note: uuid.UUID
    theirs: uuid.UUID
    app: psycopg.Connection

    def sql(self, statement: str) -> str:
        """`statement` with our and their tenant and note written in."""
        return statement.format(
            north=self.north.tenant,
            south=self.south.tenant,
            note=self.note,
            theirs=self.theirs,
            fresh=new_id(),
            database=DATABASE,
        )


def bind(connection: psycopg.Connection, scope: Scope) -> psycopg.Connection:
    connection.execute("ROLLBACK")
    connection.execute(scope.begin().encode())
    return connection


@pytest.fixture
def app(platform: Platform) -> Iterator[psycopg.Connection]:
    with psycopg.connect(platform.addresses["app"], autocommit=True) as connection:
        yield connection


@pytest.fixture
def two(app: psycopg.Connection) -> Two:
    north, south = new_tenant(), new_tenant()
    made = Two(north, south, write(north), write(south), app)
    bind(app, north)
    return made


@pytest.mark.parametrize("table", ["dummy_notes", "dummy_copies", "dummy_lines", "journal", "relays"])
def test_only_rows_of_the_tenant_are_there(two: Two, table: str) -> None:
    owners = two.app.execute(f"SELECT DISTINCT tenant_id FROM {table}".encode()).fetchall()
    assert owners in ([(two.north.tenant,)], [])
    assert two.app.execute(two.sql(f"SELECT 1 FROM {table} WHERE tenant_id = {{south}}").encode()).fetchall() == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE dummy_notes SET words = 'theirs' WHERE tenant_id = {south}",
        "UPDATE dummy_notes SET words = 'theirs' WHERE id = '{theirs}'",
        "SELECT 1 FROM dummy_notes WHERE id = '{theirs}' FOR UPDATE",
        "SELECT 1 FROM dummy_notes a FULL JOIN dummy_notes b USING (words) WHERE b.tenant_id = {south}",
        "WITH changed AS (UPDATE dummy_notes SET words = 'x' WHERE tenant_id = {south} RETURNING 1) TABLE changed",
        "MERGE INTO dummy_notes n USING (SELECT 1) s ON n.id = '{theirs}' WHEN MATCHED THEN UPDATE SET words = 'x'",
    ],
)
def test_rows_of_another_tenant_are_untouched(two: Two, statement: str) -> None:
    assert two.app.execute(two.sql(statement).encode()).rowcount == 0


FORBIDDEN = [
    "INSERT INTO dummy_copies VALUES ({south}, '{fresh}', 'x', 'x')",
    "INSERT INTO dummy_notes (tenant_id, id, resident_id, words, state, version) "
    "VALUES ({south}, '{theirs}', '{fresh}', 'x', 'x', 1)",  # a key that is taken says no more than a free one
    "INSERT INTO dummy_notes (tenant_id, id, resident_id, words, state, version) "
    "VALUES ({south}, '{theirs}', '{fresh}', 'x', 'x', 1) ON CONFLICT DO NOTHING",
    "INSERT INTO dummy_notes (tenant_id, id, resident_id, words, state, version) "
    "VALUES ({south}, '{theirs}', '{fresh}', 'x', 'x', 1) ON CONFLICT (tenant_id, id) DO UPDATE SET words = 'x'",
    "INSERT INTO dummy_lines VALUES ({south}, '{fresh}', '{theirs}', 1)",
    "UPDATE dummy_notes SET tenant_id = {south}",
    "UPDATE dummy_copies SET tenant_id = {south}",
    "DELETE FROM dummy_notes",
    "TRUNCATE dummy_notes",
    "SELECT * FROM journal_pending",
    "UPDATE journal SET text = 'x'",
    "DELETE FROM journal",
    "INSERT INTO journal VALUES ({north})",
    "UPDATE journal_heads SET seq = 0",
    "SELECT * FROM journal_heads",
    "DELETE FROM journal_pending",
    "UPDATE journal_pending SET facts = '{{}}'",
    "INSERT INTO relays (tenant_id) VALUES ({north})",
    "DELETE FROM ledger_postings",
    "DELETE FROM signing_certificates",
    "DELETE FROM signature_stamps",
    "DELETE FROM journal_checkpoints",
    "DELETE FROM person_journal",
    "INSERT INTO deliveries (tenant_id) VALUES ({north})",
    "CREATE VIEW v AS SELECT * FROM dummy_notes",
    "CREATE TABLE t (a int)",
    "CREATE TEMP TABLE t (a int)",
    "CREATE SCHEMA s",
    "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE FUNCTION pg_temp.f() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'",
    "CREATE SEQUENCE s",
    "CREATE TRIGGER t AFTER INSERT ON dummy_notes EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    "CREATE EXTENSION pg_trgm",
    "CREATE STATISTICS s ON id, words FROM dummy_notes",
    "CREATE POLICY mine ON dummy_notes USING (true)",
    "DROP POLICY dummy_notes_wall ON dummy_notes",
    "ALTER TABLE dummy_notes DISABLE ROW LEVEL SECURITY",
    "ALTER TABLE dummy_notes NO FORCE ROW LEVEL SECURITY",
    "SET ROLE {database}_owner",
    "SET ROLE {database}_sealer",
    "SET ROLE {database}_discovery",
    "SET SESSION AUTHORIZATION {database}_owner",
    "SET session_replication_role = replica",
    "ALTER ROLE {database}_app BYPASSRLS",
    "GRANT {database}_owner TO {database}_app",
    "SELECT rolpassword FROM pg_authid",
    "SELECT stavalues1 FROM pg_statistic",
    "SELECT data FROM pg_largeobject",
    "SELECT pg_read_file('postgresql.conf')",
    "SELECT lo_export(0, '/tmp/x')",
    "SELECT lo_import('/etc/hostname')",
    "COPY dummy_notes TO PROGRAM 'true'",
    "COPY dummy_notes TO '/tmp/x'",
    "COPY dummy_copies FROM PROGRAM 'true'",
]


def test_what_the_application_may_not_do(two: Two) -> None:
    assert let_through(lambda s: bind(two.app, two.north).execute(two.sql(s).encode()), FORBIDDEN, DENIED) == set()


def test_row_security_cannot_be_left_out(two: Two) -> None:
    two.app.execute("SET LOCAL row_security = off")
    with pytest.raises(DENIED, match="row-level security"):
        two.app.execute("SELECT * FROM dummy_notes")


def test_copying_in_is_refused_and_copying_out_is_fenced(two: Two) -> None:
    with two.app.cursor().copy("COPY dummy_notes (tenant_id) TO STDOUT") as out:
        assert b"".join(bytes(chunk) for chunk in out) == f"{two.north.tenant}\n".encode()
    with pytest.raises(errors.FeatureNotSupported), two.app.cursor().copy("COPY dummy_copies FROM STDIN") as into:
        into.write_row((two.south.tenant, new_id(), "x", "x"))


def test_a_foreign_key_does_not_tell_what_another_tenant_has(two: Two) -> None:
    for note in (two.theirs, new_id()):
        bind(two.app, two.north)
        with pytest.raises(errors.ForeignKeyViolation):
            two.app.execute("INSERT INTO dummy_lines VALUES (%s, %s, %s, 1)", (two.north.tenant, new_id(), note))


def test_the_same_id_may_stand_in_two_tenants(two: Two) -> None:
    row = (two.north.tenant, two.theirs, new_id())
    two.app.execute(
        "INSERT INTO dummy_notes (tenant_id, id, resident_id, words, state, version) VALUES (%s, %s, %s, 'x', 'x', 1)",
        row,
    )


def test_a_condition_that_fails_is_not_tried_on_rows_of_others(two: Two) -> None:
    bind(two.app, new_tenant())
    assert two.app.execute("SELECT 1 FROM dummy_notes WHERE words::int > 0").fetchall() == []


def test_a_prepared_statement_follows_the_binding(two: Two) -> None:
    two.app.execute("PREPARE mine AS SELECT id FROM dummy_notes")
    for _ in range(8):  # more than the five custom plans after which PostgreSQL keeps a generic one
        for scope, note in ((two.north, two.note), (two.south, two.theirs)):
            bind(two.app, scope)
            assert two.app.execute("EXECUTE mine").fetchall() == [(note,)]
    two.app.execute("ROLLBACK")
    with pytest.raises(errors.InvalidTextRepresentation):
        two.app.execute("EXECUTE mine")


def test_statistics_show_no_values(two: Two, platform: Platform) -> None:
    with platform.connection() as admin:
        admin.execute("ANALYZE dummy_notes")
    shown = two.app.execute("SELECT attname FROM pg_stats WHERE tablename = 'dummy_notes'").fetchall()
    assert shown == []


def test_what_a_resident_sees_of_a_tenant(two: Two) -> None:
    write(two.north)
    mine = two.app.execute("SELECT resident_id FROM dummy_notes WHERE id = %s", (two.note,)).fetchone()
    assert mine
    bind(two.app, Scope.for_tenant(two.north.require_tenant(), as_resident=mine[0]))
    seen = {
        table: two.app.execute(f"SELECT count(*) FROM {table}".encode()).fetchall()[0][0]
        for table in ("dummy_notes", "dummy_lines", "dummy_copies", "dummy_profiles", "dummy_values", "oauth_clients")
    }
    assert seen == {
        "dummy_notes": 1, "dummy_lines": 2, "dummy_copies": 0, "dummy_profiles": 0, "dummy_values": 0,
        "oauth_clients": 0,
    }  # fmt: skip


@pytest.mark.parametrize("statement", ["UPDATE dummy_notes SET resident_id = gen_random_uuid()", "INSERT"])
def test_a_resident_gives_no_row_to_another(two: Two, statement: str) -> None:
    mine = two.app.execute("SELECT resident_id FROM dummy_notes").fetchall()[0][0]
    bind(two.app, Scope.for_tenant(two.north.require_tenant(), as_resident=mine))
    other = (
        "INSERT INTO dummy_notes (tenant_id, id, resident_id, words, state, version) "
        "VALUES ({north}, '{fresh}', '{fresh}', 'x', 'x', 1)"
    )
    with pytest.raises(DENIED):
        two.app.execute(two.sql(other if statement == "INSERT" else statement).encode())


def test_a_person_sees_their_own_rows(app: psycopg.Connection, platform: Platform) -> None:
    one, other = new_id(), new_id()
    for person in (one, other):
        run(Scope.for_person(person), lambda opened: opened.add(Profile(id=new_id(), words="x")))
    bind(app, Scope.for_person(one))
    assert app.execute("SELECT person_id FROM dummy_profiles").fetchall() == [(one,)]
    assert app.execute("SELECT 1 FROM dummy_notes").fetchall() == []
    with pytest.raises(DENIED):
        app.execute("INSERT INTO dummy_profiles VALUES (%s, %s, 'x')", (other, new_id()))


def test_a_key_is_one_row_of_one_table(app: psycopg.Connection, platform: Platform) -> None:
    one, other = new_id(), new_id()

    def reserve(opened: Unit) -> None:
        opened.add(Value(reserver="x"))

    for value in (one, other):
        run(Scope.for_key("dummy_values", value), reserve)
    bind(app, Scope.for_key("dummy_values", one))
    assert app.execute("SELECT key FROM dummy_values").fetchall() == [(one.hex,)]
    for key in (other.hex, new_id().hex):
        bind(app, Scope.for_key("dummy_values", one))
        with pytest.raises(DENIED):
            app.execute("INSERT INTO dummy_values VALUES (%s, 'x')", (key,))
    bind(app, Scope.for_key("dummy_others", one))
    assert app.execute("SELECT key FROM dummy_values").fetchall() == []


NOT_SEALING = [
    "SELECT * FROM dummy_notes",
    "SELECT * FROM oauth_clients",
    "SELECT * FROM relays",
    "UPDATE journal SET text = 'x'",
    "DELETE FROM journal",
    "UPDATE journal_pending SET facts = '{{}}'",
    "INSERT INTO journal_pending (tenant_id) VALUES ({north})",
    "INSERT INTO journal_heads (tenant_id) VALUES ({north})",
    "INSERT INTO journal (tenant_id) VALUES ({south})",
    "INSERT INTO relays (tenant_id) VALUES ({south})",
    "UPDATE relays SET state = 'x'",
    "UPDATE webhook_endpoints SET url = 'x'",
    "SET ROLE {database}_owner",
    "CREATE TEMP TABLE t (a int)",
]


def test_the_sealer_seals_and_nothing_else(two: Two, platform: Platform) -> None:
    with psycopg.connect(platform.addresses["sealer"], autocommit=True) as sealer:
        assert let_through(lambda s: bind(sealer, two.north).execute(two.sql(s).encode()), NOT_SEALING, DENIED) == set()


def test_the_sealer_deletes_pending_entries_of_its_tenant_alone(two: Two, platform: Platform) -> None:
    def pend(opened: Unit) -> None:
        record(opened, "note.sent", PublicId("note", opened.scope, new_id()), 1, {})

    for scope in (two.north, two.south):
        run(scope, pend)
    with psycopg.connect(platform.addresses["sealer"], autocommit=True) as sealer:
        bind(sealer, two.north)
        assert sealer.execute("DELETE FROM journal_pending").rowcount == 1
        sealer.execute("ROLLBACK")
