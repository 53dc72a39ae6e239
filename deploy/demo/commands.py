"""The command line of the platform, run in a process of its own that begins with what this one has loaded."""

import os
import runpy
import signal
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from multiprocessing import get_context
from pathlib import Path

from deploy.demo.steps import expect
from deploy.processes import ROOT
from deploy.tied import end_with

MODULE = "app.cli"
SECONDS = 120


def command(words: Sequence[str], environ: Mapping[str, str]) -> str:
    """What `python -m app.cli <words>` says with exactly this environment; Broken where it fails.

    It is forked, since loading the platform takes longer than most commands: call it while no other thread runs.
    """
    expect(threading.active_count() == 1, f"{words[0]} would be forked off a process in which other threads run")
    with tempfile.TemporaryDirectory() as place:
        out, error = Path(place) / "out", Path(place) / "error"
        forked = get_context("fork").Process(
            target=_become, args=(os.getpid(), list(words), dict(environ), (out, error))
        )
        forked.start()
        forked.join(SECONDS)
        status = forked.exitcode
        forked.kill()
        said = out.read_text()
        expect(status == 0, f"{' '.join(words)} failed: {said[-500:]} {error.read_text()[-500:]}")
    return said


def _become(owner: int, words: list[str], environ: dict[str, str], outputs: tuple[Path, Path]) -> None:
    for told in (signal.SIGINT, signal.SIGTERM):
        signal.signal(told, signal.SIG_DFL)  # whoever serves has handlers of their own
    end_with(owner)
    for number, file in enumerate(outputs, 1):
        os.dup2(os.open(file, os.O_WRONLY | os.O_CREAT, 0o600), number)
    os.environ.clear()
    os.environ.update(environ)
    os.chdir(ROOT)
    sys.argv = [MODULE, *words]
    runpy.run_module(MODULE, run_name="__main__", alter_sys=True)
