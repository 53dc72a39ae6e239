"""Declaring what an endpoint asks of its caller; the architecture test finds every route that does not."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from flask import Flask

View = TypeVar("View", bound=Callable[..., object])
ATTRIBUTE = "__permission__"
WITHOUT_ASKING = frozenset({"HEAD", "OPTIONS"})
"""Methods that the framework adds: the one is a GET without its body, the other tells methods."""


def declare(view: View, permission: str) -> View:
    """Note on `view` that it asks for `permission`, and return it."""
    setattr(view, ATTRIBUTE, permission)
    return view


def declared(view: Callable[..., object]) -> str | None:
    """The permission that `view` declares, or None where it was forgotten."""
    return getattr(view, ATTRIBUTE, None)


@dataclass(frozen=True, order=True)
class Door:
    """One endpoint as a caller sees it: where it is, and what it asks for."""

    path: str
    method: str
    permission: str


def doors(app: Flask) -> list[Door]:
    """Every endpoint of `app`, in the order of paths; raises LookupError for one that declares nothing."""
    return sorted(_doors(app))


def _doors(app: Flask) -> Iterator[Door]:
    for rule in app.url_map.iter_rules():
        permission = declared(app.view_functions[rule.endpoint])
        if permission is None:
            raise LookupError(f"{rule.rule} declares no permission")
        for method in (rule.methods or set()) - WITHOUT_ASKING:
            yield Door(rule.rule, method, permission)
