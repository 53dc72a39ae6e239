"""Where people reach the platform by TLS, cookies are this very host's alone."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask

from app.core.unit import connect, database
from app.factory import create_app
from app.identity.oidc.endpoints.pages import keep, keep_device
from tests.identity.oidc.apps import BACK, register
from tests.platform import Platform

ISSUER = "https://hospital.example.com"


@pytest.fixture
def secure(platform: Platform) -> Iterator[Flask]:
    made = create_app(replace(platform.settings, issuer=ISSUER))
    engine = database().engine
    yield made
    engine.dispose()
    connect(platform.database)


def test_cookies(secure: Flask) -> None:
    asked = {
        "response_type": "code", "client_id": str(register().app.public_id), "redirect_uri": BACK, "scope": "openid",
        "code_challenge": "c" * 43, "code_challenge_method": "S256",
    }  # fmt: skip
    with secure.test_client() as web:
        page = web.get("/oauth/authorize", query_string=asked, base_url=ISSUER)
    form = page.headers["Set-Cookie"]
    with secure.test_request_context(base_url=ISSUER):
        kept = secure.response_class()
        keep(kept, "x")
        keep_device(kept, "x")
    for cookie in (form, *kept.headers.getlist("Set-Cookie")):
        assert cookie.startswith("__Host-cloud_hospital_")
        parts = set(cookie.split("; ")[1:])
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= parts
        assert not any(part.startswith("Domain") for part in parts)
