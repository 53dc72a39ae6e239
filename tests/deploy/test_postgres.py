"""The embedded PostgreSQL, with real servers, real deaths and, as root, a real second account."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import LiteralString

import psycopg
import pytest

from deploy import postgres
from deploy.postgres_binaries import BinariesError, find

DEADLINE = 10.0  # seconds
OWNER = """
import sys
from pathlib import Path
from deploy.postgres import start
print(start(Path(sys.argv[1]), durable=False).url, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def place() -> Iterator[Path]:
    """A directory that every account can enter, which pytest's own ones of root are not."""
    path = Path(tempfile.mkdtemp(prefix="hospital-test-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


def ask(url: str, statement: LiteralString) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(statement).fetchone()
    return row[0] if row else None


def tell(url: str, statement: LiteralString) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(statement)


def postmaster(data: Path) -> int:
    return int((data / "cluster" / "postmaster.pid").read_text().splitlines()[0])


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < deadline, "the deadline has passed"
        time.sleep(0.02)


def refuses(url: str) -> bool:
    try:
        ask(url, "SELECT 1")
    except psycopg.OperationalError:
        return True
    return False


@contextmanager
def owner(data: Path, **environment: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Another process with a server of its own, and the server's address; ends in peace unless killed."""
    command = [sys.executable, "-c", OWNER, str(data)]
    with subprocess.Popen(
        command, env=os.environ | environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert url.startswith("postgresql://"), "the owner could not start its server"
        yield process, url


def test_a_new_server_answers_and_a_stopped_one_keeps_its_data(place: Path) -> None:
    with postgres.start(place / "data") as server:
        assert ask(server.url, "SELECT 1") == 1
        assert ask(server.url, "SHOW listen_addresses") == "127.0.0.1"
        assert ask(server.url, "SHOW fsync") == "on"
        tell(server.url, "CREATE TABLE kept AS SELECT 7 AS value")
    assert refuses(server.url)
    with postgres.start(place / "data", durable=False) as server:
        assert ask(server.url, "SELECT value FROM kept") == 7
        assert ask(server.url, "SHOW fsync") == "off"


def test_a_killed_server_keeps_what_was_committed(place: Path) -> None:
    first = postgres.start(place / "data")
    tell(first.url, "CREATE TABLE kept AS SELECT 7 AS value")
    os.kill(postmaster(place / "data"), signal.SIGKILL)
    wait_until(lambda: refuses(first.url))
    first.stop()
    waiting = [sys.executable, "-c", "import sys; sys.stdin.read()"]
    with subprocess.Popen(waiting, stdin=subprocess.PIPE) as stranger:  # who gets the dead server's process id
        pid_file = place / "data" / "cluster" / "postmaster.pid"
        rest = pid_file.read_text().split("\n", 1)[1]
        pid_file.write_text(f"{stranger.pid}\n{rest}")
        second = postgres.start(place / "data")
    with second:
        assert ask(second.url, "SELECT value FROM kept") == 7


def test_a_second_server_on_live_data_is_refused(place: Path) -> None:
    with postgres.start(place / "data", durable=False) as server:
        with pytest.raises(postgres.AlreadyRunningError, match="already"):
            postgres.start(place / "data", durable=False)
        assert ask(server.url, "SELECT 1") == 1


def test_a_killed_owner_takes_its_server_along_and_the_next_takes_over(place: Path) -> None:
    with owner(place / "data") as (process, url):
        tell(url, "CREATE TABLE kept AS SELECT 7 AS value")
        process.kill()
    with postgres.start(place / "data", durable=False) as server:
        assert ask(server.url, "SELECT value FROM kept") == 7
    assert refuses(url)


def test_data_and_programs_in_a_private_directory_work_for_root_too(place: Path) -> None:
    """As root the server's account cannot enter there; for others it is an ordinary place."""
    private, temporary = place / "private", place / "temporary"
    private.mkdir(mode=0o700)
    temporary.mkdir()
    installation = find().parent
    package = installation.parent
    shutil.copytree(package, private / package.name, symlinks=True)
    libraries = f"{package.name}.libs"  # found by the programs through their relative path
    shutil.copytree(package.with_name(libraries), private / libraries)
    binaries = private / package.name / installation.name / "bin"
    settings = {"PG_BIN": str(binaries), "TMPDIR": str(temporary)}
    with owner(private / "data", **settings) as (_, url):
        tell(url, "CREATE TABLE kept AS SELECT 7 AS value")
    with owner(private / "data", **settings) as (_, url):
        assert ask(url, "SELECT value FROM kept") == 7
    moved = {path.name.split("-")[2] for path in temporary.iterdir()}
    assert moved == ({"data", "bin"} if os.geteuid() == 0 else set())
    assert private.stat().st_mode & 0o777 == 0o700


def test_password_and_log_are_private_and_a_failed_start_shows_the_log(place: Path) -> None:
    data = place / "data"
    with postgres.start(data, durable=False) as server:
        password = (data / "password").read_text()
        assert password in server.url
        assert password not in repr(server)
        assert {(data / name).stat().st_mode & 0o777 for name in ("password", "log", "lock")} == {0o600}
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(server.url.replace(password, "wrong"))
    (data / "cluster" / "PG_VERSION").write_text("9\n")
    with pytest.raises(postgres.StartError, match="database files are incompatible with server"):
        postgres.start(data)


def test_wrong_programs_are_refused(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PG_BIN", str(place))
    with pytest.raises(BinariesError, match="no postgres and initdb"):
        postgres.start(place / "data")


def test_chinese_text_has_letters(place: Path) -> None:
    with postgres.start(place / "data", durable=False) as server:
        tell(server.url, "CREATE EXTENSION pg_trgm")
        assert ask(server.url, "SELECT similarity('张三丰', '张三') > 0.3") is True
