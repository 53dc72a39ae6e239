"""What is left of a relay after its acknowledgement: first its payload is deleted, in the end both sides' rows.

The taker's row goes first, the giver's after it: so a relay that may be repeated always finds that it was taken.
"""

import uuid
from functools import partial
from typing import Any

from app.core.relay_statements import giving, taking
from app.core.scope import Scope
from app.core.unit import Unit, run, unit

SWEEP = 500
"""Rows of which one unit deletes something, or which it postpones."""


def sweep(giver: Scope) -> int:
    """Delete the payloads, and the rows, of relays of `giver` whose time is over; returns of how many."""
    return run(giver, _payloads) + _rows(giver)


def _payloads(opened: Unit) -> int:
    """Delete the payload of what was acknowledged `RELAY_PAYLOAD_KEPT` ago."""
    statements, values = giving(opened.scope), _mine(opened)
    ids = list(opened.execute(statements.swept, values | {"most": SWEEP}).scalars())
    if ids:
        opened.execute(statements.sweep, {"owner": values["owner"], "ids": ids})
    return len(ids)


def _rows(giver: Scope) -> int:
    """Delete what was acknowledged `RELAY_KEPT` ago."""
    with unit(giver) as reading:
        over = reading.execute(giving(giver).over, _mine(reading) | {"most": SWEEP}).all()
    if not over:
        return 0
    by_taker: dict[str, list[uuid.UUID]] = {}
    for relay_id, taker in over:
        by_taker.setdefault(taker, []).append(relay_id)
    for taker, ids in by_taker.items():
        run(Scope.parse(taker), partial(_untaken, ids=ids))
    return run(giver, partial(_ungiven, ids=[relay_id for relay_id, _ in over]))


def _untaken(opened: Unit, ids: list[uuid.UUID]) -> None:
    opened.execute(taking(opened.scope).forget, {"owner": _mine(opened)["owner"], "ids": ids})


def _ungiven(opened: Unit, ids: list[uuid.UUID]) -> int:
    gone = opened.execute(giving(opened.scope).forget, _mine(opened) | {"ids": ids})
    return int(gone.rowcount)


def _mine(opened: Unit) -> dict[str, Any]:
    return {"owner": opened.scope.tenant or opened.scope.person, "now": opened.now}
