"""Probes for those who run the platform."""

from flask import Blueprint, Response, jsonify
from sqlalchemy.exc import SQLAlchemyError

from app.core.access import PUBLIC
from app.core.scope import Scope
from app.core.unit import unit
from app.edge.permissions import declare

blueprint = Blueprint("health", __name__)
NOBODY = Scope.for_key("none", "0" * 32)
"""A scope in which nothing can be seen: a probe only opens a transaction."""


def healthz() -> tuple[Response, int]:
    """This process is alive."""
    return jsonify(status="ok"), 200


def readyz() -> tuple[Response, int]:
    """This process reaches its database."""
    try:
        with unit(NOBODY) as probe:
            probe.session.connection()
    except SQLAlchemyError:
        return jsonify(status="unavailable"), 503
    return jsonify(status="ok"), 200


for _name, _view in (("healthz", healthz), ("readyz", readyz)):
    blueprint.get(f"/{_name}")(declare(_view, PUBLIC))
