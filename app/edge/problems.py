"""Every error as problem+json (RFC 9457), with a stable code, the request's id, and the fields that broke a rule."""

from collections.abc import Iterator, Mapping
from typing import Any

import orjson
import structlog
from flask import Flask, Response, g, request
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from werkzeug.exceptions import HTTPException

from app.core.errors import Fault, InvalidInput, Problem, TryLater
from app.core.idempotency import Answered
from app.core.logs import trace
from app.core.unit import sqlstate

CONTENT_TYPE = "application/problem+json"
PASSING_STATES = ("55P03", "57014", "53300", "57P01", "57P02", "57P03", "40001", "40P01", "25P03")
"""Lock or statement time-out, too many connections, a server that stops or starts, a race lost too often."""
BUSY_SECONDS = 2
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
    return Response(answer.body, answer.status, answer.headers)


def answered(problem: Problem) -> Answered:
    """`problem` as it goes out and as an idempotency key keeps it."""
    headers = {"content-type": CONTENT_TYPE}
    if problem.retry_after is not None:
        headers["retry-after"] = str(problem.retry_after)
    if problem.status == 401:  # noqa: PLR2004  # RFC 9110 11.6.1 asks for the challenge
        headers["www-authenticate"] = 'Bearer realm="cloud-hospital"'
    return Answered(problem.status, headers, orjson.dumps(_members(problem)))


def _members(problem: Problem) -> dict[str, Any]:
    members: dict[str, Any] = {
        "type": f"urn:cloud-hospital:problem:{problem.code}",
        "title": problem.title,
        "status": problem.status,
        "code": problem.code,
        "request_id": g.get("request_id", ""),
    }
    if problem.detail:
        members["detail"] = problem.detail
    if problem.faults:
        members["errors"] = [{"pointer": f.pointer, "rule": f.rule, "detail": f.detail} for f in problem.faults]
    return members


def _http(error: HTTPException) -> Response:
    status = error.code or 500
    if status == InvalidInput.status:
        return render(InvalidInput(faults=tuple(_faults(getattr(error, "data", {}).get("messages", {})))))
    response = Response(orjson.dumps(_http_members(error, status)), status, content_type=CONTENT_TYPE)
    for name, value in error.get_headers(request.environ):
        if name.lower() in ("allow", "retry-after", "www-authenticate"):
            response.headers[name] = value
    return response


def _http_members(error: HTTPException, status: int) -> dict[str, Any]:
    code = error.name.lower().replace(" ", "_").replace("'", "")
    return {
        "type": f"urn:cloud-hospital:problem:{code}", "title": error.name, "status": status, "code": code,
        "request_id": g.get("request_id", ""),
    }  # fmt: skip


def _faults(messages: Any, pointer: str = "") -> Iterator[Fault]:
    """Marshmallow's nested messages as one fault per broken field; the location (`json`) is the root."""
    if isinstance(messages, Mapping):
        for name, inner in messages.items():
            below = pointer if not pointer and name in ("json", "query") else f"{pointer}/{_escaped(name)}"
            yield from _faults(inner, below if below else "/" if name not in ("json", "query") else "")
    elif isinstance(messages, list):
        for message in messages:
            yield Fault(pointer or "/", "schema", str(message))
    else:
        yield Fault(pointer or "/", "schema", str(messages))


def _escaped(name: object) -> str:
    return "" if name == "_schema" else str(name).replace("~", "~0").replace("/", "~1")


def _database(error: DBAPIError) -> Response:
    lost = error.connection_invalidated or isinstance(error, InterfaceError)
    state = sqlstate(error)
    if lost or state in PASSING_STATES or (isinstance(error, OperationalError) and not state):
        log.warning("database_busy", sqlstate=state)
        return render(TryLater("the database did not answer in time", retry_after=BUSY_SECONDS))
    return _defect(error)


def _defect(error: Exception) -> Response:
    log.error("defect", trace=trace(error), request_id=g.get("request_id", ""))
    return render(Problem())
