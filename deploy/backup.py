"""Backing a database up, restoring it on another server, and proving that the restored one is whole.

Run by the administrator: row-level security holds for the owner too (it is forced), so only a role that bypasses it
sees every row. Passwords are never in a command line; the programs read them from the environment.
"""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

import psycopg
from psycopg import pq
from psycopg.conninfo import conninfo_to_dict

from app.core.roles import init
from deploy import postgres_binaries


class BackupFailed(Exception):
    """A program of PostgreSQL ended with an error, whose message is its own, or there is no room for a restore."""


def back_up(administrator: str, database: str, file: Path) -> None:
    """Write everything in `database` to `file`, consistent as of the moment of the call; raises BackupFailed."""
    draft = file.with_suffix(".part")
    draft.touch(mode=0o600)
    _run("pg_dump", administrator, ["--format=custom", f"--file={draft}", f"--dbname={database}"])
    draft.replace(file)


def restore(administrator: str, database: str, file: Path) -> dict[str, str]:
    """Make `database` and its roles on an empty server and fill it from `file`; returns each role's address.

    The database keeps its name: policies and grants name roles that carry it. Stops at the first error and then leaves
    nothing behind but the empty database, to be dropped before the next try. Raises BackupFailed, before anything is
    changed where the database is there already.
    """
    _refuse_existing(administrator, database)
    addresses = init(administrator, database, new_passwords=True)  # without the database nobody uses the old ones
    _run(
        "pg_restore", administrator,
        ["--exit-on-error", "--single-transaction", f"--dbname={database}", str(file)],
    )  # fmt: skip
    return addresses


def _refuse_existing(administrator: str, database: str) -> None:
    with psycopg.connect(administrator) as connection:
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone()
    if found:
        raise BackupFailed(f"the database {database} exists already; a restore needs a server without it")


def _run(program: str, administrator: str, words: Sequence[str]) -> None:
    command = [str(postgres_binaries.find() / program), "--no-password", *words]
    done = subprocess.run(command, env=_environment(administrator), capture_output=True, text=True, check=False)
    if done.returncode:
        raise BackupFailed(done.stderr.strip()[-2000:])


def _environment(administrator: str) -> dict[str, str]:
    """What the address says, TLS included, as the variables that the programs read."""
    known = {option.keyword.decode(): option.envvar for option in pq.Conninfo.get_defaults()}
    given = {name: str(value) for name, value in conninfo_to_dict(administrator).items() if name != "dbname"}
    variables = {variable.decode(): given[name] for name, variable in known.items() if variable and name in given}
    return {"PATH": os.environ.get("PATH", ""), "PGHOST": "127.0.0.1", **variables}
