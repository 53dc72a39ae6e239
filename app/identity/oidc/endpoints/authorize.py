"""`/oauth/authorize`: a person signs in, reads what an app asks for, and says yes or no (OAuth 2.1, 4.1.1).

The whole way stays on this one address with the app's request in its query, so there is no address to go on to that
anybody could forge. Whatever is wrong with app or redirect address is told to the person alone.
"""

from urllib.parse import urlencode

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import InvalidRequestError
from authlib.oidc.core.errors import ConsentRequiredError, LoginRequiredError
from flask import Response, current_app, request, url_for

from app.core.access import PUBLIC
from app.core.unit import database
from app.edge.permissions import declare
from app.identity.oidc.endpoints import entering, forms, pages
from app.identity.oidc.endpoints.blueprint import blueprint
from app.identity.oidc.endpoints.grants import Consenting
from app.identity.oidc.names import ORGANIZATION
from app.identity.oidc.scopes import SCOPES
from app.identity.oidc.service import apps, grants
from app.identity.oidc.service.apps import App
from app.identity.oidc.service.browsers import Browser
from app.identity.oidc.service.grants import Consent
from app.identity.token_endpoint import EXTENSION

LONGEST_AGE = 9
"""Digits of `max_age`: thirty years."""
UNSUPPORTED = {"request": "request_not_supported", "request_uri": "request_uri_not_supported"}


def authorize() -> Response:
    """Answer an authorization request, in as many pages as it takes."""
    app = apps.find(request.args.get("client_id", ""))
    redirect_uri = request.args.get("redirect_uri", "")
    addressed = all(len(request.args.getlist(name)) == 1 for name in ("client_id", "redirect_uri"))
    if app is None or not addressed or redirect_uri not in app.redirect_uris:
        english = "This app, or the address to return to, is not registered here."
        return pages.refused(400, "这个应用没有在这里登记，或登记的地址不同。", english)
    try:
        _refuse_malformed()
        return _stepped(app, redirect_uri, pages.browser())
    except OAuth2Error as error:
        return _told(error, redirect_uri)


def _refuse_malformed() -> None:
    """Raises OAuth2Error for what Authlib would answer with a defect, or not at all."""
    if any(len(values) > 1 for values in request.args.listvalues()):
        raise InvalidRequestError("each parameter once")
    for name, code in UNSUPPORTED.items():
        if name in request.args:
            raise OAuth2Error(error=code)
    if request.args.get("response_mode", "query") != "query":
        raise InvalidRequestError("response_mode is query")
    if request.args.get("response_type") != "code":
        raise OAuth2Error("response_type is code", error="unsupported_response_type")
    age = request.args.get("max_age", "0")
    if not age.isdecimal() or len(age) > LONGEST_AGE:
        raise InvalidRequestError("max_age is a number of seconds")


def _stepped(app: App, redirect_uri: str, browser: Browser | None) -> Response:
    server = current_app.extensions[EXTENSION]
    grant = server.get_consent_grant(end_user=browser)
    consent = Consent(app, current_app.extensions[ORGANIZATION](app.id.scope), grant.request.scope.split())
    if request.method == "POST":
        return _posted(consent, redirect_uri, browser)
    if browser is None or _is_stale(browser):
        if "none" in _prompts():
            raise LoginRequiredError
        return entering.first(consent, redirect_uri)
    if _is_remembered(consent, browser):
        return _answered(Consenting(browser, consent))
    if "none" in _prompts():
        raise ConsentRequiredError
    return _consent_page(forms.ConsentForm(), consent, redirect_uri)


def _posted(consent: Consent, redirect_uri: str, browser: Browser | None) -> Response:
    if request.form.get("step") in entering.STEPS:
        return entering.taken(consent, redirect_uri, _own_address(_signed_in()))
    form = forms.ConsentForm()
    fits = form.validate_on_submit()
    if browser is not None and forms.has_expired(form):
        return _consent_page(form, consent, redirect_uri, 400)
    if browser is None or not fits:
        return pages.see(_own_address(request.args.to_dict()))
    return _answered(Consenting(browser, consent) if form.decision.data == forms.ALLOW else None)


def _signed_in() -> dict[str, str]:
    """The app's request without what asked for a fresh sign-in: that was done."""
    left = {name: value for name, value in request.args.items() if name not in ("prompt", "max_age")}
    return {**left, "prompt": "consent"} if "consent" in _prompts() else left


def _consent_page(form: forms.ConsentForm, consent: Consent, redirect_uri: str, status: int = 200) -> Response:
    meanings = [SCOPES[scope] for scope in consent.scopes]
    return pages.page("oidc/consent.html", status, leads_to=redirect_uri, form=form, consent=consent, meanings=meanings)


def _answered(consenting: Consenting | None) -> Response:
    """The code, or the person's no, to the app."""
    server = current_app.extensions[EXTENSION]
    grant = server.get_consent_grant(end_user=consenting and consenting.browser)
    return pages.to_app(server.create_authorization_response(grant_user=consenting, grant=grant))


def _told(error: OAuth2Error, redirect_uri: str) -> Response:
    error.redirect_uri, error.state = redirect_uri, request.args.get("state")
    return pages.to_app(current_app.extensions[EXTENSION].handle_error_response(None, error))


def _is_stale(browser: Browser) -> bool:
    """Whether the app wants a fresher sign-in than the browser has (OpenID Connect Core, 3.1.2.1)."""
    most = request.args.get("max_age")
    age = (database().clock.now() - browser.began_at).total_seconds()
    return "login" in _prompts() or (most is not None and age > int(most))


def _is_remembered(consent: Consent, browser: Browser) -> bool:
    """Whether the person allowed all of it before; a public app could be somebody else now, so it asks again."""
    if consent.app.is_public or "consent" in _prompts():
        return False
    return set(consent.scopes) <= grants.allowed(browser.scope, consent.app)


def _prompts() -> list[str]:
    return request.args.get("prompt", "").split()


def _own_address(query: dict[str, str]) -> str:
    return f"{url_for('oidc.authorize')}?{urlencode(query)}"


blueprint.route("/oauth/authorize", methods=["GET", "POST"], endpoint="authorize")(declare(authorize, PUBLIC))
blueprint.get("/oauth/style.css")(declare(pages.style, PUBLIC))
blueprint.get("/oauth/passkey.js")(declare(pages.script, PUBLIC))
