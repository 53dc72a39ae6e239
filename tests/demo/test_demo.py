"""The demonstration plays through, says so in its last line, and leaves nothing running."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from subprocess import PIPE

import pytest

from app.core.encrypted import encrypted_columns
from app.models import metadata
from deploy import postgres
from deploy.stack import ROOT, environment, kept_keys, new_keys, prepare
from tests.warm import command_line

SECONDS = 300
"""A minute on a quiet machine; tests run beside others."""
PLAYED = {
    "hospital joins", "license revoked", "registration changed", "doctor found", "hold expires", "visit not taken",
    "visit stopped", "visit by contract", "a pharmacy declines", "withdrawn", "expired", "five wrong pick-up codes",
    "visit claimed, public scheme", "visit claimed, commercial", "insurer heard all", "strangers read nothing",
    "receiver down and back", "2 residents at once", "walls", "look journalled", "journal verified",
    "consent given", "consent taken back", "emergency access", "emergency reviewed",
}  # fmt: skip
"""Steps of every chapter."""


HELD = {table.name for table in metadata.sorted_tables if encrypted_columns(table)} - {
    "civil_papers",
    "corrections",
    "death_records",
    "oidc_key_rings",
    "payments",
    "phone_changes",
    "prescription_reviews",
    "representations",
    "represented",
    "shipments",
}
"""Tables in which the day leaves something that is encrypted; of the others see `tests/residents/test_places.py`."""


@pytest.fixture
def place() -> Iterator[Path]:
    """A directory that the database's own user can reach."""
    made = Path(tempfile.mkdtemp(prefix="cloud-hospital-demo-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made, ignore_errors=True)


def left_in(place: Path) -> list[str]:
    """The command lines of processes that work in `place` or write their output there."""
    found = []
    for process in Path("/proc").iterdir():
        if not process.name.isdecimal():
            continue
        try:
            places = [(process / link).readlink() for link in ("cwd", "fd/1")]
            command = (process / "cmdline").read_bytes()
        except OSError:  # it ended while it was looked at
            continue
        if any(one.is_relative_to(place) for one in places) or str(place).encode() in command:
            found.append(command.replace(b"\0", b" ").decode())
    return found


@pytest.mark.timeout(SECONDS + 30)
def test_the_demonstration_plays_through_and_leaves_nothing_running(place: Path) -> None:
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    environ.pop("DATABASE_URL", None)
    command = [sys.executable, "-m", "app.cli", "demo", "--journeys", "3"]
    with subprocess.Popen(command, cwd=place, env=environ, stdout=PIPE, stderr=PIPE, text=True) as played:
        out, err = played.communicate(timeout=SECONDS)
    assert played.returncode == 0, out[-2000:] + err[-2000:]
    said = json.loads(out.splitlines()[-1])
    assert set(said) == {"ok", "steps", "journeys", "tenants"}
    assert (said["ok"], said["journeys"], said["tenants"]) == (True, 3, 8)
    names = {step["name"] for step in said["steps"]}
    assert names >= PLAYED, PLAYED - names
    assert all(set(step) == {"name", "ms"} and step["ms"] > 0 for step in said["steps"])
    assert left_in(place) == []
    everything_is_renewed(place / "var")


def everything_is_renewed(kept: Path) -> None:
    """What people and programs wrote all day, in every table, is sealed with a new key, and none is left to the old."""
    keys = kept_keys(kept)
    new = replace(keys, ring=f"{keys.ring},2:{new_keys().ring.removeprefix('1:')}")
    with postgres.start(kept / "postgres") as server:
        environ = environment(prepare(server.url), new, CLOUD_BLOBS=str(kept.resolve() / "blobs"))

        def encryption(word: str) -> subprocess.CompletedProcess[str]:
            return command_line("encryption", word, environ=environ)

        renewed = encryption("rotate")
        assert (renewed.returncode, renewed.stderr) == (0, ""), renewed.stdout
        counted = {
            (table, key) for table, key, _ in (line.split("\t") for line in encryption("count").stdout.splitlines())
        }
    assert {key for _, key in counted} == {"key 2"}
    assert {table for table, _ in counted} >= HELD, HELD - {table for table, _ in counted}
