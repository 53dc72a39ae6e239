"""Parameters on their way out: nested names, and checks before anything is sent."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

MAX_AMOUNT_FEN = 99_999_999_999
MAX_KEY_LENGTH = 255
MAX_METADATA = 50

Value = str | int | bool | Sequence["Value"] | Mapping[str, "Value"] | None
_NAME = re.compile(r"[A-Za-z0-9_.:-]{1,40}")
_TEXT = re.compile(r".{1,500}", re.DOTALL)
_ID = re.compile(r"[A-Za-z0-9_]{1,255}")
_KEY = re.compile(rf"[!-~]{{1,{MAX_KEY_LENGTH}}}")


def encode(params: Mapping[str, Value]) -> list[tuple[str, str]]:
    """Stripe's form: ``{"metadata": {"k": "v"}}`` is ``metadata[k]=v``; None is left out."""
    return [pair for name, value in params.items() for pair in _pairs(name, value)]


def _pairs(name: str, value: Value) -> list[tuple[str, str]]:
    if value is None:
        return []
    if isinstance(value, bool):
        return [(name, "true" if value else "false")]
    if isinstance(value, str | int):
        return [(name, str(value))]
    if isinstance(value, Mapping):
        return [pair for key, item in value.items() for pair in _pairs(f"{name}[{key}]", item)]
    return [pair for item in value for pair in _pairs(f"{name}[]", item)]


def checked_amount(amount: int) -> int:
    """A whole number of fen, 1 to 99,999,999,999. Raises ``ValueError``."""
    if type(amount) is not int or not 1 <= amount <= MAX_AMOUNT_FEN:
        raise ValueError(f"an amount is a whole number of fen from 1 to {MAX_AMOUNT_FEN}")
    return amount


def checked_key(key: str) -> str:
    """An idempotency key: 1 to 255 printable ASCII characters without spaces. Raises ``ValueError``."""
    if _KEY.fullmatch(key) is None:
        raise ValueError(f"an idempotency key is 1 to {MAX_KEY_LENGTH} printable ASCII characters")
    return key


def checked_id(object_id: str) -> str:
    """An id that is safe as one segment of a path. Raises ``ValueError``."""
    if _ID.fullmatch(object_id) is None:
        raise ValueError("an id is letters, digits and underscores")
    return object_id


def checked_metadata(metadata: Mapping[str, str]) -> Mapping[str, str]:
    """At most 50 texts: names up to 40 characters, values up to 500. Raises ``ValueError``."""
    fits = all(_NAME.fullmatch(name) and _TEXT.fullmatch(value) for name, value in metadata.items())
    if not fits or len(metadata) > MAX_METADATA:
        raise ValueError(f"metadata is at most {MAX_METADATA} short texts with plain names")
    return metadata
