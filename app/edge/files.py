"""Bodies and answers that are files: what an endpoint declares of them, and how they come in and go out."""

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import request

from app.core.idempotency import Answered

BINARY = {"type": "string", "format": "binary"}
"""How the OpenAPI document describes bytes."""
HARMLESS = "default-src 'none'; sandbox; frame-ancestors 'none'"
"""Whoever opens a file by its address gets an origin of its own, in which nothing runs."""


@dataclass(frozen=True)
class Upload:
    """A body that is one file as it is: what it may be called, and how many bytes it has at most.

    The name says nothing of the content, which is recognized by its bytes.
    """

    media_types: tuple[str, ...]
    most: int

    def allow(self) -> None:
        """Let this request's body be so long; one that says it is longer is refused before it is read."""
        request.max_content_length = self.most

    def described(self) -> dict[str, Any]:
        """The body in the OpenAPI document."""
        content = {name: {"schema": BINARY} for name in self.media_types}
        return {"requestBody": {"required": True, "content": content}}


def reading(handle: Callable[..., Any]) -> Callable[..., Any]:
    """`handle`, given the bytes of the body first."""

    @functools.wraps(handle)
    def read(*args: Any, **values: Any) -> Any:
        return handle(*args, request.get_data(), **values)

    return read


@dataclass(frozen=True)
class File:
    """A file as an endpoint answers it; `name` is what it is saved as."""

    content: bytes = field(repr=False)
    media_type: str
    name: str


@dataclass(frozen=True)
class Download:
    """An answer that is one file of one of these types; of a GET alone, because no key keeps bytes."""

    media_types: tuple[str, ...]
    schema: Mapping[str, Any] = field(default_factory=lambda: BINARY)
    """How the OpenAPI document describes the content."""

    def __call__(self, result: File) -> Answered:
        """The answer for a `File`."""
        headers = {
            "content-type": result.media_type,
            "content-disposition": f'attachment; filename="{result.name}"',
            "content-security-policy": HARMLESS,
        }
        return Answered(200, headers, result.content)
