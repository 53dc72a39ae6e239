"""Which account runs an embedded PostgreSQL, and a place that this account can reach.

PostgreSQL refuses to run as root. Root therefore runs it as another account, which cannot enter a private
checkout or root's home; the place then moves to the system's temporary directory, and no permission changes.
"""

import hashlib
import os
import pwd
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

SEARCHABLE = 0o711


class PlaceError(Exception):
    """There is no safe place for the server."""


@dataclass(frozen=True)
class Account:
    """The user and group ids that the server runs as."""

    user: int
    group: int

    def may_enter(self, directory: Path) -> bool:
        """Whether the permission bits let this account reach what is in an existing directory."""
        if self.user == os.geteuid():
            return True
        resolved = directory.resolve()
        return all(self._may_search(step) for step in (resolved, *resolved.parents))

    def _may_search(self, directory: Path) -> bool:
        status = directory.stat()
        if status.st_uid == self.user:
            return bool(status.st_mode & stat.S_IXUSR)
        if status.st_gid == self.group:
            return bool(status.st_mode & stat.S_IXGRP)
        return bool(status.st_mode & stat.S_IXOTH)


def account() -> Account:
    """The caller itself; for root `postgres` where it exists, else `nobody`. Raises PlaceError."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid())
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise PlaceError("PostgreSQL does not run as root, and there is no user postgres or nobody to run it")


def reachable(wanted: Path, runner: Account) -> Path:
    """The wanted directory, or its stand-in where the runner cannot reach it; made. Raises PlaceError."""
    made = _make(wanted.resolve())
    if runner.may_enter(made):
        return made
    return _make(stand_in("data", made, runner))


def stand_in(kind: str, wanted: Path, runner: Account) -> Path:
    """The path, always the same one, that stands for an unreachable path. Raises PlaceError."""
    digest = hashlib.sha256(os.fsencode(wanted)).hexdigest()[:16]
    for parent in (Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp")):  # noqa: S108 - checked by `own`
        if parent.is_dir() and runner.may_enter(parent):
            return parent / f"hospital-postgres-{kind}-{digest}"
    raise PlaceError(f"no temporary directory is open to user id {runner.user}")


def own(directory: Path) -> None:
    """Raise PlaceError unless the path is a real directory of ours: others may write to its parent too."""
    status = directory.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid():
        raise PlaceError(f"{directory} is not a directory of user id {os.geteuid()}")


def _make(directory: Path) -> Path:
    directory.parent.mkdir(parents=True, exist_ok=True)
    try:
        directory.mkdir(mode=SEARCHABLE)
    except FileExistsError:
        own(directory)
    else:
        directory.chmod(SEARCHABLE)  # in spite of the umask; everything inside is private
    return directory
