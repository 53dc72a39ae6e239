"""The fields of a page's form, read as the API reads them: by the same schemas."""

import unicodedata
from collections.abc import Mapping
from typing import Any

import orjson
from flask import request
from marshmallow import Schema, ValidationError

from app.core.errors import InvalidInput

ANSWER = "answer"
"""The field into which the script writes what a browser answered about a passkey."""

NOT_SHOWN = "not_shown"
"""The code of a text with a character that nobody sees: a control or a joiner."""


def read(schema: type[Schema], *names: str, **more: Any) -> Any:
    """The fields `names` of the form, and `more`; raises InvalidInput, whose code names a field that is wrong, or is
    `NOT_SHOWN`.
    """
    typed = {name: request.form.get(name, "") for name in names}
    if any(_holds(text, "Cc", "Cs") for text in typed.values()):
        raise InvalidInput(code=NOT_SHOWN)
    try:
        return schema().load({**typed, **more})
    except ValidationError as error:
        wrong = next(iter(error.messages_dict))
        raise InvalidInput(code=NOT_SHOWN if _holds(typed.get(wrong, ""), "Cf") else wrong) from error


def _holds(text: str, *categories: str) -> bool:
    return any(unicodedata.category(character) in categories for character in text)


def answer() -> Any:
    """What the browser answered about a passkey; None where it is nothing that can be read."""
    try:
        return orjson.loads(request.form.get(ANSWER, ""))
    except ValueError:
        return None


def page_query() -> Mapping[str, Any]:
    """Which page of a list is asked for, as long as they come."""
    return {"limit": 50, "cursor": request.args.get("cursor", "")}


EVERYTHING: Mapping[str, Any] = {"limit": 100, "cursor": ""}
"""Of lists that are never longer."""
