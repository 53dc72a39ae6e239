"""What is asked of a request before it is looked at: that it is meant for this host, and no part of a flood."""

from collections.abc import Collection
from urllib.parse import urlsplit

from flask import Flask, current_app, request

from app.core.access import PUBLIC
from app.core.errors import Misdirected
from app.core.refusals import Noting
from app.core.traffic import Limits
from app.edge import limits, refusing
from app.edge.permissions import declared

HOSTS = "cloud_hospital_hosts"
"""Where the application keeps the names under which it is reached."""
PROBES = frozenset({"health", "metrics"})
"""Blueprints for those who run the platform: asked by address, every few seconds, and they touch nobody's data."""


def install(app: Flask, hosts: Collection[str], allowed: Limits) -> None:
    """Guard `app`, which is reached as one of `hosts` (any, where there are none); called before its routes are made.

    Nobody is redirected to the canonical spelling of a path: the address would be made from the Host header.
    """
    app.url_map.strict_slashes = app.url_map.merge_slashes = False
    app.extensions[HOSTS] = frozenset(hosts)
    app.extensions[limits.EXTENSION] = limits.Stock(allowed)
    app.extensions[refusing.EXTENSION] = Noting()
    app.before_request(_meant_for_us)
    app.before_request(_no_flood)


def _meant_for_us() -> None:
    """Nothing that the platform answers is made from this header; what it does not expect it does not serve either."""
    hosts = current_app.extensions[HOSTS]
    if hosts and request.blueprint not in PROBES and _host() not in hosts:
        raise Misdirected("this host is not served here")


def _host() -> str | None:
    """The name in the request's Host header, without its port; None where it is none."""
    try:
        return urlsplit(f"//{request.headers.get('Host', '')}").hostname
    except ValueError:
        return None


def _no_flood() -> None:
    view = current_app.view_functions.get(request.endpoint or "")
    if (view is None or declared(view) == PUBLIC) and request.blueprint not in PROBES:
        limits.spend_stranger()
