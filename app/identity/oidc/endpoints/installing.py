"""Hangs the provider into the web application."""

from authlib.integrations.flask_oauth2 import AuthorizationServer
from flask import Flask, Request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface

from app.core.unit import database
from app.edge import problems
from app.identity.oidc.endpoints import authorize, logout, pages, protocol
from app.identity.oidc.endpoints.blueprint import blueprint
from app.identity.oidc.endpoints.clients import Assertion, query
from app.identity.oidc.endpoints.grants import S256, CodeGrant, RefreshGrant
from app.identity.oidc.endpoints.pages import FORGERY_COOKIE, cookie_name
from app.identity.oidc.names import BY_KEY, ISSUER
from app.identity.token_endpoint import install as install_token_endpoint

PAGES = (authorize, logout, protocol)
"""They hang themselves into the blueprint."""


def install(app: Flask) -> None:
    """Make the authorization server of `app`, with the grants of systems and of apps."""
    server: AuthorizationServer = install_token_endpoint(app, query)
    server.register_client_auth_method(BY_KEY, Assertion(app.extensions[ISSUER]))
    server.register_grant(CodeGrant, [S256(required=True)])
    server.register_grant(RefreshGrant)
    server.register_endpoint(protocol.Introspection)
    server.register_endpoint(protocol.Revocation)
    _protect_forms(app)
    app.extensions[problems.PAGE] = pages.astray
    app.register_blueprint(blueprint)


class FormCookie(SecureCookieSessionInterface):
    """Flask's, which makes a signer for every request; here only a request that brings the cookie needs one."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """What the cookie of `request` holds; nothing where there is none."""
        if not request.cookies.get(self.get_cookie_name(app)):
            return self.session_class()
        return super().open_session(app, request)


def _protect_forms(app: Flask) -> None:
    """Flask's own cookie holds nothing but what a form's token is checked against."""
    app.session_interface = FormCookie()
    secure = str(app.extensions[ISSUER]).startswith("https://")
    app.secret_key = database().blind.digest("form_cookie", app.extensions[ISSUER])
    app.config.update(
        SESSION_COOKIE_NAME=cookie_name(FORGERY_COOKIE, secure=secure), SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_HTTPONLY=True, SESSION_COOKIE_SAMESITE="Lax", SESSION_COOKIE_PATH="/",
    )  # fmt: skip
