"""Authlib's own client goes the whole way over real HTTP: code, ID token, refresh, introspection, sign-out."""

from app.identity.api import authenticate
from tests.identity.oidc.apps import SCOPES, Browser, Developer, told


def test_a_code_becomes_tokens(developer: Developer, browser: Browser) -> None:
    with developer.session(state="s t&=") as session:
        answer = browser.allow(developer.address(session, nonce="n-1", state="s t&="))
        assert told(answer).keys() == {"code", "state", "iss"}
        assert (told(answer)["iss"], told(answer)["state"]) == (developer.web.url, "s t&=")
        token = developer.tokens(session, answer, state="s t&=")
    assert set(token["scope"].split()) == set(SCOPES)
    assert token["expires_in"] == 900
    principal = authenticate(token["access_token"])
    assert principal.permissions == {"appointments.read"}
    assert principal.actor == f"app:{developer.id}"
