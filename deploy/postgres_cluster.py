"""Makes the data of an embedded PostgreSQL, and takes it over from a server that was killed."""

import os
import secrets
import shutil
import subprocess
import sys
import time
from pathlib import Path

from deploy import postgres_binaries
from deploy.postgres_place import Account
from deploy.postgres_process import AlreadyRunningError, StartError, end, last_lines, launch

INITDB_LIMIT = 60.0  # seconds
ORPHAN_LIMIT = 10.0  # seconds for a server whose owner was killed to finish
FIRST_WITH_BUILTIN_LOCALE = 17


def initialize(home: Path, binaries: Path, runner: Account, *, durable: bool) -> None:
    """Make `cluster` and `password`. An interrupted attempt leaves no cluster. Raises StartError."""
    draft, password = home / "cluster.new", home / "password"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    password.unlink(missing_ok=True)
    password.touch(mode=0o600)
    password.write_text(secrets.token_urlsafe(24))
    for path in (draft, password):
        os.chown(path, runner.user, runner.group)
    command = [str(binaries / "initdb"), "-D", str(draft), "--username=postgres", f"--pwfile={password}"]
    command += ["--auth=scram-sha-256", "--encoding=UTF8", *_locale(binaries)]
    if not durable:
        command.append("--no-sync")
    _finish(launch(home, command, runner), home)
    draft.rename(home / "cluster")


def await_orphan(cluster: Path) -> None:
    """Wait for a server that outlived its owner, and clear away what a killed one left.

    Raises AlreadyRunningError if it still runs after 10 seconds: it has an owner that we do not know.
    """
    deadline = time.monotonic() + ORPHAN_LIMIT
    while (process := _running(cluster)) is not None:
        if time.monotonic() > deadline:
            raise AlreadyRunningError(f"process {process} still serves {cluster}")
        time.sleep(0.05)
    # A zombie, or a stranger who was given the same process id, would keep PostgreSQL from starting. Its own
    # guard against living backends does not need this file.
    (cluster / "postmaster.pid").unlink(missing_ok=True)


def _running(cluster: Path) -> int | None:
    """The process id of a live server on this cluster."""
    try:
        process = int((cluster / "postmaster.pid").read_text().split("\n", 1)[0])
        os.kill(process, 0)
        return process if _serves(process, cluster) else None
    except (FileNotFoundError, ProcessLookupError, PermissionError, ValueError):
        return None


def _serves(process: int, cluster: Path) -> bool:
    """Whether a process that exists works on this cluster; a zombie does not, its command line is empty."""
    if sys.platform != "linux":
        return True
    return os.fsencode(cluster) in Path(f"/proc/{process}/cmdline").read_bytes().split(b"\0")


def _locale(binaries: Path) -> list[str]:
    """The same order of characters on every system, from PostgreSQL itself where it brings one.

    The system's character types are named as well: with those of "C", pg_trgm sees no letter in Chinese text.
    """
    types = "UTF-8" if sys.platform == "darwin" else "C.UTF-8"
    options = ["--locale=C", f"--lc-ctype={types}"]
    if postgres_binaries.major_version(binaries) >= FIRST_WITH_BUILTIN_LOCALE:
        options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    return options


def _finish(initdb: subprocess.Popen[bytes], home: Path) -> None:
    try:
        status = initdb.wait(INITDB_LIMIT)
    except subprocess.TimeoutExpired:
        raise StartError(f"initdb did not end in {INITDB_LIMIT:.0f} s\n{last_lines(home)}") from None
    finally:
        end(initdb)
    if status != 0:
        raise StartError(f"initdb failed\n{last_lines(home)}")
