"""CPU time (user and system, milliseconds) of processes and everything below them, from /proc."""

import hashlib
import os
import time
from collections.abc import Iterable
from pathlib import Path

TICK_MS = 1000 / os.sysconf("SC_CLK_TCK")
CALIBRATION_ROUNDS = 200_000


def of_trees(roots: Iterable[int]) -> float:
    """CPU of the processes in `roots` and all their descendants, those that ended and were waited for included."""
    below = _children()
    seen: set[int] = set()
    queue = list(roots)
    total = 0.0
    while queue:
        pid = queue.pop()
        if pid not in seen:
            seen.add(pid)
            total += _of(pid)
            queue.extend(below.get(pid, ()))
    return total


def calibrate() -> float:
    """CPU milliseconds of a fixed job: how fast this machine is at this moment."""
    began = time.process_time()
    digest = b""
    for _ in range(CALIBRATION_ROUNDS):
        digest = hashlib.sha256(digest).digest()
    return (time.process_time() - began) * 1000


def _of(pid: int) -> float:
    try:
        fields = _stat(pid)
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return sum(int(fields[at]) for at in (11, 12, 13, 14)) * TICK_MS  # utime, stime, cutime, cstime


def _children() -> dict[int, list[int]]:
    below: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                below.setdefault(int(_stat(int(entry.name))[1]), []).append(int(entry.name))
            except (FileNotFoundError, ProcessLookupError):
                continue
    return below


def _stat(pid: int) -> list[str]:
    """The fields of /proc/<pid>/stat after the name, which may hold spaces: state, parent, ..."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
