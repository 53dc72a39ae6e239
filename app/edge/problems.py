"""Every error as problem+json (RFC 9457), with a stable code, the request's id, and the fields that broke a rule."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import orjson
import structlog
from flask import Flask, Response, current_app, g, request
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from werkzeug.exceptions import HTTPException

from app.core.errors import Malformed, NotFound, Problem, TryLater
from app.core.idempotency import Answered
from app.core.logs import trace
from app.core.unit import PASSING_STATES, sqlstate

CONTENT_TYPE = "application/problem+json"
BUSY_SECONDS = 2
CHALLENGE = 'Bearer realm="cloud-hospital"'
CODES = {
    HTTPStatus.METHOD_NOT_ALLOWED: "method_not_allowed",
    HTTPStatus.NOT_ACCEPTABLE: "not_acceptable",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "request_too_large",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "unsupported_media_type",
}
"""What the web framework refuses, by names of our own: its titles change between versions."""
PAGE = "cloud_hospital_problem_page"
"""Where the application keeps who makes a page of a status, for people whose browser went astray."""
Page = Callable[[int], Response]
_API = "/api/"
_KEPT = ("Allow", "Retry-After", "WWW-Authenticate")
"""What browsers too are told in headers."""
log = structlog.get_logger()


def install(app: Flask) -> None:
    """Render everything that is raised in a request."""
    app.register_error_handler(Problem, render)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(PoolExhausted, lambda _: render(TryLater("busy", retry_after=BUSY_SECONDS)))
    app.register_error_handler(DBAPIError, _database)
    app.register_error_handler(Exception, _defect)


def render(problem: Problem) -> Response:
    """`problem` as a response."""
    answer = answered(problem)
    return _readable(Response(answer.body, answer.status, answer.headers))


def answered(problem: Problem) -> Answered:
    """`problem` as it goes out and as an idempotency key keeps it."""
    headers = {"content-type": CONTENT_TYPE}
    if problem.retry_after is not None:
        headers["retry-after"] = str(problem.retry_after)
    if problem.status == HTTPStatus.UNAUTHORIZED:  # RFC 9110 11.6.1 asks for the challenge, RFC 6750 3.1 for its error
        given = request.headers.get("Authorization", "").lower().startswith("bearer ")
        headers["www-authenticate"] = f'{CHALLENGE}, error="invalid_token"' if given else CHALLENGE
    members = _members(problem.status, problem.code, problem.title)
    if problem.detail:
        members["detail"] = problem.detail
    if problem.faults:
        members["errors"] = [{"pointer": f.pointer, "rule": f.rule, "detail": f.detail} for f in problem.faults]
    return Answered(problem.status, headers, orjson.dumps(members))


def _members(status: int, code: str, title: str) -> dict[str, Any]:
    return {
        "type": f"urn:cloud-hospital:problem:{code}", "title": title, "status": status, "code": code,
        "request_id": g.request_id,
    }  # fmt: skip


def _http(error: HTTPException) -> Response:
    """What the web framework refused; what exists among our own problems is rendered as that."""
    status = HTTPStatus(error.code or HTTPStatus.INTERNAL_SERVER_ERROR)
    if status is HTTPStatus.NOT_FOUND:
        return render(NotFound())
    if status is HTTPStatus.BAD_REQUEST:
        return render(Malformed())
    code = CODES.get(status, f"http_{status.value}")
    members = _members(status, code, status.phrase)
    if status is HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        members["detail"] = f"a body of this request has at most {request.max_content_length} bytes"
    elif status in (HTTPStatus.NOT_ACCEPTABLE, HTTPStatus.UNSUPPORTED_MEDIA_TYPE):
        members["detail"] = error.description
    response = Response(orjson.dumps(members), status, content_type=CONTENT_TYPE)
    for name, value in error.get_headers(request.environ):
        if name.lower() in ("allow", "retry-after", "www-authenticate"):
            response.headers[name] = value
    return _readable(response)


def _readable(response: Response) -> Response:
    """The same as a page, for whoever would rather read one and asks for nothing of the API."""
    page: Page | None = current_app.extensions.get(PAGE)
    kinds = request.accept_mimetypes
    if page is None or request.path.startswith(_API) or kinds.best_match((CONTENT_TYPE, "text/html")) != "text/html":
        return response
    shown = page(response.status_code)
    shown.headers.update({name: response.headers[name] for name in _KEPT if name in response.headers})
    return shown


def _database(error: DBAPIError) -> Response:
    lost = error.connection_invalidated or isinstance(error, InterfaceError)
    state = sqlstate(error)
    if lost or state in PASSING_STATES or (isinstance(error, OperationalError) and not state):
        log.warning("database_busy", sqlstate=state, request_id=g.request_id)
        return render(TryLater("the database did not answer in time", retry_after=BUSY_SECONDS))
    return _defect(error)


def _defect(error: Exception) -> Response:
    log.error("defect", trace=trace(error), request_id=g.request_id)
    return render(Problem())
