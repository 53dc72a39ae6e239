"""openid-client goes the whole way by itself, is refused what it must be, and refuses what only seems to be ours."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from joserfc.jwk import ECKey

from app.core.unit import run
from app.identity.api import authenticate, register_client
from app.identity.oidc.service import keys
from tests.identity.conftest import Web
from tests.identity.oidc.apps import AFTER, BACK, SCOPES, VERIFIER, Browser, Developer, grant, register, told
from tests.identity.oidc.foreign.program import Foreign, Refusal, running
from tests.identity.test_token_endpoint import register as system
from tests.platform import Platform, new_tenant

KEY = ECKey.generate_key("P-256", {"kid": "k1"})
OTHER = ECKey.generate_key("P-256", {"kid": "k1"})
METHODS = ("client_secret_basic", "client_secret_post", "none", "private_key_jwt")
LONG_AGO = 1_000_000_000
EVIL = "https://evil.example.com"
Json = dict[str, Any]
Signer = tuple[str, str]
"""The id of a system that has a key, and a secret that must open nothing."""
WORTHLESS: dict[str, Json] = {
    "no signature": {"header": {"alg": "none"}},
    "a key that is not registered": {"header": {"kid": "k2"}},
    "another audience": {"claims": {"aud": EVIL}},
    "expired": {"claims": {"exp": LONG_AGO}},
    "another issuer": {"claims": {"iss": "app_0"}},
}
"""What is changed in an assertion."""


@pytest.fixture(scope="module")
def foreign() -> Iterator[Foreign]:
    with running() as program:
        yield program


def proof(key: ECKey = KEY, **changed: Json) -> Json:
    """By which key an app signs who it is, and what is changed in the assertion."""
    return {"jwk": key.as_dict(private=True), "changed": changed}


def developer_of(web: Web, method: str) -> Developer:
    """Somebody whose app proves itself by `method`."""
    jwks = {"keys": [KEY.as_dict(private=False)]} if method == "private_key_jwt" else None
    return Developer(web, register(method=method, jwks=jwks))


def discover(foreign: Foreign, developer: Developer, **proven: Any) -> Json:
    """The program learns where the provider is, and how `developer`'s app proves itself."""
    method = developer.made.app.auth_method
    how = proven or (proof() if method == "private_key_jwt" else {"secret": developer.made.client_secret})
    found: Json = foreign.ask("discover", app="it", issuer=developer.web.url, id=developer.id, method=method, **how)
    return found


def given(developer: Developer) -> Json:
    """What the program needs to exchange a code that somebody gave the app."""
    code = grant(developer.made).code
    return {"url": f"{BACK}?code={code}&iss={developer.web.url}", "verifier": VERIFIER, "nonce": "n-1"}


def refused(foreign: Foreign, operation: str, by: str = "platform", **words: Any) -> str:
    """Why `operation` was refused."""
    with pytest.raises(Refusal) as found:
        foreign.ask(operation, app="it", **words)
    assert found.value.by == by, found.value
    return found.value.why


def test_the_whole_way(foreign: Foreign, developer: Developer, browser: Browser) -> None:
    discover(foreign, developer)
    asked = foreign.ask("address", app="it", scope=" ".join(SCOPES), redirect_uri=BACK)
    url = browser.allow(asked.pop("url"))
    first = foreign.ask("exchange", app="it", url=url, **asked)
    subject = first["claims"]["sub"]
    assert authenticate(first["access_token"]).permissions == {"appointments.read"}
    info = foreign.ask("userinfo", app="it", token=first["access_token"], subject=subject)
    assert info["phone_number"] == browser.phone.number
    second = foreign.ask("refresh", app="it", token=first["refresh_token"])
    known = foreign.ask("introspect", app="it", token=second["access_token"])
    assert (known["active"], known["client_id"], known["sub"]) == (True, developer.id, subject)
    foreign.ask("revoke", app="it", token=second["refresh_token"])
    assert foreign.ask("introspect", app="it", token=second["access_token"]) == {"active": False}
    leaving = foreign.ask("leaving", app="it", id_token_hint=first["id_token"], post_logout_redirect_uri=AFTER)
    assert browser.get(leaving).headers["Location"] == AFTER
    assert (
        'name="phone"' in browser.get(foreign.ask("address", app="it", redirect_uri=BACK, scope="openid")["url"]).text
    )


@pytest.mark.parametrize("method", METHODS)
def test_every_way_to_prove_oneself(foreign: Foreign, web: Web, method: str) -> None:
    developer = developer_of(web, method)
    found = discover(foreign, developer)
    assert method in found["token_endpoint_auth_methods_supported"]
    first = foreign.ask("exchange", app="it", **given(developer))
    second = foreign.ask("refresh", app="it", token=first["refresh_token"])
    assert second["refresh_token"] != first["refresh_token"]
    foreign.ask("revoke", app="it", token=second["access_token"])
    assert "invalid_token" in refused(foreign, "userinfo", token=second["access_token"], subject="x")


def test_what_was_used_is_not_good_again(foreign: Foreign, developer: Developer) -> None:
    discover(foreign, developer)
    for _ in range(2):
        words = given(developer)
        first = foreign.ask("exchange", app="it", **words)
        second = foreign.ask("refresh", app="it", token=first["refresh_token"])
        assert refused(foreign, "refresh", token=first["refresh_token"]) == "invalid_grant"
        assert refused(foreign, "refresh", token=second["refresh_token"]) == "invalid_grant"
        assert refused(foreign, "exchange", **words) == "invalid_grant"


@pytest.mark.parametrize("changed", [{"verifier": "w" * 43}, {"url": f"{BACK}/?code={{code}}&iss={{url}}"}])
def test_a_code_is_bound(foreign: Foreign, developer: Developer, changed: Json) -> None:
    discover(foreign, developer)
    words = given(developer)
    filled = {
        name: text.format(code=told(words["url"])["code"], url=developer.web.url) for name, text in changed.items()
    }
    assert refused(foreign, "exchange", **{**words, **filled}) == "invalid_grant"
    assert refused(foreign, "exchange", **words) == "invalid_grant"


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"scope": "openid everything"}, "invalid_scope"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"prompt": "none"}, "login_required"),
    ],
)
def test_what_must_not_be_asked(foreign: Foreign, developer: Developer, changed: Json, error: str) -> None:
    discover(foreign, developer)
    asked = foreign.ask("address", app="it", **{"redirect_uri": BACK, "scope": "openid", **changed})
    answer = requests.get(asked.pop("url"), allow_redirects=False, timeout=10)
    assert refused(foreign, "exchange", url=answer.headers["Location"], **asked) == error


def test_an_address_that_is_not_registered(foreign: Foreign, developer: Developer) -> None:
    discover(foreign, developer)
    asked = foreign.ask("address", app="it", redirect_uri=EVIL, scope="openid")
    answer = requests.get(asked["url"], allow_redirects=False, timeout=10)
    assert (answer.status_code, "Location" in answer.headers) == (400, False)


@pytest.mark.parametrize("how", WORTHLESS)
def test_a_worthless_assertion(foreign: Foreign, web: Web, how: str) -> None:
    developer = developer_of(web, "private_key_jwt")
    discover(foreign, developer, **proof(**WORTHLESS[how]))
    assert refused(foreign, "exchange", **given(developer)) == "invalid_client"


def test_an_assertion_by_another_key(foreign: Foreign, web: Web) -> None:
    developer = developer_of(web, "private_key_jwt")
    discover(foreign, developer, **proof(OTHER))
    assert refused(foreign, "exchange", **given(developer)) == "invalid_client"


@pytest.mark.parametrize("issuer", [EVIL, None])
def test_an_answer_of_another_provider_is_not_believed(
    foreign: Foreign, developer: Developer, issuer: str | None
) -> None:
    """The platform says in its description that it names itself in each answer, so clients look for it (RFC 9207)."""
    discover(foreign, developer)
    words = given(developer)
    words["url"] = words["url"].partition("&iss=")[0] + (f"&iss={issuer}" if issuer else "")
    assert '"iss" (issuer)' in refused(foreign, "exchange", by="client", **words)
    words["url"] = words["url"].partition("&")[0] + f"&iss={developer.web.url}"
    assert foreign.ask("exchange", app="it", **words), "the code was not sent to anybody before"


@pytest.mark.parametrize(
    ("forge", "why"),
    [
        ({"header": {"alg": "none"}}, '"alg" header'),
        ({"claims": {"iss": EVIL}, "jwk": OTHER}, '"iss" (issuer) claim'),
        ({"claims": {"aud": "app_0"}, "jwk": OTHER}, '"aud" (audience) claim'),
        ({"claims": {"exp": LONG_AGO}, "jwk": OTHER}, "past current timestamp"),
        ({"claims": {"nonce": "n-2"}, "jwk": OTHER}, '"nonce" claim'),
        ({"jwk": OTHER}, "signature verification failed"),
        ({"header": {"kid": "retired"}, "jwk": OTHER}, "no applicable keys"),
    ],
)
def test_an_id_token_that_is_not_ours_is_not_believed(
    foreign: Foreign, developer: Developer, forge: Json, why: str
) -> None:
    """What the platform publishes of itself, algorithms, keys, issuer, is enough for a client to see through it."""
    discover(foreign, developer)
    shown = {name: one.as_dict(private=True) if isinstance(one, ECKey) else one for name, one in forge.items()}
    found = refused(foreign, "exchange", by="client", forge=shown, **given(developer))
    assert why in found, found


def test_keys_change_under_a_clients_eyes(foreign: Foreign, developer: Developer) -> None:
    discover(foreign, developer)
    former = foreign.ask("exchange", app="it", **given(developer))["id_token"]
    keys.rotate()
    discover(foreign, developer)
    assert foreign.ask("exchange", app="it", **given(developer))["id_token"] != former


def test_a_system_signs_in_by_its_secret(foreign: Foreign, web: Web) -> None:
    made = system(new_tenant())
    for method in ("client_secret_basic", "client_secret_post"):
        foreign.ask("discover", app="it", issuer=web.url, id=made.id, method=method, secret=made.secret)
        token = foreign.ask("credentials", app="it", scope="notes.read")
        assert authenticate(token["access_token"]).permissions == {"notes.read"}
        assert refused(foreign, "credentials", scope="staff.manage") == "invalid_scope"
        foreign.ask("discover", app="it", issuer=web.url, id=made.id, method=method, secret="x")
        assert refused(foreign, "credentials", scope="notes.read") == "invalid_client"


@pytest.fixture
def signing_system(platform: Platform) -> Signer:
    """The id of a system with a key, and the secret that nobody is told."""
    jwks = {"keys": [KEY.as_dict(private=False)]}
    client, secret = run(new_tenant(), lambda opened: register_client(opened, "system", ["notes.read"], jwks))
    return str(client), secret


def test_a_system_signs_in_by_its_key(foreign: Foreign, web: Web, signing_system: Signer) -> None:
    foreign.ask("discover", app="it", issuer=web.url, id=signing_system[0], method="private_key_jwt", **proof())
    for _ in range(2):
        token = foreign.ask("credentials", app="it", scope="notes.read")
        assert authenticate(token["access_token"]).permissions == {"notes.read"}


@pytest.mark.parametrize(
    "proven", [proof(OTHER), *(proof(**changed) for changed in WORTHLESS.values())], ids=["another key", *WORTHLESS]
)
def test_a_systems_worthless_assertion(foreign: Foreign, web: Web, signing_system: Signer, proven: Json) -> None:
    foreign.ask("discover", app="it", issuer=web.url, id=signing_system[0], method="private_key_jwt", **proven)
    assert refused(foreign, "credentials", scope="notes.read") == "invalid_client"


def test_nobody_proves_themselves_in_another_way_than_they_said(
    foreign: Foreign, web: Web, signing_system: Signer
) -> None:
    by_secret, _ = run(new_tenant(), lambda opened: register_client(opened, "system", ["notes.read"]))
    foreign.ask("discover", app="it", issuer=web.url, id=str(by_secret), method="private_key_jwt", **proof())
    assert refused(foreign, "credentials", scope="notes.read") == "invalid_client"
    id, secret = signing_system
    for method in ("client_secret_basic", "client_secret_post"):
        foreign.ask("discover", app="it", issuer=web.url, id=id, method=method, secret=secret)
        assert refused(foreign, "credentials", scope="notes.read") == "invalid_client"
    app = developer_of(web, "private_key_jwt")
    discover(foreign, app)
    assert refused(foreign, "credentials", scope="openid") == "unauthorized_client"
