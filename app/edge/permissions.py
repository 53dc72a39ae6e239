"""Declaring what an endpoint asks of its caller; the architecture test finds every route that does not."""

from collections.abc import Callable
from typing import TypeVar

View = TypeVar("View", bound=Callable[..., object])
ATTRIBUTE = "__permission__"


def declare(view: View, permission: str) -> View:
    """Note on `view` that it asks for `permission`, and return it."""
    setattr(view, ATTRIBUTE, permission)
    return view


def declared(view: Callable[..., object]) -> str | None:
    """The permission that `view` declares, or None where it was forgotten."""
    return getattr(view, ATTRIBUTE, None)
