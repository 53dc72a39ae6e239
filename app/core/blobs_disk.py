"""Blobs on a disk that all processes of the platform share."""

import os
import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from app.core.blobs import address_of
from app.core.ids import new_id

OWNER_ONLY = 0o700
_ADDRESS = re.compile(r"\A[0-9a-f]{64}\Z")


@dataclass(frozen=True)
class DiskBlobs:
    """A folder for each tenant below `root`, in it the blobs by the first two characters of their addresses."""

    root: Path

    def put(self, tenant: int, address: str, sealed: bytes) -> None:
        """Write the blob under another name, and give it its own once it is whole and on the disk."""
        place = self._place(tenant, address)
        place.parent.mkdir(mode=OWNER_ONLY, parents=True, exist_ok=True)
        coming = place.with_name(f".{new_id().hex}")
        try:
            _write(coming, sealed)
            coming.replace(place)
        finally:
            with suppress(FileNotFoundError):
                coming.unlink()
        _flush(place.parent)

    def get(self, tenant: int, address: str) -> bytes:
        """The blob; raises LookupError where it is not there or was changed."""
        try:
            sealed = self._place(tenant, address).read_bytes()
        except FileNotFoundError:
            raise LookupError("there is no such blob") from None
        if address_of(sealed) != address:
            raise LookupError("the blob is not what was put")
        return sealed

    def beginning(self, tenant: int, address: str, size: int) -> bytes:
        """Its first `size` bytes; raises LookupError where it is not there."""
        try:
            with self._place(tenant, address).open("rb") as file:
                return file.read(size)
        except FileNotFoundError:
            raise LookupError("there is no such blob") from None

    def remove(self, tenant: int, address: str) -> None:
        """Forget the blob, if it is there."""
        self._place(tenant, address).unlink(missing_ok=True)

    def _place(self, tenant: int, address: str) -> Path:
        if not _ADDRESS.match(address):
            raise ValueError("malformed address of a blob")
        return self.root / str(int(tenant)) / address[:2] / address


def _write(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _flush(folder: Path) -> None:
    """Have the disk know the name, too: a file that was written can lose it in a crash."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
