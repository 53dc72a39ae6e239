"""`POST /oauth/token`: OAuth 2.0 client credentials on Authlib (RFC 6749 section 4.4, errors as in section 5.2)."""

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import unquote_plus

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import ClientMixin, InvalidClientError, InvalidRequestError, InvalidScopeError
from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant
from flask import Blueprint, Flask, Response, current_app, g, request

from app.core.access import PUBLIC
from app.edge.permissions import declare
from app.identity.credentials import matches
from app.identity.oidc.names import BY_KEY, SECRET_METHODS
from app.identity.service.clients import Client
from app.identity.service.tokens import CLIENT_LIFE, issue_client_token

EXTENSION = "cloud_hospital_oauth"
METHODS = (*SECRET_METHODS, BY_KEY)
NOT_PROVED = (
    "No client is known by what was shown: send client_id and client_secret by HTTP Basic or in the body, or, with "
    "keys, a fresh client_assertion"
)
"""Said of a wrong secret, of an assertion that does not hold and of an unknown client alike."""

blueprint = Blueprint("oauth", __name__, url_prefix="/oauth")


class Server(AuthorizationServer):  # type: ignore[misc]  # Authlib carries no types
    """Authlib's, which tells a client that it could not make out how a client proves who it is."""

    def authenticate_client(self, request: Any, methods: Iterable[str], endpoint: str = "token") -> ClientMixin:
        """The client that asks; raises InvalidClientError, always with 401 (RFC 6749, 5.2)."""
        try:
            return super().authenticate_client(request, methods, endpoint)
        except InvalidClientError as error:
            raise InvalidClientError(status_code=401, description=NOT_PROVED) from error


class Grant(ClientCredentialsGrant):  # type: ignore[misc]  # Authlib carries no types
    """Client credentials, the client authenticated by its secret or its key."""

    TOKEN_ENDPOINT_AUTH_METHODS = METHODS


class Applicant(ClientMixin):  # type: ignore[misc]  # Authlib carries no types
    """Whoever asks for a token. An unknown id is an applicant whom no secret fits, so that ids cannot be probed."""

    def __init__(self, client: Client | None) -> None:
        self.client = client

    def get_client_id(self) -> str:
        """How the client is called; empty where there is none."""
        return str(self.client.id) if self.client else ""

    def check_client_secret(self, secret: str) -> bool:
        """Whether `secret` is the client's."""
        return self.client is not None and matches(secret, self.client.secret_hash)

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """Whether the client may authenticate this way: who has keys by them alone."""
        has_keys = self.client is not None and self.client.jwks is not None
        return method in ((BY_KEY,) if has_keys else SECRET_METHODS)

    def check_grant_type(self, grant_type: str) -> bool:
        """Whether the client may use this grant."""
        return grant_type == str(Grant.GRANT_TYPE)

    def get_allowed_scope(self, scope: str | None) -> str | None:
        """The asked scope if the client has all of it, everything it has if it asked for nothing; None is refused."""
        allowed = self.client.permissions if self.client else frozenset[str]()
        asked = set((scope or "").split()) or allowed
        return " ".join(sorted(asked)) if asked <= allowed else None


def _generate(grant_type: str, client: Applicant, **asked: Any) -> dict[str, Any]:
    scope = client.get_allowed_scope(asked.get("scope"))
    if scope is None:
        raise InvalidScopeError("scope names a permission that this client does not have")
    return {
        "access_token": _issued(client.client, scope.split()),
        "token_type": "Bearer",
        "expires_in": int(CLIENT_LIFE.total_seconds()),
        "scope": scope,
    }


def _issued(client: Client | None, permissions: Iterable[str]) -> str:
    if client is None:
        raise LookupError("a token for nobody")
    return issue_client_token(client, permissions, g.request_id)


def _by_basic(query_client: Callable[[str], Applicant], asked: object) -> Applicant | None:
    """The applicant of an `Authorization: Basic` header, whose two parts are form-encoded (RFC 6749, 2.3.1).

    Authlib's own reading does not decode them, and fails (500) where the header is not UTF-8.
    """
    given = request.authorization
    if given is None or given.type != "basic" or not given.username or not given.password:
        return None
    applicant = query_client(unquote_plus(given.username))
    return applicant if applicant.check_client_secret(unquote_plus(given.password)) else None


def install(app: Flask, query_client: Callable[[str], ClientMixin]) -> AuthorizationServer:
    """Make the authorization server of `app`, whose clients `query_client` finds, and return it."""
    server = Server()
    server.init_app(
        app,
        query_client=query_client,
        save_token=lambda token, request: None,
    )
    server.register_token_generator("default", _generate)
    server.register_client_auth_method("client_secret_basic", _by_basic)
    server.register_grant(Grant)
    app.extensions[EXTENSION] = server
    app.register_blueprint(blueprint)
    return server


def issue() -> Response:
    """Answer a token request."""
    server = current_app.extensions[EXTENSION]
    fault = _fault()
    response: Response
    if fault:
        response = server.handle_error_response(None, InvalidRequestError(fault))
    else:
        response = server.create_token_response()
    return response


def _fault() -> str:
    """What is wrong with the request before anybody is asked who sent it (RFC 6749, 2.3.1, 3.2 and 5.2)."""
    if request.args or any(len(values) > 1 for values in request.form.listvalues()):
        return "parameters go into the body, each once"
    if not request.form.get("grant_type"):
        return "grant_type is missing: send parameters as application/x-www-form-urlencoded"
    return ""


blueprint.post("/token")(declare(issue, PUBLIC))
