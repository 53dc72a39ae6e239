"""An export as a document for people: the same parts as the JSON, every value of it, under headings in plain words."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from app.core.calendar import ZONE
from app.core.typesetting import FAMILY, Typesetter
from app.residents.rules import export_words as words
from app.residents.rules.access_words import CHINESE

SOURCE = Path(__file__).parent.parent / "export.typ"
HEAD = ("schema_version", "made_at", "person")
"""What stands in the document beside its parts."""
_INSTANT = re.compile(r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+(Z|\+00:00)\Z")
_BREAKS = re.compile(r"[\r\n\t]+")
Row = tuple[str, str]


def printed(document: Mapping[str, Any], language: str, by: Typesetter) -> bytes:
    """`document` as a PDF in one of `access_words.LANGUAGES`; raises NotTypeset."""
    made_at = datetime.fromisoformat(document["made_at"])
    return by.pdf(SOURCE.read_text(encoding="utf-8"), laid_out(document, language, by.shown), made_at)


def laid_out(document: Mapping[str, Any], language: str, shown: Callable[[str], str]) -> dict[str, Any]:
    """What the source of the document is told; `shown` says how a text can be shown."""
    head = {"person": document["person"], "at": _local(document["made_at"])}
    parts = ((name, value) for name, value in document.items() if name not in HEAD)
    return {
        "title": words.said(words.TITLE, language), "family": FAMILY, "language": language.partition("-")[0],
        "lead": [words.said(line, language).format(**head) for line in words.LEAD],
        "contents": words.said(words.CONTENTS, language), "nothing": words.said(words.NOTHING, language),
        "columns": [words.said(one, language) for one in words.COLUMNS],
        "sections": [
            {"heading": shown(words.part_called(name, language)), "items": [*_items(value, language, shown)]}
            for name, value in parts
        ],
    }  # fmt: skip


def _items(value: Any, language: str, shown: Callable[[str], str]) -> Iterator[dict[str, Any]]:
    """One table for each thing of a list, numbered where there are several."""
    listed = isinstance(value, list)
    for number, one in enumerate(value if listed else [value], 1):
        rows = [[shown(name), shown(text)] for name, text in _rows(one, (), language)]
        yield {"heading": str(number) if listed else None, "rows": rows}


def _rows(value: Any, path: tuple[str, ...], language: str) -> Iterator[Row]:
    """Every value below `value`, with the way to it in words."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _rows(inner, (*path, words.field_called(name, language)), language)
    elif isinstance(value, list) and any(isinstance(one, Mapping | list) for one in value):
        for number, one in enumerate(value, 1):
            yield from _rows(one, (*path, str(number)), language)
    else:
        yield " · ".join(path), _text(value, language)


def _text(value: Any, language: str) -> str:
    if isinstance(value, list):
        return (", " if language != CHINESE else "、").join(_text(one, language) for one in value)
    if isinstance(value, bool):
        return words.said(words.YES if value else words.NO, language)
    if value is None or value == "":
        return "—"
    text = str(value)
    return _local(text) if _INSTANT.match(text) else _BREAKS.sub(" ", text)


def _local(instant: str) -> str:
    return datetime.fromisoformat(instant).astimezone(ZONE).strftime("%Y-%m-%d %H:%M:%S")
