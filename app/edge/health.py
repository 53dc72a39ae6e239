"""Probes for those who run the platform."""

from collections.abc import Callable

from flask import Blueprint, Response, jsonify
from sqlalchemy.exc import SQLAlchemyError

from app.core.access import PUBLIC
from app.core.scope import Scope
from app.core.unit import unit
from app.edge.permissions import declare

NOBODY = Scope.for_key("none", "0" * 32)
"""A scope in which nothing can be seen: a probe only opens a transaction."""


def blueprint(is_migrated: Callable[[], bool]) -> Blueprint:
    """`/healthz` and `/readyz`; `is_migrated` says whether the schema is as new as this process needs it."""
    made = Blueprint("health", __name__)

    def healthz() -> tuple[Response, int]:
        """This process is alive."""
        return jsonify(status="ok"), 200

    def readyz() -> tuple[Response, int]:
        """This process reaches its database, whose schema it can work on."""
        try:
            with unit(NOBODY) as probe:
                probe.session.connection()
            ready, why = is_migrated(), "schema_behind"
        except SQLAlchemyError:
            ready, why = False, "unavailable"
        return (jsonify(status="ok"), 200) if ready else (jsonify(status=why), 503)

    made.get("/healthz")(declare(healthz, PUBLIC))
    made.get("/readyz")(declare(readyz, PUBLIC))
    return made
