"""Which characters a font can show, read from its `cmap` table (OpenType 1.9, section cmap).

What a font cannot show must not vanish from a document: in a name it is part of the name.
"""

import struct
from collections.abc import Iterator
from functools import cache
from pathlib import Path

_SEGMENTS, _GROUPS = 4, 12
"""The formats in which fonts list characters: those of the basic plane, and all of them."""


@cache
def shown_by(font: Path) -> frozenset[int]:
    """The code points that `font` (TrueType or OpenType) has glyphs for; raises ValueError where it is none."""
    try:
        data = font.read_bytes()
        found = frozenset(_read(data, _table(data, b"cmap")))
    except (struct.error, IndexError) as error:
        raise ValueError("not a font") from error
    if not found:
        raise ValueError("the font has no table of characters that can be read")
    return found


def _table(data: bytes, wanted: bytes) -> int:
    """Where the table begins."""
    (count,) = struct.unpack_from("!H", data, 4)
    for number in range(count):
        tag, _, offset, _ = struct.unpack_from("!4sIII", data, 12 + 16 * number)
        if tag == wanted:
            return int(offset)
    raise ValueError("the font has no table of characters")


def _read(data: bytes, start: int) -> Iterator[int]:
    (count,) = struct.unpack_from("!H", data, start + 2)
    for number in range(count):
        (offset,) = struct.unpack_from("!I", data, start + 4 + 8 * number + 4)
        (form,) = struct.unpack_from("!H", data, start + offset)
        if form == _GROUPS:
            yield from _groups(data, start + offset)
        elif form == _SEGMENTS:
            yield from _segments(data, start + offset)


def _groups(data: bytes, start: int) -> Iterator[int]:
    (count,) = struct.unpack_from("!I", data, start + 12)
    for number in range(count):
        first, last, _ = struct.unpack_from("!III", data, start + 16 + 12 * number)
        yield from range(first, last + 1)


def _segments(data: bytes, start: int) -> Iterator[int]:
    """Each segment's characters, but those that are mapped to the glyph of nothing."""
    (twice,) = struct.unpack_from("!H", data, start + 6)
    for place in range(0, twice, 2):
        (last,) = struct.unpack_from("!H", data, start + 14 + place)
        (first,) = struct.unpack_from("!H", data, start + 16 + twice + place)
        (delta,) = struct.unpack_from("!H", data, start + 16 + 2 * twice + place)
        at = start + 16 + 3 * twice + place
        (ranged,) = struct.unpack_from("!H", data, at)
        for code in range(first, last + 1):
            if _glyph(data, at, ranged, code, first, delta):
                yield code


def _glyph(data: bytes, at: int, ranged: int, code: int, first: int, delta: int) -> int:
    if not ranged:
        return (code + delta) % 65536
    if at + ranged + 2 * (code - first) + 2 > len(data):
        return 0
    (glyph,) = struct.unpack_from("!H", data, at + ranged + 2 * (code - first))
    return int(glyph)
