"""Who asks at the token endpoint and beside it: apps, and how they prove it."""

from typing import Any

from authlib.oauth2.rfc6749 import ClientMixin, InvalidClientError
from authlib.oauth2.rfc7523 import JWTBearerClientAssertion
from joserfc.jwk import KeySet

from app.core.unit import database
from app.identity.credentials import matches
from app.identity.oidc.names import BY_KEY
from app.identity.oidc.rules import ASSERTION_LIFE, LEEWAY
from app.identity.oidc.scopes import asked
from app.identity.oidc.service import apps, assertions
from app.identity.oidc.service.apps import App
from app.identity.service.clients import find_client
from app.identity.token_endpoint import Applicant

GRANTS = ("authorization_code", "refresh_token")
ALGORITHMS = ("ES256", "ES384", "RS256", "PS256", "Ed25519", "EdDSA")


class AppApplicant(ClientMixin):  # type: ignore[misc]  # Authlib carries no types
    """An app that asks for tokens."""

    def __init__(self, app: App) -> None:
        self.app = app

    def get_client_id(self) -> str:
        """How the app is called."""
        return str(self.app.id)

    def check_client_secret(self, secret: str) -> bool:
        """Whether `secret` is the app's."""
        return self.app.secret_hash is not None and matches(secret, self.app.secret_hash)

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """Whether this is the one way in which the app said that it would prove who it is."""
        return method == self.app.auth_method

    def check_grant_type(self, grant_type: str) -> bool:
        """Whether apps may use this grant."""
        return grant_type in GRANTS

    def check_response_type(self, response_type: str) -> bool:
        """Whether the app may ask for this."""
        return response_type == "code"

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Whether answers may go there: character by character as registered."""
        return redirect_uri in self.app.redirect_uris

    def get_default_redirect_uri(self) -> None:
        """An app always says where its answer shall go."""

    def get_allowed_scope(self, scope: str | None) -> str | None:
        """The asked scopes where the app may ask for all of them, else None."""
        allowed = asked(scope, self.app.scopes)
        return None if allowed is None else " ".join(allowed)


def query(client_id: str) -> Applicant | AppApplicant:
    """Whoever is called `client_id`: an app, a system, or an applicant whom nothing fits."""
    app = apps.find(client_id)
    return AppApplicant(app) if app else Applicant(find_client(client_id))


class Assertion(JWTBearerClientAssertion):  # type: ignore[misc]  # Authlib carries no types
    """An app's or a system's own signature under who it is (RFC 7523), for this platform, once and for minutes."""

    CLIENT_AUTH_METHOD = BY_KEY

    def __init__(self, issuer: str) -> None:
        super().__init__(leeway=int(LEEWAY.total_seconds()))
        self.issuer = issuer

    def __call__(self, query_client: Any, request: Any) -> Any:
        """The app, None where there is no assertion; raises InvalidClientError."""
        try:
            return super().__call__(query_client, request)
        except (InvalidClientError, ValueError, TypeError) as error:
            # ValueError and TypeError: a key that does not fit, a description with characters that no error may have
            raise InvalidClientError from error

    def get_audiences(self) -> list[str]:
        """As whom the platform may be addressed."""
        return [self.issuer, f"{self.issuer}/oauth/token"]

    def validate_jti(self, claims: dict[str, Any], jti: object) -> bool:
        """Whether the assertion is short-lived and new."""
        until, now = claims["exp"], database().clock.now().timestamp()
        if until - now > (ASSERTION_LIFE + LEEWAY).total_seconds():
            return False
        return isinstance(jti, str) and assertions.spend(claims["sub"], jti, until)

    def resolve_client_public_key(self, client: Any) -> KeySet:
        """The registered keys; without any, Authlib would try the call again in another form and fail."""
        known = client.app if isinstance(client, AppApplicant) else client.client
        if known is None or known.jwks is None:
            raise InvalidClientError
        return KeySet.import_key_set(dict(known.jwks))  # type: ignore[arg-type]  # checked when registered
