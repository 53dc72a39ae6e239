"""What the OpenAPI document tells an integrator beside the API's own paths: the token endpoint, and every hook."""

from collections.abc import Mapping
from typing import Any

from apispec import APISpec

from app.edge.documentation import require_answers

REFUSED: dict[str, Any] = {
    "application/json": {
        "schema": {"type": "object", "required": ["error"], "properties": {"error": {"type": "string"}}}
    }
}
TOKEN: dict[str, Any] = {
    "operationId": "oauth_token",
    "tags": ["oauth"],
    "summary": "Exchange a client's id and secret for an access token (OAuth 2.0 client credentials, RFC 6749).",
    "description": (
        "Authenticate with HTTP Basic or with `client_id` and `client_secret` in the form. `scope` narrows the token to"
        " some of the client's permissions, separated by spaces; without it the token has all of them."
    ),
    "security": [],
    "requestBody": {
        "required": True,
        "content": {
            "application/x-www-form-urlencoded": {
                "schema": {
                    "type": "object",
                    "required": ["grant_type"],
                    "properties": {
                        "grant_type": {"const": "client_credentials"},
                        "client_id": {"type": "string"},
                        "client_secret": {"type": "string"},
                        "scope": {"type": "string"},
                    },
                }
            }
        },
    },
    "responses": {
        "200": {
            "description": "The token, and for how many seconds it is good.",
            "content": {
                "application/json": {
                    "schema": {
                        "type": "object",
                        "required": ["access_token", "token_type", "expires_in", "scope"],
                        "properties": {
                            "access_token": {"type": "string"},
                            "token_type": {"const": "Bearer"},
                            "expires_in": {"type": "integer"},
                            "scope": {"type": "string"},
                        },
                    }
                }
            },
        },
        "400": {"description": "Refused (RFC 6749 section 5.2): `error` says why.", "content": REFUSED},
        "401": {"description": "`invalid_client`: no such client, or not its secret.", "content": REFUSED},
    },
}
RULES = (
    "Signed as Standard Webhooks asks: `webhook-signature` holds `v1,` and the base64 of HMAC-SHA256 over"
    " `{webhook-id}.{webhook-timestamp}.{body}`, the key being what follows `whsec_` in the endpoint's secret, base64"
    " decoded. Refuse a timestamp more than five minutes off. The same `webhook-id` may come again: take it once."
    " Answer 2xx within 15 seconds; anything else is tried again after 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h"
    " and 24 h, a fifth sooner or later; 410 ends the endpoint. What was missed stands in `GET /api/v1/events`."
)
CHALLENGE = "endpoint.verification"
_SECURITY = [
    {"name": name, "in": "header", "required": True, "schema": {"type": "string"}}
    for name in ("webhook-id", "webhook-timestamp", "webhook-signature")
]


def describe(spec: APISpec, events: Mapping[str, str]) -> None:
    """Add the token endpoint, a hook for each of `events` (type to sentence), and what every answer has."""
    spec.components.schemas.pop("PaginationMetadata", None)  # flask-smorest's own paging, which nothing here uses
    require_answers(spec)
    spec.options["paths"] = {"/oauth/token": {"post": TOKEN}}
    asked = 'Proves the endpoint: answer 2xx within ten seconds with `{"nonce": ...}` as in `data.nonce`.'
    told = {CHALLENGE: asked, **events}
    spec.options["webhooks"] = {type_: {"post": _hook(type_, sentence)} for type_, sentence in sorted(told.items())}


def _hook(type_: str, sentence: str) -> dict[str, Any]:
    return {
        "operationId": f"hook_{type_.replace('.', '_')}",
        "summary": sentence,
        "description": RULES,
        "security": [],
        "parameters": _SECURITY,
        "requestBody": {"required": True, "content": {"application/json": {"schema": _schema(type_)}}},
        "responses": {"2XX": {"description": "Taken."}},
    }


def _schema(type_: str) -> dict[str, Any]:
    if type_ == CHALLENGE:
        data: dict[str, Any] = {"type": "object", "required": ["nonce"], "properties": {"nonce": {"type": "string"}}}
        return {"type": "object", "required": ["type", "data"], "properties": {"type": {"const": type_}, "data": data}}
    return {"allOf": [{"$ref": "#/components/schemas/Event"}, {"properties": {"type": {"const": type_}}}]}
