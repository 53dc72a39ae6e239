"""What apps ask beside the token endpoint: discovery, keys, `userinfo`, introspection, revocation."""

from datetime import datetime
from typing import Any

from authlib.oauth2.rfc6749 import InvalidRequestError
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7662 import IntrospectionEndpoint
from flask import Response, current_app, g, jsonify, request

from app.core.access import PUBLIC
from app.edge.permissions import declare
from app.identity.oidc.endpoints.blueprint import blueprint
from app.identity.oidc.endpoints.clients import ALGORITHMS
from app.identity.oidc.names import APP, ISSUER, METHODS, PUBLIC_APP
from app.identity.oidc.scopes import OPENID, SCOPES
from app.identity.oidc.service import keys, tokens
from app.identity.oidc.service.id_tokens import subject, user_info
from app.identity.oidc.service.tokens import ACCESS_KIND, Found
from app.identity.token_endpoint import EXTENSION

PERSONAL = ("locale", "phone_number", "phone_number_verified")
"""What `userinfo` may tell beside who it is."""
PUBLISHED = {"Cache-Control": "public, max-age=300", "Access-Control-Allow-Origin": "*"}
"""Apps ask again within five minutes, and at once when they meet a key that they do not know."""


def metadata() -> Response:
    """What the provider can do (OpenID Connect Discovery, 3; RFC 8414, 2)."""
    issuer = current_app.extensions[ISSUER]
    proving = {
        f"{endpoint}_endpoint_auth_{what}_supported": list(values)
        for endpoint in ("token", "introspection", "revocation")
        for what, values in (("methods", METHODS), ("signing_alg_values", ALGORITHMS))
    }
    told = {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/oauth/authorize",
        "token_endpoint": f"{issuer}/oauth/token",
        "userinfo_endpoint": f"{issuer}/oauth/userinfo",
        "introspection_endpoint": f"{issuer}/oauth/introspect",
        "revocation_endpoint": f"{issuer}/oauth/revoke",
        "end_session_endpoint": f"{issuer}/oauth/logout",
        "jwks_uri": f"{issuer}/oauth/jwks.json",
        "scopes_supported": list(SCOPES),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
        "code_challenge_methods_supported": ["S256"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [keys.ALGORITHM],
        "claims_supported": ["sub", "iss", "aud", "exp", "iat", "auth_time", "amr", "nonce", "at_hash", *PERSONAL],
        "prompt_values_supported": ["none", "login", "consent"],
        "ui_locales_supported": ["zh-CN", "en"],
        "authorization_response_iss_parameter_supported": True,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "claims_parameter_supported": False,
        **proving,
        "introspection_endpoint_auth_methods_supported": [method for method in METHODS if method != PUBLIC_APP],
    }
    return _public(told)


def jwks() -> Response:
    """The keys by which ID tokens are checked (RFC 7517)."""
    return _public(keys.published())


def userinfo() -> Response:
    """What the person who is behind an access token let be read of them (OpenID Connect Core, 5.3)."""
    kind, _, text = request.headers.get("Authorization", "").partition(" ")
    found = tokens.look(text.strip()) if kind.lower() == "bearer" else None
    if found is None or found.kind != ACCESS_KIND:
        return _challenge(401, "invalid_token")
    if OPENID not in found.scopes:
        return _challenge(403, "insufficient_scope")
    return jsonify(user_info(found.scope, found.scopes))


class Introspection(IntrospectionEndpoint):  # type: ignore[misc]  # Authlib carries no types
    """An app asks about its own tokens (RFC 7662); of those of others it learns nothing."""

    CLIENT_AUTH_METHODS = tuple(method for method in METHODS if method != PUBLIC_APP)

    def authenticate_token(self, request: Any, client: Any) -> Found | None:
        """The token, where it is good and the app's own. A hint that is unknown is no error (RFC 7662, 2.1)."""
        text = _token_of(request)
        found = tokens.look(text)
        return found if found and str(found.app) == client.get_client_id() else None

    def create_introspection_payload(self, token: Found | None) -> dict[str, Any]:
        """What the app is told."""
        if token is None:
            return {"active": False}
        return {
            "active": True, "client_id": str(token.app), "sub": subject(token.scope), "scope": " ".join(token.scopes),
            "token_type": "Bearer" if token.kind == ACCESS_KIND else "refresh_token",
            "iss": current_app.extensions[ISSUER], "iat": _seconds(token.issued_at), "exp": _seconds(token.expires_at),
        }  # fmt: skip


class Revocation(RevocationEndpoint):  # type: ignore[misc]  # as above
    """An app ends its own tokens (RFC 7009); what is no token of its own is answered alike."""

    CLIENT_AUTH_METHODS = METHODS

    def authenticate_token(self, request: Any, client: Any) -> None:
        """Nothing is found out: it is ended where it is the app's, and that is all."""
        text = _token_of(request)
        if client.get_client_id().startswith(f"{APP}_"):
            tokens.revoke(text, client.app, g.request_id)


def introspect() -> Response:
    """Answer what is known of a token."""
    answer: Response = current_app.extensions[EXTENSION].create_endpoint_response("introspection")
    return answer


def revoke() -> Response:
    """End a token."""
    answer: Response = current_app.extensions[EXTENSION].create_endpoint_response("revocation")
    return answer


def _token_of(asked: Any) -> str:
    if len(asked.form.getlist("token")) != 1:
        raise InvalidRequestError("send one token")
    return str(asked.form["token"])


def _public(told: dict[str, Any]) -> Response:
    answer = jsonify(told)
    answer.headers.update(PUBLISHED)
    return answer


def _challenge(status: int, error: str) -> Response:
    return Response(status=status, headers={"WWW-Authenticate": f'Bearer realm="cloud-hospital", error="{error}"'})


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())


for _rule, _view in (
    ("/.well-known/openid-configuration", metadata),
    ("/.well-known/oauth-authorization-server", metadata),
    ("/oauth/jwks.json", jwks),
):
    blueprint.get(_rule)(declare(_view, PUBLIC))
blueprint.route("/oauth/userinfo", methods=["GET", "POST"])(declare(userinfo, PUBLIC))
blueprint.post("/oauth/introspect")(declare(introspect, PUBLIC))
blueprint.post("/oauth/revoke")(declare(revoke, PUBLIC))
