"""A backup is worth what its restored copy is: every row, every wall, every chain."""

import os
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from app.core.engines import fenced
from app.core.ids import PublicId, new_id
from app.core.journal.record import record
from app.core.journal.seal import seal
from app.core.unit import Database, Unit, connect, run
from app.settings import driver_url
from deploy import postgres
from deploy.backup import BackupFailed, back_up, restore
from deploy.stack import ROOT, prepare
from tests import warm
from tests.platform import Platform, new_tenant

KEPT = "kept"
"""A database of these tests' own: to copy and to verify what all tests share would take long."""
ADDRESSES = ["DATABASE_URL_OWNER", "DATABASE_URL_APP", "DATABASE_URL_SEALER", "DATABASE_URL_DISCOVERY"]
WALLS = "SELECT tablename, policyname, roles, qual, with_check FROM pg_policies ORDER BY 1, 2"
GRANTS = "SELECT table_name, grantee, privilege_type FROM information_schema.role_table_grants ORDER BY 1, 2, 3"


def rows(administrator: str, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(administrator.rpartition("/")[0] + f"/{KEPT}") as connection:
        return connection.execute(query).fetchall()


def db(administrator: str, platform: Platform, *words: str) -> subprocess.CompletedProcess[str]:
    environ = {
        "PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(ROOT), "DATABASE_URL": administrator,
        "CLOUD_CHECKPOINT_KEYS": platform.keys.checkpoints,
    }  # fmt: skip
    return warm.command_line("db", *words, "--name", KEPT, environ=environ)


@pytest.fixture(scope="module")
def addresses(platform: Platform) -> dict[str, str]:
    """Of each role of the database that is backed up."""
    return prepare(platform.admin, KEPT)


@pytest.fixture
def sealing(platform: Platform, addresses: dict[str, str]) -> Iterator[Database]:
    """What sealing runs on there, while units run there too."""
    app, sealer = (fenced(driver_url(addresses[role]), 1) for role in ("app", "sealer"))
    connect(replace(platform.database, engine=app))
    yield replace(platform.database, engine=sealer)
    connect(platform.database)
    for engine in (app, sealer):
        engine.dispose()


@pytest.fixture
def second_server(server_place: Path) -> Iterator[str]:
    with postgres.start(server_place / new_id().hex, durable=False) as server:
        yield server.url


def test_restored_database_is_whole(platform: Platform, sealing: Database, second_server: str, tmp_path: Path) -> None:
    scope, file = new_tenant(), tmp_path / "backup"

    def work(unit: Unit) -> None:
        record(unit, "thing.happened", PublicId("thing", scope, new_id()), 1, {"count": 3})

    run(scope, work)
    assert seal(scope, frozenset(), sealing) == 1
    assert db(platform.admin, platform, "backup", str(file)).returncode == 0
    restored = db(second_server, platform, "restore", str(file))

    assert [line.partition("=")[0] for line in restored.stdout.splitlines()] == ADDRESSES
    assert file.stat().st_mode & 0o077 == 0
    for query in (WALLS, GRANTS, "SELECT * FROM journal ORDER BY tenant_id, seq"):
        assert rows(second_server, query) == rows(platform.admin, query)
    assert (scope.tenant, 1) in rows(second_server, "SELECT tenant_id, seq FROM journal_heads")
    assert (restored.stderr, restored.returncode) == ("", 0)


def test_damage_that_a_backup_holds_is_named(
    platform: Platform, sealing: Database, second_server: str, tmp_path: Path
) -> None:
    scope = new_tenant()
    run(scope, lambda unit: record(unit, "thing.happened", PublicId("thing", scope, new_id()), 1, {}))
    seal(scope, frozenset(), sealing)
    with psycopg.connect(platform.admin.rpartition("/")[0] + f"/{KEPT}", autocommit=True) as connection:
        connection.execute("DELETE FROM journal WHERE tenant_id = %s", [scope.tenant])
    back_up(platform.admin, KEPT, tmp_path / "backup")
    restored = db(second_server, platform, "restore", str(tmp_path / "backup"))
    assert restored.returncode == 1
    assert f"{scope} 1 missing" in restored.stderr


def test_a_restore_over_a_database_that_exists_changes_nothing(
    platform: Platform, addresses: dict[str, str], tmp_path: Path
) -> None:
    back_up(platform.admin, KEPT, tmp_path / "backup")
    with pytest.raises(BackupFailed, match="exists already"):
        restore(platform.admin, KEPT, tmp_path / "backup")
    for address in addresses.values():
        with psycopg.connect(address) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)


@pytest.mark.parametrize(
    ("query", "said"),
    [("sslmode=require", "SSL"), ("sslmode=disable&target_session_attrs=standby", "standby")],
)
def test_what_an_address_asks_for_holds(platform: Platform, tmp_path: Path, query: str, said: str) -> None:
    """The server of the tests has no TLS and is nobody's standby: a backup that asks for either must fail."""
    with pytest.raises(BackupFailed, match=said):
        back_up(f"{platform.admin}?{query}", KEPT, tmp_path / "backup")


def test_a_broken_backup_is_refused(second_server: str, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.write_bytes(b"PGDMP nothing of the kind")
    with pytest.raises(BackupFailed):
        restore(second_server, KEPT, broken)
