"""Runs a real PostgreSQL for the demonstration, development and tests, with nothing installed on the machine.

A directory holds one server: `cluster` (its data), `log`, `password` and `lock`, the last held while a server
runs. It listens on 127.0.0.1 only, on a free port, and ends with its owner. Never a way to run production.
"""

import atexit
import fcntl
import os
import socket
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Self

import psycopg

from deploy import postgres_binaries, postgres_place
from deploy.postgres_cluster import await_orphan, initialize
from deploy.postgres_place import Account
from deploy.postgres_process import AlreadyRunningError, StartError, end, last_lines, launch

START_LIMIT = 60.0  # seconds, the recovery after a crash included
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
    "lc_messages": "C",
}
FORGETFUL = dict.fromkeys(("fsync", "synchronous_commit", "full_page_writes"), "off") | {"deadlock_timeout": "100ms"}
"""Of a server whose data nobody keeps, as that of the tests, where nobody waits for a deadlock to be noticed."""
PASSING = ("could not create any TCP/IP sockets", "pre-existing shared memory block")  # worth another try

__all__ = ["AlreadyRunningError", "Server", "StartError", "start"]


@dataclass(frozen=True)
class Server:
    """A running server; as a context manager it stops at the end."""

    url: str = field(repr=False)  # the administrator's, with the password
    _process: subprocess.Popen[bytes] = field(repr=False)
    _lock: IO[bytes] = field(repr=False)
    _owner: int = field(default_factory=os.getpid, repr=False)

    def stop(self) -> None:
        """Shut down, breaking connections; kill after 20 seconds. Safe to repeat, and in a signal handler."""
        if os.getpid() == self._owner:  # a forked child inherits this object, but not the server
            end(self._process)
            self._lock.close()
            atexit.unregister(self.stop)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def start(data: Path, *, durable: bool = True) -> Server:
    """Start the server of this directory, made when new, and return when it answers.

    Not durable means that commits are not forced to disk, and deadlocks looked for early: right for tests, wrong where
    data matters. On Linux the server ends when the thread that called this ends, so call it from the main thread.

    Raises AlreadyRunningError, StartError, BinariesError (no programs) or PlaceError (no safe directory).
    """
    runner = postgres_place.account()
    home = postgres_place.reachable(data, runner)
    binaries = postgres_binaries.reachable_binaries(postgres_binaries.find(), runner)
    lock = _hold(home)
    try:
        cluster = home / "cluster"
        await_orphan(cluster)
        if not cluster.exists():
            initialize(home, binaries, runner, durable=durable)
        command = [str(binaries / "postgres"), "-D", str(cluster), *_options(durable=durable)]
        server = _serve(home, command, runner, lock)
    except BaseException:
        lock.close()
        raise
    atexit.register(server.stop)
    return server


def _hold(home: Path) -> IO[bytes]:
    path = home / "lock"
    path.touch(mode=0o600)
    lock = path.open("ab")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise AlreadyRunningError(f"a live process runs the server of {home} already") from None
    return lock


def _options(*, durable: bool) -> list[str]:
    settings = SETTINGS if durable else SETTINGS | FORGETFUL
    return [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]


def _serve(home: Path, command: list[str], runner: Account, lock: IO[bytes]) -> Server:
    """Start and wait; again with another port, or after a dead server's last process, while time is left."""
    password = (home / "password").read_text()
    deadline = time.monotonic() + START_LIMIT
    while True:
        port = _free_port()
        url = f"postgresql://postgres:{password}@127.0.0.1:{port}/postgres"
        process = launch(home, [*command, "-p", str(port)], runner)
        try:
            if _await_answer(process, url, deadline):
                return Server(url, process, lock)
        except BaseException:
            end(process)
            raise
        told = last_lines(home)
        if time.monotonic() > deadline or not any(reason in told for reason in PASSING):
            raise StartError(f"PostgreSQL ended at start, status {process.returncode}\n{told}")


def _await_answer(process: subprocess.Popen[bytes], url: str, deadline: float) -> bool:
    """Whether the server answers; False if its process has ended. Raises StartError at the deadline."""
    failure = ""
    while process.poll() is None:
        if time.monotonic() > deadline:
            raise StartError(f"PostgreSQL does not answer: {failure}")
        try:
            with psycopg.connect(url, connect_timeout=5) as connection:
                connection.execute("SELECT 1")
            return True
        except psycopg.OperationalError as error:
            failure = str(error)
            time.sleep(0.02)
    return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
