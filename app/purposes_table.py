"""The table of purposes for `docs/privacy.md`: what staff and systems read of residents, which rows, until when."""

from collections.abc import Iterable, Iterator

from app.core.purposes import Purpose

_HEAD = ("what", "who", "which", "until", "purpose in the journal")


def table(purposes: Iterable[Purpose]) -> str:
    """The table, in Markdown."""
    return "".join(f"| {' | '.join(cells)} |\n" for cells in _lines(purposes))


def _lines(purposes: Iterable[Purpose]) -> Iterator[tuple[str, ...]]:
    yield _HEAD
    yield ("---",) * len(_HEAD)
    for one in purposes:
        yield one.thing, one.who, one.rows, one.until, f"`{one.code}`" if one.code else "none: see below"
