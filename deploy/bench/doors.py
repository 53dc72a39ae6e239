"""A slice that the measured web process loads: one answer behind a door and without one."""

from typing import Any

from flask_smorest import Blueprint
from marshmallow import Schema, fields

from app.core.access import PUBLIC
from app.core.scope import Scope
from app.core.unit import unit
from app.edge.endpoint import Call, endpoint
from app.edge.slice import Slice

PERMISSION = "bench.read"
OPEN, CLOSED = "/bench-open", "/bench-closed"
ANSWER = {"words": "x" * 100}

blueprint = Blueprint("bench", __name__, description="What a door costs")


class BenchOut(Schema):
    """An answer that costs next to nothing."""

    words = fields.String(required=True)


@endpoint(blueprint, "GET", OPEN, permission=PUBLIC, answer=BenchOut)
def without_a_door(call: Call) -> dict[str, Any]:
    """Answer anybody."""
    return ANSWER


@endpoint(blueprint, "GET", CLOSED, permission=PERMISSION, answer=BenchOut)
def behind_a_door(call: Call) -> dict[str, Any]:
    """Answer who may, in a transaction that is bound to their tenant."""
    with unit(Scope.for_tenant(call.tenant)):
        return ANSWER


SLICE = Slice("bench", blueprints=(blueprint,))
