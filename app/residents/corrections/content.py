"""What is asked and answered in words: the one place that seals and opens it."""

import uuid
from typing import Any

import orjson

from app.core.scope import Scope
from app.core.unit import Unit


def sealed(opened: Unit, column: str, id: uuid.UUID, words: dict[str, str]) -> bytes:
    """`words` as a column of the correction `id` keeps them."""
    return opened.cipher.seal(orjson.dumps(words), _place(opened, column, id))


def words_in(opened: Unit, column: str, id: uuid.UUID, content: bytes | None) -> dict[str, Any]:
    """The words in a column; nothing where it is empty."""
    if content is None:
        return {}
    words: dict[str, Any] = orjson.loads(opened.cipher.open(content, _place(opened, column, id)))
    return words


def _place(opened: Unit, column: str, id: uuid.UUID) -> str:
    return f"{Scope.for_tenant(opened.scope.require_tenant())}/corrections/{column}/{id}"
