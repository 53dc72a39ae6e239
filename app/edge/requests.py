"""What every request gets: an id, a bounded body, a log line, a place in the metrics, headers that keep it private."""

import re
import time

import structlog
from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from app.core.errors import Malformed
from app.core.ids import new_id
from app.edge import metrics

HEADER = "X-Request-Id"
MAX_BODY = 1024 * 1024
"""Bytes of a JSON request; uploads have an endpoint and a limit of their own, and announce their length."""
FEATURES = (
    "camera", "display-capture", "geolocation", "microphone", "payment", "publickey-credentials-create",
    "publickey-credentials-get", "usb",
)  # fmt: skip
"""What a page of a browser may not use unless it says so itself."""
PRIVATE = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in FEATURES),
    "Referrer-Policy": "no-referrer",
}
"""For answers that say nothing else themselves, as a page must."""
_PRIVATE = [(name.lower(), name, value) for name, value in PRIVATE.items()]
_ID = re.compile(r"\A[A-Za-z0-9._-]{8,64}\Z")
log = structlog.get_logger()


def install(app: Flask, *, secure: bool) -> None:
    """Number, bound, count and log the requests of `app`; `secure` where it is only ever reached by TLS."""
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY
    app.before_request(_begin)
    app.after_request(_end)
    if secure:
        app.after_request(_by_tls_only)


def _begin() -> None:
    given = request.headers.get(HEADER, "")
    g.request_id = given if _ID.match(given) else str(new_id())
    g.started = time.perf_counter()
    if request.content_length is None:
        _read_whole()


def _read_whole() -> None:
    """Read a body of unannounced length: werkzeug cuts it off at the limit, and a part would pass for the whole."""
    try:
        length = len(request.get_data())
    except HTTPException:
        raise
    except Exception as error:  # each server has exceptions of its own for a transfer that breaks its framing
        raise Malformed("the body cannot be read") from error
    if length >= MAX_BODY:
        raise RequestEntityTooLarge


def _by_tls_only(response: Response) -> Response:
    response.headers["Strict-Transport-Security"] = "max-age=31536000"  # a year
    return response


def _end(response: Response) -> Response:
    response.headers[HEADER] = g.request_id
    response.headers["X-Content-Type-Options"] = "nosniff"
    # in one go: each header that is set alone is first looked for among all others
    said = {name.lower() for name, _ in response.headers}
    response.headers.extend([(name, value) for lower, name, value in _PRIVATE if lower not in said])
    # The rule, not the path: a path can hold a resident's id.
    rule = request.url_rule.rule if request.url_rule else ""
    seconds = time.perf_counter() - g.started
    metrics.observe(request.method, rule, response.status_code, seconds)
    log.info(
        "request", request_id=g.request_id, method=metrics.known(request.method), rule=rule,
        status=response.status_code, ms=round(seconds * 1000, 1),
    )  # fmt: skip
    return response
