"""The one way to make an API endpoint: a permission is declared, the caller admitted, the payload parsed, the answer
rendered, and an effect made idempotent, in this order and for every endpoint alike.
"""

import functools
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from flask import Response, current_app, g, request
from flask_smorest import Blueprint
from marshmallow import Schema
from werkzeug.exceptions import UnsupportedMediaType

from app.core.access import PUBLIC, Principal
from app.core.errors import Forbidden, Malformed, Refused, Unauthenticated
from app.core.idempotency import Answered, KeyedEffect, Replayed
from app.core.unit import Caller
from app.edge.permissions import declare
from app.edge.problems import answered

Authenticate = Callable[[str], Principal]
EXTENSION = "cloud_hospital_authenticate"
IDEMPOTENCY_HEADER = "Idempotency-Key"
_KEY = re.compile(r"\A[\x21-\x7e]{1,255}\Z")
View = Callable[..., Any]


@dataclass(frozen=True)
class Call:
    """One admitted request, as an endpoint gets it."""

    principal: Principal
    by: Caller
    effect: KeyedEffect | None


def endpoint(
    blueprint: Blueprint,
    method: str,
    path: str,
    *,
    permission: str,
    body: type[Schema] | None = None,
    query: type[Schema] | None = None,
    answer: type[Schema],
    status: int = 200,
) -> Callable[[View], View]:
    """Register the decorated `view(call, [body], [query], **path values)` under `path`.

    Everything but GET is an effect: it asks for an `Idempotency-Key`, and the view passes `call.effect` to `run`.
    """

    def register(view: View) -> View:
        render = functools.partial(_answered, schema=answer(), status=status)

        def respond(*parsed: Any, **values: Any) -> Response:
            return _respond(view, render, method != "GET", parsed, values)

        handle: View = functools.wraps(view)(respond)
        handle = blueprint.response(status, answer)(handle)
        if query is not None:
            handle = blueprint.arguments(query, location="query")(handle)
        if body is not None:
            handle = blueprint.arguments(body)(handle)
        admitted = _admitted(handle, permission, has_body=body is not None)
        blueprint.route(path, methods=[method])(admitted)
        return admitted

    return register


def _admitted(handle: View, permission: str, *, has_body: bool) -> View:
    @functools.wraps(handle)
    def admit(*args: Any, **values: Any) -> Any:
        g.principal = _principal(permission)
        if has_body and not request.is_json:
            raise UnsupportedMediaType("send application/json")
        return handle(*args, **values)

    return declare(admit, permission)


def _principal(permission: str) -> Principal | None:
    if permission == PUBLIC:
        return None
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token:
        raise Unauthenticated("send a bearer token")
    authenticate: Authenticate = current_app.extensions[EXTENSION]
    principal = authenticate(token)
    if not principal.may(permission):
        raise Forbidden(f"this needs the permission {permission}")
    return principal


def _respond(
    view: View,
    render: Callable[[Any], Answered],
    is_effect: bool,
    parsed: tuple[Any, ...],
    values: Mapping[str, Any],
) -> Response:
    principal: Principal = g.principal
    effect = _effect(principal, render) if is_effect else None
    try:
        result = view(Call(principal, principal.caller(g.request_id), effect), *parsed, **values)
    except Replayed as replayed:
        return _response(replayed.answer, replayed=True)
    if effect is None:
        return _response(render(result))
    if effect.answer is None:
        raise RuntimeError("an effect's unit was run without its key")
    return _response(effect.answer)


def _effect(principal: Principal, render: Callable[[Any], Answered]) -> KeyedEffect:
    name = request.headers.get(IDEMPOTENCY_HEADER, "")
    if not _KEY.match(name):
        raise Malformed(
            f"send {IDEMPOTENCY_HEADER}: 1 to 255 visible ASCII characters", code="idempotency_key_required"
        )
    digest = hashlib.sha256(request.get_data()).hexdigest()
    return KeyedEffect(principal.actor, name, f"{request.method} {request.full_path} {digest}", render)


def _answered(result: Any, *, schema: Schema, status: int) -> Answered:
    if isinstance(result, Refused):
        return answered(result.problem)
    headers = {"content-type": "application/json"}
    version = getattr(result, "version", None)
    if version is not None:
        headers["etag"] = f'"{version}"'
    return Answered(status, headers, orjson.dumps(schema.dump(result)))


def _response(answer: Answered, *, replayed: bool = False) -> Response:
    response = Response(answer.body, answer.status, answer.headers)
    if replayed:
        response.headers["Idempotency-Replayed"] = "true"
    return response
