"""What every page of the provider shares: its policy, its style, the browser's cookie, the answer to the app."""

from pathlib import Path
from typing import Any

from authlib.common.urls import add_params_to_uri
from flask import Response, current_app, g, make_response, render_template, request

from app.edge.requests import PRIVATE
from app.identity.devices.rules import KNOWN_FOR
from app.identity.oidc.names import ISSUER
from app.identity.oidc.rules import origin
from app.identity.oidc.service import browsers
from app.identity.oidc.service.browsers import Browser
from app.identity.service.tokens import PERSON_LIFE

STYLE, SCRIPT = (Path(__file__).parent.parent / name for name in ("style.css", "passkey.js"))
COOKIE = "cloud_hospital_browser"
DEVICES_COOKIE = "cloud_hospital_devices"
MOST_DEVICES = 4
"""Persons whose device a browser may be: those of a family at one computer."""
_BETWEEN = "~"
_MISSING, _ELSEWHERE = (404, 405), 421
_TOO_MANY, _OURS = 429, 500
FORGERY_COOKIE = "cloud_hospital_form"
_POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"


def is_secure() -> bool:
    """Whether people reach this platform by TLS."""
    return str(current_app.extensions[ISSUER]).startswith("https://")


def page(template: str, status: int = 200, *, leads_to: str = "", passkeys: str = "", **values: Any) -> Response:
    """A page without script, but for those that `get` or `create` a passkey. Browsers hold its forms to this platform
    and, at their end, the app at `leads_to`.
    """
    response = make_response(render_template(template, **values), status)
    policy = f"{_POLICY} {origin(leads_to)}" if leads_to else _POLICY
    if passkeys:
        policy, feature = f"{policy}; script-src 'self'; connect-src 'self'", f"publickey-credentials-{passkeys}"
        usual = PRIVATE["Permissions-Policy"]
        response.headers["Permissions-Policy"] = usual.replace(f"{feature}=()", f"{feature}=(self)")
    response.headers["Content-Security-Policy"] = policy
    return response


def refused(status: int, chinese: str, english: str) -> Response:
    """A page that says what is wrong, where no app may be told."""
    return page("oidc/refused.html", status, chinese=chinese, english=english)


def astray(status: int) -> Response:
    """What a browser shows of a problem outside the pages' own: that nothing is there, or not now, or that such a
    request never is carried out; and a way back, where this host is served.
    """
    is_passing = status == _TOO_MANY or status >= _OURS
    return page(
        "oidc/astray.html", status, is_missing=status in _MISSING, is_passing=is_passing,
        leads_back=status != _ELSEWHERE, request_id=g.request_id,
    )  # fmt: skip


def see(location: str) -> Response:
    """Go on there, by GET."""
    return Response(status=303, headers={"Location": location})


def style() -> Response:
    """How the pages look."""
    headers = {"Cache-Control": "public, max-age=86400"}
    return Response(STYLE.read_text(encoding="utf-8"), content_type="text/css; charset=utf-8", headers=headers)


def script() -> Response:
    """How pages ask for passkeys."""
    return Response(SCRIPT.read_text(encoding="utf-8"), content_type="text/javascript; charset=utf-8")


def cookie_name(name: str, *, secure: bool) -> str:
    """With TLS the prefix makes browsers refuse it from anybody but this very host."""
    return f"__Host-{name}" if secure else name


def cookie() -> str:
    """The secret of the browser that asks; empty where it has none."""
    return request.cookies.get(cookie_name(COOKIE, secure=is_secure()), "")


def browser() -> Browser | None:
    """Who has signed in in the browser that asks."""
    return browsers.look(cookie())


def keep(response: Response, secret: str) -> None:
    """Have the browser keep `secret`; an empty one makes it forget."""
    secure = is_secure()
    response.set_cookie(
        cookie_name(COOKIE, secure=secure), secret, max_age=int(PERSON_LIFE.total_seconds()) if secret else 0,
        secure=secure, httponly=True, samesite="Lax", path="/",
    )  # fmt: skip


def device_tokens() -> tuple[str, ...]:
    """What the browser that asks was given as the device of one person or more."""
    kept = request.cookies.get(cookie_name(DEVICES_COOKIE, secure=is_secure()), "")
    return tuple(filter(None, kept.split(_BETWEEN)))[:MOST_DEVICES]


def keep_device(response: Response, token: str | None) -> None:
    """Have the browser keep the token of a device, with those of others who use it; None: it has it already."""
    secure, tokens = is_secure(), device_tokens()
    kept = (token, *tokens)[:MOST_DEVICES] if token else tokens
    response.set_cookie(
        cookie_name(DEVICES_COOKIE, secure=secure), _BETWEEN.join(kept),
        max_age=int(KNOWN_FOR.total_seconds()), secure=secure, httponly=True, samesite="Lax", path="/",
    )  # fmt: skip


def to_app(response: Response) -> Response:
    """An answer to the app, which says whose it is (RFC 9207)."""
    if response.location:
        response.location = add_params_to_uri(response.location, [("iss", current_app.extensions[ISSUER])])
        response.status_code = 303
    return response
