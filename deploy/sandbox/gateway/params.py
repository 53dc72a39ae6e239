"""Form bodies with nested names (``metadata[k]``, ``types[]``) and the checks of single values."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

from deploy.sandbox.gateway.errors import InvalidParameter
from deploy.sandbox.gateway.state import Json

MAX_AMOUNT_FEN = 99_999_999_999
MAX_TEXT = 500
MAX_METADATA = 50
MAX_METADATA_NAME = 40
_NAME = re.compile(r"([A-Za-z0-9_]{1,64})((?:\[[A-Za-z0-9_.:-]{0,64}\]){0,4})")
_INTEGER = re.compile(r"-?[0-9]{1,40}")


def decode(pairs: Iterable[tuple[str, str]]) -> Json:
    """The nested form as a tree of dictionaries, lists and texts."""
    tree: Json = {}
    for name, value in pairs:
        match = _NAME.fullmatch(name)
        if match is None:
            raise InvalidParameter("Malformed parameter name", code="parameter_unknown")
        path = [match[1], *re.findall(r"\[([^\]]*)\]", match[2])]
        _put(tree, path, value)
    return tree


def _put(node: Json, path: list[str], value: str) -> None:
    for step, following in pairwise(path):
        child: Any = node.setdefault(step, [] if following in ("", "0") else {})
        if isinstance(child, list):
            child.append(value)
            return
        if not isinstance(child, dict):
            raise InvalidParameter("A parameter is both a value and a group", param=path[0])
        node = child
    node[path[-1]] = value


def only(params: Json, *known: str) -> None:
    """Refuse any parameter that the operation does not know."""
    for name in params:
        if name not in known:
            raise InvalidParameter(f"Received unknown parameter: {name}", code="parameter_unknown", param=name)


def text(params: Json, name: str, limit: int = MAX_TEXT) -> str | None:
    """An optional text of at most ``limit`` characters; an empty one counts as absent."""
    value = params.get(name) or None
    if value is not None and (not isinstance(value, str) or len(value) > limit):
        raise InvalidParameter(f"Invalid string: {name}", code="parameter_invalid_string", param=name)
    return value


def required(params: Json, name: str) -> str:
    """A text that must be there."""
    value = text(params, name)
    if value is None:
        raise InvalidParameter(f"Missing required param: {name}.", code="parameter_missing", param=name)
    return value


def integer(value: str, name: str) -> int:
    """A whole number in ASCII digits."""
    if _INTEGER.fullmatch(value) is None:
        raise InvalidParameter(f"Invalid integer: {value[:40]}", code="parameter_invalid_integer", param=name)
    return int(value)


def amount(params: Json) -> int:
    """A positive amount in fen."""
    value = integer(required(params, "amount"), "amount")
    if value < 1:
        raise InvalidParameter("The amount must be at least 1", code="parameter_invalid_integer", param="amount")
    if value > MAX_AMOUNT_FEN:
        raise InvalidParameter(f"The amount must be at most {MAX_AMOUNT_FEN}", code="amount_too_large", param="amount")
    return value


def group(params: Json, name: str) -> Json:
    """An optional group such as ``metadata[...]``."""
    value = params.get(name) or {}
    if not isinstance(value, dict):
        raise InvalidParameter(f"Invalid object: {name}", code="parameter_invalid_empty", param=name)
    return value


def metadata(params: Json) -> dict[str, str]:
    """At most 50 texts: names up to 40, values up to 500 characters."""
    found = group(params, "metadata")
    fits = all(
        len(name) <= MAX_METADATA_NAME and isinstance(value, str) and len(value) <= MAX_TEXT
        for name, value in found.items()
    )
    if len(found) > MAX_METADATA or not fits:
        raise InvalidParameter("Invalid metadata", code="parameter_invalid_string", param="metadata")
    return dict(found)
