"""What the OpenAPI document says of every endpoint, derived from the same declaration that makes the endpoint."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from apispec import APISpec, BasePlugin

from app.core.access import PUBLIC
from app.edge.answers import OMITTED, REPLAYED, SHOWN_ONCE
from app.edge.conditions import IDEMPOTENCY_HEADER

_HEADERS = "x-headers"
"""Names the header parameters of an operation until `HeaderParameters` puts them where they belong."""
KEY_PARAMETER = "IdempotencyKey"
VERSION_PARAMETER = "IfMatch"
STEP_UP = "SECOND_FACTOR"
"""Names the refusal of an endpoint that asks for a fresh second factor."""
_TAG = r'^"[1-9][0-9]{0,15}"$'


@dataclass(frozen=True)
class Declared:
    """What an endpoint declares, as far as it shows from outside."""

    name: str
    """Unique in the whole API."""
    permission: str
    method: str
    takes_body: bool
    takes_query: bool
    takes_path: bool
    keyed: bool
    if_match: bool
    fresh: bool


def operation(declared: Declared) -> dict[str, Any]:
    """The members of the endpoint's OpenAPI operation that flask-smorest does not know."""
    public = declared.permission == PUBLIC
    headers = [KEY_PARAMETER] * declared.keyed + [VERSION_PARAMETER] * declared.if_match
    return {
        "operationId": declared.name,
        "security": [] if public else [{"bearer": []}],
        "x-permission": declared.permission,
        "responses": {int(status): status.name for status in _problems(declared)} | _asking(declared),
        _HEADERS: headers,
    }


def _asking(declared: Declared) -> dict[int, str]:
    """The answer of an endpoint that asks for a fresh second factor says so."""
    return {int(HTTPStatus.FORBIDDEN): STEP_UP} if declared.fresh else {}


def _problems(declared: Declared) -> list[HTTPStatus]:
    parsed = declared.takes_body or declared.takes_query
    effect = declared.method != "GET"
    known = {
        HTTPStatus.BAD_REQUEST: parsed or declared.keyed or declared.if_match,
        HTTPStatus.UNAUTHORIZED: declared.permission != PUBLIC,
        HTTPStatus.FORBIDDEN: declared.permission != PUBLIC,
        HTTPStatus.NOT_FOUND: declared.takes_path,
        HTTPStatus.NOT_ACCEPTABLE: True,
        HTTPStatus.CONFLICT: effect,
        HTTPStatus.PRECONDITION_FAILED: declared.if_match,
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE: effect,
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE: declared.takes_body,
        HTTPStatus.UNPROCESSABLE_ENTITY: parsed or declared.keyed,
        HTTPStatus.PRECONDITION_REQUIRED: declared.if_match,
        HTTPStatus.TOO_MANY_REQUESTS: True,
        HTTPStatus.SERVICE_UNAVAILABLE: True,
        HTTPStatus.NOT_MODIFIED: not effect,
    }
    return [status for status, holds in known.items() if holds]


def success_headers(*, keyed: bool, secret: bool) -> dict[str, Any]:
    """The headers of a successful answer."""
    text = {"type": "string"}
    headers: dict[str, Any] = {"ETag": {"description": "The version, where the thing has one", "schema": text}}
    if keyed:
        flag = {"type": "string", "enum": ["true"]}
        headers[REPLAYED] = {"description": "Present where the answer is that of an earlier request", "schema": flag}
    if secret:
        headers[OMITTED] = {"description": "Fields left out of a repeated answer: shown once", "schema": text}
    return headers


def require_answers(spec: APISpec) -> None:
    """Say of every schema that answers are made of which fields are there: all but those that are shown once.

    What is not known is null, never absent.
    """
    schemas: dict[str, dict[str, Any]] = spec.components.schemas
    responses = [
        one.get("responses", {})
        for path in spec.to_dict()["paths"].values()
        for one in path.values()
        if isinstance(one, dict)
    ]
    for name in _reached(responses, schemas, set()):
        there = schemas[name].get("properties", {}).keys() - SHOWN_ONCE.get(name, set())
        if there:
            schemas[name]["required"] = sorted(there | set(schemas[name].get("required", ())))


def _reached(part: Any, schemas: dict[str, dict[str, Any]], known: set[str]) -> set[str]:
    """The names of the schemas to which `part` refers, those that they refer to included; `Problem` says it itself."""
    if isinstance(part, dict):
        name = str(part.get("$ref", "")).removeprefix("#/components/schemas/")
        if name in schemas and name not in known and name != "Problem":
            known.add(name)
            _reached(schemas[name], schemas, known)
    for one in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        _reached(one, schemas, known)
    return known


class HeaderParameters(BasePlugin):
    """Gives each operation the header parameters that its declaration asks for."""

    def init_spec(self, spec: APISpec) -> None:
        """Describe the parameters once."""
        super().init_spec(spec)
        key = {
            "name": IDEMPOTENCY_HEADER, "required": True,
            "description": "Names this effect; repeated within 24 hours, it is not done again and answers the same. "
            "The same is a request with the same method, path, query, If-Match and content: of JSON counts what it "
            "says, not its spacing or the order of names; no body and `{}` are the same where none is asked for",
            "schema": {"type": "string", "pattern": r"^[\x21-\x7e]{1,255}$", "minLength": 1, "maxLength": 255},
        }  # fmt: skip
        version = {
            "name": "If-Match", "required": True, "description": "The ETag of the version that is to be changed",
            "schema": {"type": "string", "pattern": _TAG},
        }  # fmt: skip
        spec.components.parameter(KEY_PARAMETER, "header", key)
        spec.components.parameter(VERSION_PARAMETER, "header", version)

    def operation_helper(self, path: str | None = None, operations: dict[str, Any] | None = None, **_: Any) -> None:
        """Move the names of header parameters to the operation's parameters, where they become references."""
        for one in (operations or {}).values():
            names = one.pop(_HEADERS, [])
            one.setdefault("parameters", []).extend(names)
