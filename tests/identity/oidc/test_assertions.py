"""`private_key_jwt` (RFC 7523): Authlib's own client, and everything that makes an assertion worthless."""

import time
from base64 import urlsafe_b64encode
from typing import Any

import orjson
import pytest
import requests
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey

from app.core.errors import InvalidInput
from app.core.ids import new_id
from tests.identity.conftest import Web
from tests.identity.oidc.apps import BACK, VERIFIER, Browser, Developer, error, grant, register

TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
KEY = ECKey.generate_key("P-256", {"kid": "k1"})
OTHER = ECKey.generate_key("P-256", {"kid": "k1"})


@pytest.fixture
def signer(web: Web) -> Developer:
    """Somebody whose app has a key."""
    jwks = {"keys": [KEY.as_dict(private=False)]}
    return Developer(web, register(method="private_key_jwt", jwks=jwks), secret=KEY)


def claims(developer: Developer, **changed: Any) -> dict[str, Any]:
    now = int(time.time())
    made = {
        "iss": developer.id, "sub": developer.id, "aud": f"{developer.web.url}/oauth/token", "iat": now,
        "exp": now + 60, "jti": new_id().hex, **changed,
    }  # fmt: skip
    return {name: value for name, value in made.items() if value is not None}


def signed(made: dict[str, Any], key: Any = KEY, alg: str = "ES256", **header: str) -> str:
    return jwt.encode({"alg": alg, "kid": "k1", **header}, made, key, [alg])


def send(developer: Developer, assertion: str, code: str) -> requests.Response:
    form = {
        "grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "code_verifier": VERIFIER,
        "client_assertion_type": TYPE, "client_assertion": assertion,
    }  # fmt: skip
    return requests.post(f"{developer.web.url}/oauth/token", data=form, timeout=10)


def test_authlibs_own_client(signer: Developer, browser: Browser) -> None:
    with signer.session(["openid"]) as session:
        short = {"exp": int(time.time()) + 120}
        session.register_client_auth_method(PrivateKeyJWT(f"{signer.web.url}/oauth/token", claims=short, alg="ES256"))
        assert "id_token" in signer.tokens(session, browser.allow(signer.address(session)))


def test_an_assertion_is_good_once_and_for_either_name(signer: Developer) -> None:
    assertion = signed(claims(signer))
    assert send(signer, assertion, grant(signer.made).code).status_code == 200
    assert error(send(signer, assertion, grant(signer.made).code), 401) == "invalid_client"
    again = signed(claims(signer, aud=signer.web.url))
    assert send(signer, again, grant(signer.made).code).status_code == 200


def test_worthless_claims(signer: Developer) -> None:
    worthless: list[dict[str, Any]] = [
        {"aud": "https://other.example.com"},
        {"aud": "https://other.example.com/oauth/token"},
        {"aud": None},
        {"exp": 1_000_000_000},
        {"exp": None},
        {"exp": 4_000_000_000},
        {"jti": None},
        {"jti": 7},
        {"iss": "app_0"},
        {"sub": "app_0"},
        {"sub": 7},
        {"sub": None},
    ]
    answers = {str(changed): send(signer, signed(claims(signer, **changed)), "x") for changed in worthless}
    assert {changed: answer.status_code for changed, answer in answers.items()} == dict.fromkeys(answers, 401)
    assert {error(answer, 401) for answer in answers.values()} == {"invalid_client"}


def test_worthless_signatures(signer: Developer) -> None:
    made = claims(signer)
    header, payload = (urlsafe_b64encode(orjson.dumps(part)).rstrip(b"=").decode() for part in ({"alg": "none"}, made))
    guess = OctKey.import_key(orjson.dumps(KEY.as_dict(private=False)))
    for assertion in (
        f"{header}.{payload}.",
        signed(made, OTHER),
        signed(made, kid="k2"),
        signed(made, guess, "HS256"),
        signed(made)[:-4] + "AAAA",
        "a.b.c",
        "x",
        f"{urlsafe_b64encode(orjson.dumps({'alg': 'é' + chr(34)})).decode()}.{payload}.x",
    ):
        assert error(send(signer, assertion, "x"), 401) == "invalid_client"


@pytest.mark.parametrize("method", ["none", "client_secret_basic"])
def test_an_app_without_keys(web: Web, method: str) -> None:
    developer = Developer(web, register(method=method))
    assert error(send(developer, signed(claims(developer)), "x"), 401) == "invalid_client"


@pytest.mark.parametrize(
    "keys",
    [[], [KEY.as_dict(private=True)], [OctKey.generate_key(256).as_dict(private=True)], [{"kty": "EC"}], ["x"], "x"],
    ids=["none", "private", "symmetric", "broken", "text", "no list"],
)
def test_only_public_keys_are_registered(keys: Any, web: Web) -> None:
    with pytest.raises(InvalidInput):
        register(method="private_key_jwt", jwks={"keys": keys})
