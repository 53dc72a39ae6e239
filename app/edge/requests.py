"""What every request gets: an id, a bounded body, a log line, headers that keep answers private."""

import re
import time

import structlog
from flask import Flask, Response, g, request

from app.core.ids import new_id

HEADER = "X-Request-Id"
MAX_BODY = 1024 * 1024
"""Bytes of a JSON request; uploads have an endpoint and a limit of their own."""
_ID = re.compile(r"\A[A-Za-z0-9._-]{8,64}\Z")
log = structlog.get_logger()


def install(app: Flask) -> None:
    """Number, bound and log the requests of `app`."""
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY
    app.before_request(_begin)
    app.after_request(_end)


def _begin() -> None:
    given = request.headers.get(HEADER, "")
    g.request_id = given if _ID.match(given) else str(new_id())
    g.started = time.perf_counter()


def _end(response: Response) -> Response:
    response.headers[HEADER] = g.request_id
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers["X-Content-Type-Options"] = "nosniff"
    # The rule, not the path: a path can hold a resident's id.
    rule = request.url_rule.rule if request.url_rule else ""
    log.info(
        "request", request_id=g.request_id, method=request.method, rule=rule, status=response.status_code,
        ms=round((time.perf_counter() - g.started) * 1000, 1),
    )  # fmt: skip
    return response
