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


def read(schema: type[Schema], *names: str, **more: Any) -> Any:
    """The fields `names` of the form, and `more`; raises InvalidInput, whose code names a field that is wrong."""
    typed = {name: request.form.get(name, "") for name in names}
    for name, text in typed.items():
        if any(unicodedata.category(character) in ("Cc", "Cs") for character in text):
            raise InvalidInput(code=name)
    try:
        return schema().load({**typed, **more})
    except ValidationError as error:
        raise InvalidInput(code=next(iter(error.messages_dict))) from error


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
