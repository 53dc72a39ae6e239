"""Pictures made for tests: plain ones, and such as nobody should be able to send."""

import io
import struct
import zlib
from typing import Any

from PIL import Image

PLACE = b"31.2304"
"""What the EXIF of `located` says in words, where a search finds it."""
SCRIPT = b"<script>alert(document.domain)</script>"


def jpeg(size: tuple[int, int] = (64, 48), **options: Any) -> bytes:
    """A photograph of nothing."""
    return _saved(Image.radial_gradient("L").resize(size).convert("RGB"), "JPEG", **options)


def png(image: Image.Image | None = None, **options: Any) -> bytes:
    """A screenshot of nothing, or `image`."""
    return _saved(image or Image.linear_gradient("L").resize((40, 30)), "PNG", **options)


def located() -> bytes:
    """A photograph that lies on its side and says where, when and with what it was taken."""
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by 90 degrees
    exif[0x010F] = "ACME"
    place = exif.get_ifd(0x8825)
    place[1], place[2], place[29] = "N", (31.0, 13.0, 49.4), PLACE.decode()
    return jpeg(exif=exif.tobytes(), comment=b"resident 7", icc_profile=b"profile" * 40)


def polyglot() -> bytes:
    """A photograph that is a page and an archive, too."""
    return jpeg(comment=SCRIPT) + b"PK\x03\x04" + SCRIPT


def bomb(side: int) -> bytes:
    """A few bytes that say they are a picture of `side` times `side` pixels, and are not even that."""
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    parts = [(b"IHDR", header), (b"IDAT", zlib.compress(bytes(10_000))), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in parts)


def chatty(length: int) -> bytes:
    """A small picture with a compressed text that grows to `length` bytes."""
    whole = png()
    text = _chunk(b"zTXt", b"Comment\x00\x00" + zlib.compress(bytes(length)))
    return whole[:33] + text + whole[33:]


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _saved(image: Image.Image, format: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, format, **options)
    return out.getvalue()
