"""Blobs: whole on the disk or not there, found by what they are, and never left behind."""

import errno
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import pytest
from sqlalchemy import Table
from structlog.testing import capture_logs

from app.core.blobs import ORPHANED, BlobMark, address_of, arriving, blobs, settle, sweep
from app.core.blobs_disk import DiskBlobs
from app.core.discovery import due
from app.core.errors import TryLater, WrongState
from app.core.idempotency import Answered, Replayed
from app.core.ids import new_id
from app.core.scope import Scope
from app.core.unit import connect, run, unit
from app.settings import Settings, UnsafeSettings
from tests.platform import Platform, new_tenant

SEALED = b"what was encrypted"


class Clock:
    """A clock that is put forward by hand."""

    ahead = timedelta(0)

    def now(self) -> datetime:
        """The machine's time, so much ahead."""
        return datetime.now(UTC) + self.ahead


@pytest.fixture
def clock(platform: Platform) -> Iterator[Clock]:
    made = Clock()
    connect(replace(platform.database, clock=made))
    yield made
    connect(platform.database)


@pytest.fixture
def disk(tmp_path: Path) -> DiskBlobs:
    return DiskBlobs(tmp_path / "blobs")


def files(disk: DiskBlobs) -> list[Path]:
    return [path for path in disk.root.rglob("*") if path.is_file()]


def test_what_is_put_is_got(disk: DiskBlobs) -> None:
    address = address_of(SEALED)
    disk.put(7, address, SEALED)
    disk.put(7, address, SEALED)
    assert disk.get(7, address) == SEALED
    assert disk.beginning(7, address, 4) == SEALED[:4]
    with pytest.raises(LookupError):
        disk.beginning(8, address, 4)
    (file,) = files(disk)
    assert file.name == address
    assert (file.stat().st_mode & 0o077, file.parent.stat().st_mode & 0o077) == (0, 0)
    disk.remove(7, address)
    disk.remove(7, address)
    assert files(disk) == []


def test_another_tenant_has_another_folder(disk: DiskBlobs) -> None:
    disk.put(7, address_of(SEALED), SEALED)
    with pytest.raises(LookupError):
        disk.get(8, address_of(SEALED))


def test_what_was_changed_on_the_disk_is_not_given(disk: DiskBlobs) -> None:
    address = address_of(SEALED)
    disk.put(7, address, SEALED)
    files(disk)[0].write_bytes(SEALED + b"!")
    with pytest.raises(LookupError, match="not what was put"):
        disk.get(7, address)


@pytest.mark.parametrize("address", ["", "..", "../" * 5 + "etc/passwd", "A" * 64, "0" * 63, "0" * 64 + "\n"])
def test_only_addresses_lead_to_blobs(disk: DiskBlobs, address: str) -> None:
    for act in (disk.get, disk.remove, lambda tenant, known: disk.put(tenant, known, SEALED)):
        with pytest.raises(ValueError, match="malformed"):
            act(7, address)
    assert not disk.root.exists()


def test_a_put_that_fails_leaves_nothing(disk: DiskBlobs) -> None:
    address = address_of(SEALED)
    (disk.root / "7" / address[:2] / address).mkdir(parents=True)  # its name is taken by a folder
    with pytest.raises(OSError):
        disk.put(7, address, SEALED)
    assert files(disk) == []


def fresh() -> bytes:
    return new_id().bytes * 4


def there(scope: Scope, sealed: bytes) -> bool:
    try:
        return blobs().get(scope.require_tenant(), address_of(sealed)) == sealed
    except LookupError:
        return False


def marks(scope: Scope) -> list[str]:
    with unit(scope) as reading:
        return [mark.address for mark in reading.all(reading.select(BlobMark))]


def test_a_blob_with_its_row_stays(platform: Platform, clock: Clock) -> None:
    scope, sealed = new_tenant(), fresh()
    with arriving(scope, sealed) as address:
        assert (there(scope, sealed), marks(scope)) == (True, [address])
        run(scope, lambda opened: settle(opened, address))
    clock.ahead = 2 * ORPHANED
    assert (sweep(scope), there(scope, sealed), marks(scope)) == (0, True, [])


class Killed(BaseException):
    """The process ended."""


def test_an_orphan_is_swept_after_a_day(platform: Platform, clock: Clock) -> None:
    scope, sealed = new_tenant(), fresh()
    with pytest.raises(Killed), arriving(scope, sealed):
        raise Killed
    clock.ahead = ORPHANED - timedelta(minutes=1)
    assert (sweep(scope), there(scope, sealed)) == (0, True)
    clock.ahead = ORPHANED
    table = cast(Table, BlobMark.__table__)
    assert scope in due(platform.discovery, {table: ()}, clock.now())[table]
    assert (sweep(scope), there(scope, sealed), marks(scope)) == (1, False, [])
    assert sweep(scope) == 0


def test_a_sweep_that_was_cut_short_is_finished_by_the_next(platform: Platform, clock: Clock) -> None:
    scope, sealed = new_tenant(), fresh()
    with pytest.raises(Killed), arriving(scope, sealed):
        raise Killed
    blobs().remove(scope.require_tenant(), address_of(sealed))
    clock.ahead = ORPHANED
    assert (sweep(scope), marks(scope)) == (1, [])


def test_what_came_too_late_gets_no_row(platform: Platform, clock: Clock) -> None:
    scope = new_tenant()
    with pytest.raises(TryLater), arriving(scope, fresh()) as address:
        clock.ahead = ORPHANED
        run(scope, lambda opened: settle(opened, address))
    assert marks(scope) == []


@pytest.mark.parametrize("end", [WrongState("no"), Replayed(Answered(200, {}, b""))], ids=["refused", "repeated"])
def test_what_gets_no_row_is_removed_at_once(platform: Platform, end: Exception) -> None:
    scope, sealed = new_tenant(), fresh()
    with pytest.raises((WrongState, Replayed)), arriving(scope, sealed):
        raise end
    assert (there(scope, sealed), marks(scope)) == (False, [])


@contextmanager
def full_disk() -> Iterator[None]:
    """The operating system refuses every further byte of a file; of what the tests print, too."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_is_said_and_leaves_nothing(platform: Platform, clock: Clock) -> None:
    scope = new_tenant()
    with capture_logs() as logs, full_disk(), pytest.raises(TryLater), arriving(scope, SEALED):
        pytest.fail("the row is never made")
    assert [(line["event"], line["scope"], line["errno"]) for line in logs] == [
        ("blob_not_kept", str(scope), errno.EFBIG)
    ]
    with pytest.raises(LookupError):
        blobs().get(scope.require_tenant(), address_of(SEALED))
    clock.ahead = ORPHANED + timedelta(minutes=1)
    assert (sweep(scope), sweep(scope)) == (1, 0)


def test_one_tenants_sweep_leaves_the_others_alone(platform: Platform, clock: Clock) -> None:
    one, other, sealed = new_tenant(), new_tenant(), fresh()
    for scope in (one, other):
        with pytest.raises(Killed), arriving(scope, sealed):
            raise Killed
    clock.ahead = ORPHANED
    assert sweep(one) == 1
    assert (there(one, sealed), there(other, sealed)) == (False, True)


@pytest.mark.parametrize("environment", ["production", "development"])
@pytest.mark.parametrize("blobs_in", ["", "var/blobs"], ids=["missing", "relative"])
def test_where_blobs_are_kept_must_be_said(platform: Platform, environment: str, blobs_in: str) -> None:
    environ = {**platform.environ, "CLOUD_ENVIRONMENT": environment, "CLOUD_BLOBS": blobs_in}
    with pytest.raises(UnsafeSettings, match="CLOUD_BLOBS"):
        Settings.from_environment(environ)
