"""Authlib's own client goes the whole way over real HTTP: code, ID token, refresh, introspection, sign-out."""

import hashlib
from base64 import urlsafe_b64encode
from typing import Any

import pytest
import requests
from authlib.oauth2.rfc6749.errors import MismatchingStateException
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata
from authlib.oidc.discovery import get_well_known_url
from joserfc import jwt
from joserfc.jwk import KeySet

from app.core.errors import Unauthenticated
from app.identity.api import authenticate
from tests.identity.conftest import Web
from tests.identity.oidc.apps import AFTER, SCOPES, Browser, Developer, register, told
from tests.identity.phone import Phone


def claims(web: Web, token: str) -> dict[str, Any]:
    """What an ID token says, checked by the published keys."""
    keys = KeySet.import_key_set(requests.get(f"{web.url}/oauth/jwks.json", timeout=10).json())
    decoded = jwt.decode(token, keys, algorithms=["ES256"])
    assert decoded.header.keys() == {"alg", "typ", "kid"}
    return dict(decoded.claims)


def assert_about(developer: Developer, token: dict[str, Any], subject: str) -> None:
    """The ID token is for this app, about this person and this access token."""
    said = claims(developer.web, token["id_token"])
    half = urlsafe_b64encode(hashlib.sha256(token["access_token"].encode()).digest()[:16]).rstrip(b"=").decode()
    assert (said["iss"], said["aud"], said["nonce"]) == (developer.web.url, developer.id, "n-1")
    assert (said["at_hash"], said["sub"]) == (half, subject)
    assert said["auth_time"] <= said["iat"] < said["exp"]
    assert said["amr"] == ["sms"]


def test_the_whole_way(developer: Developer, browser: Browser) -> None:
    url = developer.web.url
    with developer.session(state="s t&=") as session:
        answer = browser.allow(developer.address(session, nonce="n-1", state="s t&="))
        assert told(answer).keys() == {"code", "state", "iss"}
        assert (told(answer)["iss"], told(answer)["state"]) == (url, "s t&=")
        token = developer.tokens(session, answer, state="s t&=")
        assert set(token["scope"].split()) == set(SCOPES)
        principal = authenticate(token["access_token"])
        assert principal.permissions == {"appointments.read"}
        assert principal.actor == f"app:{developer.id}"
        info = session.get(f"{url}/oauth/userinfo", timeout=10).json()
        assert (info["phone_number"], info["locale"]) == (browser.phone.number, "zh-CN")
        assert_about(developer, token, info["sub"])
        session.refresh_token(f"{url}/oauth/token", timeout=10)
        assert session.token["refresh_token"] != token["refresh_token"]
        seen = session.introspect_token(f"{url}/oauth/introspect", token=session.token["access_token"], timeout=10)
        known = seen.json()
        assert (known["active"], known["client_id"], known["sub"]) == (True, developer.id, info["sub"])
        assert session.revoke_token(f"{url}/oauth/revoke", token=session.token["refresh_token"], timeout=10).ok
        seen = session.introspect_token(f"{url}/oauth/introspect", token=session.token["access_token"], timeout=10)
        assert seen.json() == {"active": False}
    with pytest.raises(Unauthenticated):
        authenticate(token["access_token"])


def test_an_app_asks_how_fresh_a_sign_in_is(developer: Developer, browser: Browser) -> None:
    with developer.session(["openid"]) as session:
        first = developer.tokens(session, browser.allow(developer.address(session)))
        remembered = browser.get(developer.address(session, max_age=600)).headers["Location"]
        again = developer.tokens(session, remembered)
        for asked in ({"prompt": "login"}, {"max_age": 0}):
            assert 'name="phone"' in browser.get(developer.address(session, **asked)).text
    former, later = (claims(developer.web, one["id_token"]) for one in (first, again))
    assert (later["auth_time"], later["amr"]) == (former["auth_time"], former["amr"])


def test_a_public_app_of_one_page(web: Web, browser: Browser) -> None:
    developer = Developer(web, register(method="none"))
    with developer.session(["openid"]) as session:
        token = developer.tokens(session, browser.allow(developer.address(session)))
    assert "refresh_token" not in token
    assert authenticate(token["access_token"]).permissions == frozenset()
    with developer.session(["openid"]) as session:
        again = browser.get(developer.address(session))
    assert "decision" in again.text, "a public app may be anybody: it is asked for each time"


def test_signing_out_at_the_apps_wish(developer: Developer, browser: Browser) -> None:
    with developer.session(["openid"]) as session:
        token = developer.tokens(session, browser.allow(developer.address(session)))
        again = browser.get(developer.address(session))
        assert told(again.headers["Location"])["iss"] == developer.web.url, "remembered: no page in between"
        wish = {"id_token_hint": token["id_token"], "post_logout_redirect_uri": AFTER, "state": "x y"}
        asked = requests.Request("GET", f"{developer.web.url}/oauth/logout", params=wish).prepare()
        assert browser.get(str(asked.url)).headers["Location"] == f"{AFTER}?state=x+y"
        assert 'name="phone"' in browser.get(developer.address(session)).text


def test_signing_out_without_a_token_is_asked_about(developer: Developer, browser: Browser) -> None:
    with developer.session(["openid"]) as session:
        browser.allow(developer.address(session))
    page = browser.get(f"{developer.web.url}/oauth/logout?post_logout_redirect_uri=https://evil.example.com/")
    assert page.status_code == 200
    assert "evil" not in page.text + page.headers["Content-Security-Policy"]
    expired = browser.cookies.post(page.url, timeout=10)
    assert (expired.status_code, "The form has expired" in expired.text) == (400, True)
    assert "已退出" in browser.submit(expired).text
    assert browser.get(f"{developer.web.url}/oauth/logout?id_token_hint=a.b.c").status_code == 400


@pytest.mark.parametrize("name", ["openid-configuration", "oauth-authorization-server"])
def test_discovery(web: Web, name: str) -> None:
    assert get_well_known_url(web.url, external=True) == f"{web.url}/.well-known/openid-configuration"
    found = requests.get(f"{web.url}/.well-known/{name}", timeout=10).json()
    assert found["issuer"] == web.url
    secure = {key: str(value).replace("http://", "https://") for key, value in found.items() if "://" in str(value)}
    AuthorizationServerMetadata({**found, **secure}).validate()
    for key in ("token_endpoint", "userinfo_endpoint", "introspection_endpoint", "revocation_endpoint", "jwks_uri"):
        assert requests.get(found[key], timeout=10).status_code in (200, 401, 405)


def test_a_forged_answer_does_not_become_tokens(developer: Developer, browser: Browser) -> None:
    with developer.session(state="mine") as session:
        answer = browser.allow(developer.address(session, state="mine"))
        with pytest.raises(MismatchingStateException):
            developer.tokens(session, answer, state="another")


def test_a_person_signs_in_again_elsewhere(developer: Developer, browser: Browser, phone: Phone) -> None:
    assert browser.phone is phone
    with developer.session(["openid"]) as session:
        browser.allow(developer.address(session))
        other = Browser(developer.web, phone)
        assert 'name="phone"' in other.get(developer.address(session)).text
