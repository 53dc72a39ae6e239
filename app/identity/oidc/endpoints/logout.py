"""`/oauth/logout`: an app asks that its person signs out here too (OpenID Connect RP-Initiated Logout 1.0).

Who shows an ID token of the person who is signed in here signs them out at once; everybody else is asked.
"""

from typing import Any

from authlib.common.urls import add_params_to_uri
from flask import Response, g, request

from app.core.access import PUBLIC
from app.edge.permissions import declare
from app.identity.oidc.endpoints import forms, pages
from app.identity.oidc.endpoints.blueprint import blueprint
from app.identity.oidc.service import apps, browsers, keys
from app.identity.oidc.service.id_tokens import subject


def logout() -> Response:
    """Sign out, and go back to the app where it is known."""
    hint = request.args.get("id_token_hint", "")
    claims = keys.claims_of(hint) if hint else None
    if hint and (claims is None or request.args.get("client_id", claims["aud"]) != claims["aud"]):
        return pages.refused(400, "退出请求无效。", "This request to sign out is not valid.")
    browser, back = pages.browser(), _back(claims)
    form = forms.LeaveForm()
    is_known = browser is not None and claims is not None and claims["sub"] == subject(browser.scope)
    if browser is not None and not is_known and not form.validate_on_submit():
        status = 400 if forms.has_expired(form) else 200
        return pages.page("oidc/leave.html", status, leads_to=back, form=form, done=False)
    browsers.end(pages.cookie(), g.request_id)
    response = pages.see(back) if back else pages.page("oidc/leave.html", done=True)
    pages.keep(response, "")
    return response


def _back(claims: dict[str, Any] | None) -> str:
    """Where the app wants its person to go then, as it registered; empty where it is not known who asks."""
    app = apps.find(claims["aud"]) if claims else None
    wanted = request.args.get("post_logout_redirect_uri", "")
    if app is None or wanted not in app.post_logout_redirect_uris:
        return ""
    state = request.args.get("state")
    return str(add_params_to_uri(wanted, [("state", state)])) if state else wanted


blueprint.route("/oauth/logout", methods=["GET", "POST"])(declare(logout, PUBLIC))
