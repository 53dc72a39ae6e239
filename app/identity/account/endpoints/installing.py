"""Hangs the account's pages into the web application."""

from flask import Flask

from app.identity.account.endpoints import keys, lists, phone, proving
from app.identity.account.endpoints.blueprint import blueprint

PAGES = (lists, keys, phone, proving)
"""They hang themselves into the blueprint."""


def install(app: Flask) -> None:
    """The pages are there."""
    app.register_blueprint(blueprint)
