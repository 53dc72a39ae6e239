"""The command line: what is wrong with its surroundings is told in one line, and an operator can be removed."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import click
import psycopg
import pytest
from click.testing import CliRunner

from app.commands import Commands
from app.core.ids import PublicId, new_id
from app.core.scope import Scope
from app.core.unit import Unit, run
from deploy import postgres
from deploy.processes import Process
from deploy.stack import DATABASE, ROOT
from tenants.api import STAFF_ID, invite_operator
from tenants.models import Profile, Staff
from tenants.rules import Kind
from tenants.service.membership import staff_subject
from tenants.states import TenantState
from tests import warm
from tests.platform import Platform, new_tenant

PATH = {"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(ROOT)}


def cli(*words: str, environ: Mapping[str, str] = PATH, at: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return warm.command_line(*words, environ=environ, at=at)


def refusal(done: subprocess.CompletedProcess[str]) -> str:
    """What a command that was refused said: one line."""
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    return line


@pytest.fixture
def operator(platform: Platform) -> Iterator[Staff]:
    yield invite_operator("somebody").member


def clinic() -> Scope:
    """An open clinic."""
    scope = new_tenant()

    def work(opened: Unit) -> None:
        opened.add(
            Profile(
                id=new_id(), name="clinic", kind=Kind.CLINIC, state=TenantState.ACTIVE, version=1, opened_at=opened.now
            )
        )  # fmt: skip

    run(scope, work)
    return scope


@pytest.mark.parametrize(
    "command", ["worker", "verify", "relays stuck", "tokens operator", "tokens end-operator sta_0"]
)
def test_unsafe_settings_are_named(command: str) -> None:
    assert "DATABASE_URL_APP" in refusal(cli(*command.split()))


@pytest.mark.parametrize(
    ("command", "variable"),
    [
        ("db init", "DATABASE_URL"),
        ("db migrate", "DATABASE_URL_OWNER"),
        ("db backup file", "DATABASE_URL"),
        (f"db restore {ROOT / 'README.md'}", "DATABASE_URL"),
    ],
)
def test_a_missing_address_is_named(command: str, variable: str) -> None:
    assert refusal(cli(*command.split())).startswith(f"Error: {variable} is not set")


def test_roles_that_exist_keep_their_passwords_unless_asked(platform: Platform) -> None:
    environ = {**PATH, "DATABASE_URL": platform.admin}
    first = cli("db", "init", "--name", "by_command", "--new-passwords", environ=environ)
    assert "by_command_app" in refusal(cli("db", "init", "--name", "by_command", environ=environ))
    app = next(line for line in first.stdout.splitlines() if line.startswith("DATABASE_URL_APP="))
    psycopg.connect(app.partition("=")[2]).close()


def test_a_name_that_cannot_be_one_is_told(platform: Platform) -> None:
    told = refusal(cli("db", "init", "--name", "Bad-Name", environ={**PATH, "DATABASE_URL": platform.admin}))
    assert told.startswith("Error: a database's name is at most 41 lower-case letters")


def test_a_restore_over_a_database_is_refused(platform: Platform) -> None:
    checkpoints = platform.keys.checkpoints
    environ = {**PATH, "DATABASE_URL": platform.admin, "CLOUD_CHECKPOINT_KEYS": checkpoints}
    words = ("db", "restore", str(ROOT / "README.md"), "--name", DATABASE)
    assert "exists already" in refusal(cli(*words, environ=environ))


@pytest.mark.parametrize("command", ["demo", "serve"])
def test_a_local_server_that_runs_already_is_told(server_place: Path, command: str) -> None:
    place = server_place / new_id().hex
    place.mkdir()
    with postgres.start(place / "var" / "postgres", durable=False):
        done = cli(command, at=place)
    assert done.returncode == 1
    assert done.stderr.startswith("Error: a live process runs the server of ")
    assert len(done.stderr.splitlines()) == 1


def test_a_process_that_does_not_come_up_is_told_with_its_last_words(tmp_path: Path) -> None:
    """As `serve` meets one: where the log says why, nobody needs a traceback."""

    @click.group(cls=Commands)
    def commands() -> None:
        pass

    @commands.command()
    def begin() -> None:
        words = [sys.executable, "-c", "print('port 8000\\nis taken')"]
        process = Process.start("web", words, PATH, tmp_path / "web.log")
        try:
            process.wait_until(lambda: False)
        finally:
            process.stop()

    done = CliRunner().invoke(commands, ["begin"])
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == "Error: web is not ready:\nport 8000\nis taken\n"


def test_an_operator_is_removed(platform: Platform, operator: Staff) -> None:
    name = str(staff_subject(operator))
    done = cli("tokens", "end-operator", name, environ=platform.environ)
    assert (done.returncode, done.stdout) == (0, f"{name} has ended\n")
    with platform.connection() as admin:
        found = admin.execute("SELECT state, invitation_hash FROM staff WHERE id = %s", [operator.id]).fetchall()
    assert found == [("ended", None)]
    assert "ended" in refusal(cli("tokens", "end-operator", name, environ=platform.environ))


def test_who_is_no_operator_is_not_removed(platform: Platform, operator: Staff) -> None:
    strangers = (
        PublicId(STAFF_ID, clinic(), new_id()),  # whose staff is its own to end
        PublicId(STAFF_ID, new_tenant(), new_id()),  # of no tenant that was opened
        PublicId(STAFF_ID, Scope.for_person(new_id()), new_id()),
        "sta_0",
        "nonsense",
    )
    for stranger in strangers:
        assert "nobody" in refusal(cli("tokens", "end-operator", str(stranger), environ=platform.environ))
    unknown = PublicId(STAFF_ID, staff_subject(operator).scope, new_id())
    assert refusal(cli("tokens", "end-operator", str(unknown), environ=platform.environ)).startswith("Error: ")
