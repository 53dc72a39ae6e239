"""Backing a database up, restoring it on another server, and proving that the restored one is whole.

Run by the administrator: row-level security holds for the owner too (it is forced), so only a role that bypasses it
sees every row. Passwords are never in a command line; the programs read them from the environment.
"""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

from app.core.roles import init
from deploy import postgres_binaries


class BackupFailed(Exception):
    """A program of PostgreSQL ended with an error; the message is its own."""


def back_up(administrator: str, database: str, file: Path) -> None:
    """Write everything in `database` to `file`, consistent as of the moment of the call; raises BackupFailed."""
    draft = file.with_suffix(".part")
    draft.touch(mode=0o600)
    _run("pg_dump", administrator, ["--format=custom", f"--file={draft}", f"--dbname={database}"])
    draft.replace(file)


def restore(administrator: str, database: str, file: Path) -> dict[str, str]:
    """Make `database` and its roles on an empty server and fill it from `file`; returns each role's address.

    The database keeps its name: policies and grants name roles that carry it. Stops at the first error and then leaves
    nothing behind but the empty database; raises BackupFailed.
    """
    addresses = init(administrator, database)
    _run(
        "pg_restore", administrator,
        ["--exit-on-error", "--single-transaction", f"--dbname={database}", str(file)],
    )  # fmt: skip
    return addresses


def _run(program: str, administrator: str, words: Sequence[str]) -> None:
    command = [str(postgres_binaries.find() / program), "--no-password", *words]
    done = subprocess.run(command, env=_environment(administrator), capture_output=True, text=True, check=False)
    if done.returncode:
        raise BackupFailed(done.stderr.strip()[-2000:])


def _environment(administrator: str) -> dict[str, str]:
    parts = urlsplit(administrator)
    return {
        "PATH": os.environ.get("PATH", ""),
        "PGHOST": parts.hostname or "127.0.0.1",
        "PGPORT": str(parts.port or 5432),
        "PGUSER": unquote(parts.username or ""),
        "PGPASSWORD": unquote(parts.password or ""),
    }
