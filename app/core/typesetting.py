"""Documents for people to read: a typst source and data become a PDF, made by a process of its own."""

import subprocess
import sys
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import orjson

from app.core.glyphs import shown_by

SECONDS = 120
"""For one document: a hundred times what a large one takes."""
PROGRAM = Path(__file__).parent / "typesetter.py"
FAMILY = "Noto Sans SC"
FACES = ("400Regular/NotoSansSC_400Regular.ttf", "700Bold/NotoSansSC_700Bold.ttf")
"""The faces of the family that documents use, below the folder of fonts."""


class NotTypeset(Exception):
    """The document could not be made; why is not said, for errors quote what they are about."""


@dataclass(frozen=True)
class Typesetter:
    """Makes documents with the fonts in a folder."""

    fonts: Path

    def shown(self, text: str) -> str:
        """`text` as its characters can be shown: one that the fonts do not have stands as `[U+20BB7]`.

        Raises NotTypeset where the fonts are not there.
        """
        known = _known(self.fonts)
        return "".join(one if ord(one) in known else f"[U+{ord(one):04X}]" for one in text)

    def pdf(self, source: str, data: Any, at: datetime) -> bytes:
        """The PDF that `source` makes of `data`, which it gets as JSON in `sys.inputs.data`; raises NotTypeset."""
        wish = {
            "source": source, "data": orjson.dumps(data).decode(), "fonts": str(self.fonts), "at": int(at.timestamp()),
        }  # fmt: skip
        try:
            done = subprocess.run(  # noqa: S603  # a fixed list of words
                [sys.executable, "-I", str(PROGRAM)],
                input=orjson.dumps(wish), capture_output=True, timeout=SECONDS, env={}, check=True,
            )  # fmt: skip
        except (OSError, subprocess.SubprocessError) as error:
            raise NotTypeset(type(error).__name__) from None
        return done.stdout


@cache
def _known(fonts: Path) -> frozenset[int]:
    """The characters that every face in the folder has: tens of thousands, so they are compared once."""
    try:
        first, second = (shown_by(fonts / face) for face in FACES)
    except (OSError, ValueError) as error:
        raise NotTypeset(type(error).__name__) from error
    return first & second


_typesetter: Typesetter | None = None


def connect_typesetter(chosen: Typesetter | None) -> None:
    """Say once, in the factory, who makes documents; None where there are no fonts."""
    global _typesetter  # noqa: PLW0603  # one process, one set of fonts; the factory sets it before the worker begins
    _typesetter = chosen


def typesetter() -> Typesetter | None:
    """Who makes documents in this process; None where nobody does."""
    return _typesetter
