"""Lists as Stripe gives them: newest first, with cursors that are ids."""

from __future__ import annotations

from collections.abc import Callable

from deploy.sandbox.gateway import params
from deploy.sandbox.gateway.errors import InvalidParameter, Missing
from deploy.sandbox.gateway.state import Json

MAX_PAGE = 100
_BOUNDS: dict[str, Callable[[int, int], bool]] = {
    "gt": lambda created, bound: created > bound,
    "gte": lambda created, bound: created >= bound,
    "lt": lambda created, bound: created < bound,
    "lte": lambda created, bound: created <= bound,
}


def page(objects: dict[str, Json], wish: Json, url: str, noun: str) -> Json:
    """One page of ``objects``: ``limit`` 1 to 100, after or before a cursor, filtered by ``created``."""
    limit = params.integer(params.text(wish, "limit") or "10", "limit")
    if not 1 <= limit <= MAX_PAGE:
        raise InvalidParameter(f"limit is 1 to {MAX_PAGE}", code="parameter_invalid_integer", param="limit")
    found = _window([o for o in reversed(objects.values()) if _created(o, wish)], wish, noun)
    backwards = "ending_before" in wish
    data = found[-limit:] if backwards else found[:limit]
    return {"object": "list", "url": url, "has_more": len(found) > limit, "data": data}


def _window(found: list[Json], wish: Json, noun: str) -> list[Json]:
    ids = [o["id"] for o in found]
    for name in ("starting_after", "ending_before"):
        cursor = params.text(wish, name)
        if cursor is None:
            continue
        if cursor not in ids:
            raise Missing(noun, cursor, name)
        place = ids.index(cursor)
        return found[place + 1 :] if name == "starting_after" else found[:place]
    return found


def _created(thing: Json, wish: Json) -> bool:
    for name, bound in params.group(wish, "created").items():
        if name not in _BOUNDS:
            raise InvalidParameter("Unknown bound", code="parameter_unknown", param=f"created[{name}]")
        if not _BOUNDS[name](thing["created"], params.integer(bound, f"created[{name}]")):
            return False
    return True
