"""Child processes of a development stack: started with a log file, awaited until they are ready, stopped at the end."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Protocol

import requests

from deploy import tied

ROOT = Path(__file__).resolve().parent.parent
"""Where the project lies."""
STOP_SECONDS = 15
LOG_LINES = 15


class NotReady(Exception):
    """A process ended or stayed silent; the message ends with the last lines of its log."""


class Child(Protocol):
    """What is asked of a child process; `subprocess.Popen` is one."""

    @property
    def pid(self) -> int:
        """Its process id, which is that of its group too."""
        ...

    def poll(self) -> int | None:
        """Its exit status, once it has ended."""
        ...

    def wait(self, timeout: float | None = None) -> int:
        """Its exit status, at its end; raises subprocess.TimeoutExpired after `timeout` seconds."""
        ...

    def terminate(self) -> None:
        """Ask it to end."""
        ...


@dataclass
class Process:
    """A running program and its log."""

    name: str
    popen: Child
    log: Path
    _file: IO[bytes] | None = field(default=None, repr=False)

    @classmethod
    def start(cls, name: str, command: Sequence[str], environ: Mapping[str, str], log: Path) -> "Process":
        """Start `command` in a process group of its own, both outputs going to `log`.

        It ends when the thread that started it ends, so that a killed demonstration or test leaves nobody behind.
        """
        file = log.open("ab")
        as_before = [str(os.getpid()), str(os.getuid()), str(os.getgid())]
        tied_command = [sys.executable, "-I", "-S", tied.__file__, *as_before, *command]
        popen = subprocess.Popen(  # our own programs, no shell
            tied_command,
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            start_new_session=True,
        )
        return cls(name, popen, log, file)

    def wait_until(self, ready: Callable[[], bool], seconds: float = 30) -> None:
        """Wait until `ready()`; raises NotReady when the process ended or the time is up."""
        deadline = time.monotonic() + seconds
        while not ready():
            if self.popen.poll() is not None or time.monotonic() > deadline:
                raise NotReady(f"{self.name} is not ready:\n{self.tail()}")
            time.sleep(0.02)

    def says(self, word: str) -> bool:
        """Whether `word` stands in the log."""
        return word in self.log.read_text(errors="replace")

    def tail(self) -> str:
        """The last lines of the log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-LOG_LINES:])

    def stop(self) -> None:
        """Ask the process to end, and its group to end with it after a while."""
        if self.popen.poll() is None:
            self.popen.terminate()
            try:
                self.popen.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(self.popen.pid, signal.SIGKILL)
                self.popen.wait()
        self._close()

    def kill(self) -> None:
        """End the process and its group at once, as a power cut would."""
        os.killpg(self.popen.pid, signal.SIGKILL)
        self.popen.wait()
        self._close()

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()


Starter = Callable[[str, Sequence[str], Mapping[str, str], Path], Process]
"""Starts a command under a name, with exactly this environment, both outputs going to the file."""


def free_port() -> int:
    """A loopback port on which nobody listens at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(url: str) -> bool:
    """Whether a GET of `url` succeeds."""
    try:
        return requests.get(url, timeout=1).ok
    except requests.RequestException:
        return False
