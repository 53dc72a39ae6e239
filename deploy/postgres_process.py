"""Starts and ends the programs of an embedded PostgreSQL, as its account and tied to our life."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from deploy import tied
from deploy.postgres_place import Account

STOP_LIMIT = 20.0  # seconds for a fast shutdown, whose last checkpoint may be long
LOG_LINES = 20
FOREIGN = ("PG", "LC_", "LANG")  # settings of the caller that would change what the programs do


class StartError(Exception):
    """The server did not start; the message ends with the last lines of its log."""


class AlreadyRunningError(StartError):
    """A live server has this data already."""


def launch(home: Path, command: list[str], runner: Account) -> subprocess.Popen[bytes]:
    """Start a program with a fresh log (the former one stays beside it), out of reach of Ctrl-C."""
    words = [sys.executable, "-I", "-S", tied.__file__]
    words += [str(os.getpid()), str(runner.user), str(runner.group), *command]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
    log = home / "log"
    with suppress(FileNotFoundError):
        log.replace(home / "log.former")
    log.touch(mode=0o600)
    with log.open("ab") as output:
        return subprocess.Popen(
            words,
            cwd=home,
            env=environment | {"LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )


def end(process: subprocess.Popen[bytes]) -> None:
    """Shut a server down, breaking connections, or stop initdb; kill it after 20 seconds."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(STOP_LIMIT)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def last_lines(home: Path) -> str:
    """What the last program said at its end."""
    return "\n".join((home / "log").read_text(errors="replace").splitlines()[-LOG_LINES:])
