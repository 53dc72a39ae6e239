"""Models and migrations say the same; migrations go up, down and up again."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import psycopg
import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

import app.models
from app.core.roles import init
from app.core.schema import create
from app.settings import driver_url
from migrations.run import configuration, upgrade
from tests.dummy import models as dummy
from tests.migrations import former_rows
from tests.migrations.former_rows import Look
from tests.platform import Platform

OURS = [t for t in app.models.metadata.sorted_tables if not t.name.startswith("dummy_")]
Fact = tuple[str, ...]
"""Something that the catalogue says, led by its kind."""
CATALOGUE = """
    SELECT 'column', c.relname::text, a.attname::text, format_type(a.atttypid, a.atttypmod),
           a.attnotnull::text, a.attidentity::text, pg_get_expr(d.adbin, d.adrelid)
      FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
      LEFT JOIN pg_attrdef d ON (adrelid, adnum) = (attrelid, attnum)
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
    UNION ALL
    SELECT 'constraint', conrelid::regclass::text, conname::text, pg_get_constraintdef(oid), convalidated::text, '', ''
      FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    UNION ALL
    SELECT 'index', tablename::text, indexname::text, indexdef, '', '', '' FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL
    SELECT 'policy', tablename::text, replace(policyname, %(name)s, ''), cmd, replace(roles::text, %(name)s, ''),
           qual, with_check FROM pg_policies
    UNION ALL
    SELECT 'wall', relname::text, relrowsecurity::text, relforcerowsecurity::text, relpersistence::text,
           reloptions::text, replace(relacl::text, %(name)s, '') FROM pg_class
     WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
    UNION ALL
    SELECT 'column grant', attrelid::regclass::text, attname::text, replace(attacl::text, %(name)s, ''), '', '', ''
      FROM pg_attribute WHERE attacl IS NOT NULL AND attrelid >= 16384
"""


@contextmanager
def fresh(platform: Platform, name: str) -> Iterator[str]:
    """A database of this test's own; gives its owner's address."""
    with psycopg.connect(platform.admin, autocommit=True) as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {name}".encode())
    yield init(platform.admin, name, new_passwords=True)["owner"]


@contextmanager
def looking(owner: str) -> Iterator[Callable[[], set[Fact]]]:
    """Gives looks at the catalogue, each a transaction of its own; the server knows all tables after the first."""
    name = owner.rpartition("/")[2]
    with psycopg.connect(owner, autocommit=True) as connection:

        def look() -> set[Fact]:
            rows = connection.execute(CATALOGUE.encode(), {"name": name}).fetchall()
            return {tuple(map(str, row)) for row in rows if row[1] != "alembic_version"}

        yield look


def catalogue(owner: str) -> set[Fact]:
    with looking(owner) as look:
        return look()


def build(owner: str) -> None:
    engine = create_engine(driver_url(owner))
    with engine.begin() as connection:
        create(connection, OURS)
    engine.dispose()


@pytest.fixture(scope="module")
def migrated(platform: Platform) -> Iterator[str]:
    """The owner's address of a database of the newest schema, which every test leaves as it was."""
    with fresh(platform, "by_migrations") as owner:
        upgrade(owner)
        yield owner


def test_models_and_migrations_make_the_same_database(platform: Platform, migrated: str) -> None:
    with fresh(platform, "by_models") as modelled:
        build(modelled)
        by_migrations, by_models = catalogue(migrated), catalogue(modelled)
    assert by_migrations - by_models == set(), "only the migrations make this"
    assert by_models - by_migrations == set(), "only the models make this"
    assert {fact[0] for fact in by_models} == {"column", "constraint", "index", "policy", "wall", "column grant"}


def test_autogenerate_finds_nothing_to_do(platform: Platform, migrated: str) -> None:
    """With the dummy slice's models loaded, in a database without its tables and in one with them."""
    assert dummy.Note.__tablename__ in app.models.metadata.tables
    command.check(configuration(migrated))
    command.check(configuration(platform.addresses["owner"]))


def test_autogenerate_finds_what_is_missing(migrated: str) -> None:
    with psycopg.connect(migrated, autocommit=True) as connection:
        connection.execute("ALTER TABLE journal RENAME COLUMN hash TO mislaid")
        connection.execute("CREATE TABLE left_over (id int)")
        try:
            with pytest.raises(Exception, match="New upgrade operations detected") as found:
                command.check(configuration(migrated))
        finally:
            connection.execute("DROP TABLE left_over")
            connection.execute("ALTER TABLE journal RENAME COLUMN mislaid TO hash")
    assert "'hash'" in str(found.value) and "left_over" in str(found.value)


def register_apps(owner: str) -> None:
    """One that is in use and one that was revoked, before it was kept who answers for them."""
    with psycopg.connect(owner) as connection:
        connection.execute(
            "INSERT INTO oauth_apps SELECT 1000, gen_random_uuid(), 'x', '[]', '[]', '[]', 'none', NULL, NULL, state,"
            " 1, now() FROM unnest(ARRAY['active', 'revoked']) AS state"
        )


def waiting(owner: str) -> set[str]:
    """The states of the apps that wait for a review."""
    with psycopg.connect(owner) as connection:
        found = connection.execute("SELECT state FROM oauth_apps WHERE review_since IS NOT NULL").fetchall()
    return {str(state) for (state,) in found}


def looked(owner: str, looks: Mapping[str, Look], revision: str) -> bool:
    """Put or look at rows that a migration changes; returns whether there was something to do."""
    look = looks.get(revision)
    if look:
        with psycopg.connect(owner) as connection:
            look(connection)
    return look is not None


def went_up(owner: str, revision: str) -> bool:
    """Go up to `revision`; where it changes rows, with some of the release before, and down and up once more. Returns
    whether it does.
    """
    config = configuration(owner)
    looked(owner, former_rows.BEFORE, revision)
    command.upgrade(config, revision)
    changes = looked(owner, former_rows.UP, revision)
    if changes:
        command.downgrade(config, "-1")
        looked(owner, former_rows.DOWN, revision)
        with psycopg.connect(owner) as connection:
            former_rows.empty(connection)
        command.upgrade(config, revision)
    return changes


def test_each_migration_goes_down_to_where_it_came_from_and_all_go_down_to_nothing(platform: Platform) -> None:
    """With rows as the release before wrote them, where a migration changes rows."""
    with fresh(platform, "step_by_step") as owner, looking(owner) as look:
        config, stood, changing = configuration(owner), dict[object, set[Fact]]({None: set()}), set[str]()
        scripts = list(ScriptDirectory.from_config(config).walk_revisions())
        for script in reversed(scripts):
            changing |= {script.revision} if went_up(owner, script.revision) else set()
            stood[script.revision] = look()
            if script.revision == "0015":
                register_apps(owner)
        assert (waiting(owner), changing) == ({"active"}, set(former_rows.DOWN))
        for script in scripts:
            command.downgrade(config, "-1")
            assert look() == stood[script.down_revision], script.revision
        upgrade(owner)
        upgrade(owner)
        assert look() == stood[scripts[0].revision]


def test_migrations_form_one_line(platform: Platform) -> None:
    assert len(ScriptDirectory.from_config(configuration(platform.addresses["owner"])).get_heads()) == 1


def test_a_migration_does_not_wait_behind_a_lock(platform: Platform) -> None:
    """It gives up after three seconds, instead of having everybody queue behind it."""
    with fresh(platform, "locked") as owner, psycopg.connect(owner) as holder:
        command.upgrade(configuration(owner), "0001")
        holder.execute("LOCK TABLE journal IN ACCESS SHARE MODE")
        with pytest.raises(Exception, match="lock timeout"):
            command.downgrade(configuration(owner), "base")
