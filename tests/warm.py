"""Processes of the platform that begin with everything imported.

They are forked off a server that has imported it once, as gunicorn forks its workers: real processes with signals,
outputs and a process group of their own. Importing takes longer than most of what is tested with them; how processes
start cold is proven by the demonstration.
"""

import os
import runpy
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from multiprocessing import get_context
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from deploy.processes import Process
from deploy.stack import ROOT
from deploy.tied import end_with

_context = get_context("forkserver")
_context.set_forkserver_preload(["tests.preloaded"])


class Warm:
    """A child of the server."""

    def __init__(self, process: ForkServerProcess) -> None:
        self._process = process
        self.pid = process.pid or 0

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
        return self._process.exitcode

    def terminate(self) -> None:
        self._process.terminate()


def start(name: str, command: Sequence[str], environ: Mapping[str, str], log: Path) -> Process:
    """As `Process.start`, of a Python module."""
    _, flag, *words = command
    assert flag == "-m"
    return Process(name, _forked(words, environ, ROOT, (log, log)), log)


def command_line(*words: str, environ: Mapping[str, str], at: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run a command of the platform to its end, in the directory `at`."""
    with tempfile.TemporaryDirectory() as place:
        out, error = Path(place) / "out", Path(place) / "error"
        status = _forked(["app.cli", *words], environ, at, (out, error)).wait(60)
        return subprocess.CompletedProcess(words, status, out.read_text(), error.read_text())


def _forked(words: Sequence[str], environ: Mapping[str, str], at: Path, outputs: tuple[Path, Path]) -> Warm:
    for file in outputs:
        file.touch(0o600)
    process = _context.Process(target=_become, args=(list(words), dict(environ), at, outputs))
    process.start()
    return Warm(process)


def _become(words: list[str], environ: dict[str, str], at: Path, outputs: tuple[Path, Path]) -> None:
    os.setsid()
    end_with(os.getppid())
    for number, file in enumerate(outputs, 1):
        os.dup2(os.open(file, os.O_WRONLY | os.O_APPEND), number)
    os.environ.clear()
    os.environ.update(environ)
    os.chdir(at)
    sys.argv = words
    runpy.run_module(words[0], run_name="__main__", alter_sys=True)
