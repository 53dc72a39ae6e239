"""Probes for those who run the platform."""

from flask import Blueprint, Response, jsonify
from sqlalchemy.exc import SQLAlchemyError

from app.core.access import PUBLIC
from app.core.unit import database
from app.edge.permissions import declare

blueprint = Blueprint("health", __name__)


def healthz() -> tuple[Response, int]:
    """This process is alive."""
    return jsonify(status="ok"), 200


def readyz() -> tuple[Response, int]:
    """This process reaches its database."""
    try:
        database().reach()
    except SQLAlchemyError:
        return jsonify(status="unavailable"), 503
    return jsonify(status="ok"), 200


for _name, _view in (("healthz", healthz), ("readyz", readyz)):
    blueprint.get(f"/{_name}")(declare(_view, PUBLIC))
