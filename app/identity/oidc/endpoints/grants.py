"""The grants of apps on Authlib: authorization code with PKCE, and refresh tokens that are used once (OAuth 2.1)."""

from dataclasses import dataclass
from typing import Any

from authlib.oauth2.rfc6749 import InvalidGrantError, InvalidRequestError
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant, RefreshTokenGrant
from authlib.oauth2.rfc7636 import CodeChallenge
from flask import current_app, g

from app.core.scope import Scope
from app.identity.oidc.names import ISSUER, METHODS
from app.identity.oidc.rules import ACCESS_LIFE
from app.identity.oidc.scopes import OPENID
from app.identity.oidc.service import codes, tokens
from app.identity.oidc.service.browsers import Browser
from app.identity.oidc.service.codes import Asked, Redeemed
from app.identity.oidc.service.grants import Consent
from app.identity.oidc.service.id_tokens import id_token
from app.identity.oidc.service.tokens import Issued


class S256(CodeChallenge):  # type: ignore[misc]  # Authlib carries no types
    """PKCE for every app, by S256 alone, and asked for already in the authorization request (RFC 9700, 2.1.1)."""

    SUPPORTED_CODE_CHALLENGE_METHOD = ("S256",)

    def validate_code_challenge(self, grant: Any, redirect_uri: str) -> None:
        """Raises InvalidRequestError for a request without challenge, or with a plain one."""
        given = grant.request.payload.data
        if not given.get("code_challenge") or given.get("code_challenge_method") != "S256":
            raise InvalidRequestError("send a code_challenge with code_challenge_method=S256")
        super().validate_code_challenge(grant, redirect_uri)


@dataclass(frozen=True)
class Consenting:
    """Who consents on the page, and to what."""

    browser: Browser
    consent: Consent


class CodeGrant(AuthorizationCodeGrant):  # type: ignore[misc]  # as above
    """A code for tokens."""

    TOKEN_ENDPOINT_AUTH_METHODS = METHODS

    def generate_authorization_code(self) -> str:
        """A code, stored in one unit with the grant."""
        user, given = self.request.user, self.request.payload.data
        asked = Asked(given["redirect_uri"], given["code_challenge"], given.get("nonce"))
        browser = user.browser
        return codes.give(browser.scope, user.consent, asked, browser.began_at, g.request_id, browser.methods)

    def save_authorization_code(self, code: str, request: Any) -> None:
        """It is stored already."""

    def query_authorization_code(self, code: str, client: Any) -> Redeemed | None:
        """Takes the code: whatever is wrong beside it, it is not good a second time."""
        return codes.redeem(code, client.app, g.request_id)

    def delete_authorization_code(self, authorization_code: Redeemed) -> None:
        """It was deleted by taking it."""

    def authenticate_user(self, authorization_code: Redeemed) -> Scope:
        """The person who consented."""
        return authorization_code.scope

    def generate_token(self, **asked: Any) -> dict[str, Any]:
        """The family's first tokens, with an ID token where the app asked who this is."""
        app, code = self.request.client.app, self.request.authorization_code
        issued = tokens.issue(code.scope, code.family_id, app, g.request_id)
        if issued is None:
            raise InvalidGrantError
        answer = _answer(issued)
        if OPENID in issued.scopes:
            answer["id_token"] = id_token(current_app.extensions[ISSUER], app, code, issued.access)
        return answer


@dataclass(frozen=True)
class Refreshing:
    """A refresh token that somebody shows; whether it is still good is decided when it is exchanged."""

    text: str
    scopes: list[str]

    def check_client(self, client: Any) -> bool:
        """It was looked up for this client."""
        return True

    def get_scope(self) -> str:
        """What it may be exchanged for."""
        return " ".join(self.scopes)


class RefreshGrant(RefreshTokenGrant):  # type: ignore[misc]  # as above
    """A refresh token for the next pair."""

    TOKEN_ENDPOINT_AUTH_METHODS = METHODS
    INCLUDE_NEW_REFRESH_TOKEN = True

    def authenticate_refresh_token(self, refresh_token: str) -> Refreshing | None:
        """The token, where it is one of the app that asks."""
        scopes = tokens.granted(refresh_token, self.request.client.app)
        return None if scopes is None else Refreshing(refresh_token, list(scopes))

    def authenticate_user(self, refresh_token: Refreshing) -> Refreshing:
        """The person is in the token."""
        return refresh_token

    def issue_token(self, user: Refreshing, refresh_token: Refreshing) -> dict[str, Any]:
        """Exchange it, once."""
        narrowed = set((self.request.payload.scope or "").split())
        issued = tokens.exchange(refresh_token.text, self.request.client.app, narrowed, g.request_id)
        if issued is None:
            raise InvalidGrantError
        return _answer(issued)

    def revoke_old_credential(self, refresh_token: Refreshing) -> None:
        """It was spent by exchanging it."""


def _answer(issued: Issued) -> dict[str, Any]:
    answer = {
        "access_token": issued.access, "token_type": "Bearer", "expires_in": int(ACCESS_LIFE.total_seconds()),
        "scope": " ".join(issued.scopes),
    }  # fmt: skip
    return {**answer, "refresh_token": issued.refresh} if issued.refresh else answer
