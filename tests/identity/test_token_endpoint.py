"""`POST /oauth/token`, asked by Authlib's own client and by raw requests."""

from dataclasses import dataclass
from typing import Any

import pytest
import requests
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.requests_client import OAuth2Session

from app.core.ids import PublicId, new_id
from app.core.scope import Scope
from app.core.unit import run
from app.identity.api import authenticate, register_client, revoke_client
from app.identity.models import OAuthClient
from tests.identity.conftest import Web
from tests.platform import Platform, new_tenant

GRANT: dict[str, Any] = {"grant_type": "client_credentials"}
Auth = tuple[str, str] | None
HELD = ("notes.read", "notes.write")


@dataclass(frozen=True)
class System:
    """A client and its secret."""

    row: OAuthClient
    secret: str

    @property
    def id(self) -> str:
        return str(self.row.public_id)

    @property
    def auth(self) -> tuple[str, str]:
        return self.id, self.secret


def register(scope: Scope) -> System:
    return System(*run(scope, lambda unit: register_client(unit, "system", HELD)))


@pytest.fixture
def system(platform: Platform) -> System:
    return register(new_tenant())


def ask(web: Web, auth: Auth = None, **form: Any) -> requests.Response:
    return requests.post(f"{web.url}/oauth/token", data=form, auth=auth, timeout=10)


def assert_error(answer: requests.Response, status: int, error: str) -> None:
    """An error as RFC 6749, 5.2 writes it."""
    assert (answer.status_code, answer.json()["error"]) == (status, error), answer.text
    assert answer.headers["Content-Type"].partition(";")[0] == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
def test_authlibs_own_client(web: Web, system: System, method: str) -> None:
    with OAuth2Session(system.id, system.secret, token_endpoint_auth_method=method, scope="notes.read") as session:
        token = session.fetch_token(f"{web.url}/oauth/token", grant_type="client_credentials")
        assert (token["token_type"], token["expires_in"], token["scope"]) == ("Bearer", 3600, "notes.read")
        missing = PublicId("note", Scope.for_tenant(system.row.tenant_id), new_id())
        assert session.get(f"{web.api}/dummy-notes/{missing}", timeout=10).status_code == 404


def test_authlibs_own_client_hears_the_error(web: Web, system: System) -> None:
    with OAuth2Session(system.id, "wrong") as session, pytest.raises(OAuthError, match="invalid_client"):
        session.fetch_token(f"{web.url}/oauth/token", grant_type="client_credentials")


def test_an_answer_holds_what_the_rfc_asks_for(web: Web, system: System) -> None:
    answer = ask(web, system.auth, **GRANT)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json().keys() == {"access_token", "token_type", "expires_in", "scope"}
    assert answer.json()["scope"] == "notes.read notes.write"
    assert authenticate(answer.json()["access_token"]).permissions == set(HELD)


@pytest.mark.parametrize(("wish", "given"), [("notes.read", {"notes.read"}), ("notes.write notes.read", set(HELD))])
def test_a_part_of_the_scope(web: Web, system: System, wish: str, given: set[str]) -> None:
    answer = ask(web, system.auth, scope=wish, **GRANT).json()
    assert set(answer["scope"].split()) == given
    assert authenticate(answer["access_token"]).permissions == given


@pytest.mark.parametrize("wish", ["staff.manage", "notes.read staff.manage", "NOTES.READ"])
def test_more_than_the_scope(web: Web, system: System, wish: str) -> None:
    assert_error(ask(web, system.auth, scope=wish, **GRANT), 400, "invalid_scope")


def test_wrong_secrets_and_unknown_clients_are_answered_alike(web: Web, system: System) -> None:
    stranger = str(PublicId("cli", new_tenant(), new_id()))
    answers = [ask(web, auth, **GRANT) for auth in ((system.id, "x"), (stranger, "x"), ("cli_x", "x"), ("ü", "x"))]
    answers += [ask(web, client_id=a.id, client_secret="x", **GRANT) for a in (system, System(system.row, ""))]
    answers.append(ask(web, client_id=stranger, client_secret="x", **GRANT))
    for answer in answers:
        assert_error(answer, 401, "invalid_client")
        assert answer.headers["WWW-Authenticate"].startswith("Basic")
    assert len({answer.text for answer in answers}) == 1
    assert "client_secret by HTTP Basic" in answers[0].json()["error_description"]


@pytest.mark.parametrize(
    "header", ["Basic", "Basic !!!", "Basic Og==", "Bearer x", "Basic " + "A" * 4000, "Basic 4pi6"], ids=range(6)
)
def test_broken_credentials(web: Web, header: str) -> None:
    answer = requests.post(f"{web.url}/oauth/token", data=GRANT, headers={"Authorization": header}, timeout=10)
    assert_error(answer, 401, "invalid_client")


@pytest.mark.parametrize("grant", ["authorization_code", "refresh_token"])
def test_grants_of_apps(web: Web, system: System, grant: str) -> None:
    assert_error(ask(web, system.auth, grant_type=grant, code="x", refresh_token="x"), 400, "unauthorized_client")


@pytest.mark.parametrize("grant", ["password", "x" * 2000])
def test_other_grants(web: Web, system: System, grant: str) -> None:
    assert_error(ask(web, system.auth, grant_type=grant), 400, "unsupported_grant_type")


def test_a_missing_body(web: Web, system: System) -> None:
    for form in ({}, {"grant_type": ""}):
        assert_error(ask(web, system.auth, **form), 400, "invalid_request")


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "application/xml", ""])
def test_other_content_types(web: Web, system: System, kind: str) -> None:
    answer = requests.post(
        f"{web.url}/oauth/token", data=b'{"grant_type":"client_credentials"}', auth=system.auth,
        headers={"Content-Type": kind}, timeout=10,
    )  # fmt: skip
    assert_error(answer, 400, "invalid_request")
    assert "x-www-form-urlencoded" in answer.json()["error_description"]


def test_a_parameter_twice(web: Web, system: System) -> None:
    body = [("grant_type", "client_credentials"), ("scope", "notes.read"), ("scope", "notes.write")]
    answer = requests.post(f"{web.url}/oauth/token", data=body, auth=system.auth, timeout=10)
    assert_error(answer, 400, "invalid_request")


def test_a_huge_body(web: Web, system: System) -> None:
    answer = ask(web, system.auth, padding="x" * 2_000_000, **GRANT)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (413, "no-store")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_other_methods(web: Web, system: System, method: str) -> None:
    answer = requests.request(method, f"{web.url}/oauth/token", params=GRANT, auth=system.auth, timeout=10)
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]


def test_credentials_in_the_address_are_not_taken(web: Web, system: System) -> None:
    wish = {**GRANT, "client_id": system.id, "client_secret": system.secret}
    answer = requests.post(f"{web.url}/oauth/token", params=wish, timeout=10)
    assert_error(answer, 400, "invalid_request")


def test_a_revoked_client(web: Web, system: System) -> None:
    token = ask(web, system.auth, **GRANT).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    note = PublicId("note", system.row.public_id.scope, new_id())
    address = f"{web.api}/dummy-notes/{note}"
    assert requests.get(address, headers=headers, timeout=10).status_code == 404
    run(system.row.public_id.scope, lambda unit: revoke_client(unit, system.row.id))
    assert requests.get(address, headers=headers, timeout=10).status_code == 401
    assert_error(ask(web, system.auth, **GRANT), 401, "invalid_client")


def test_a_token_does_not_act_in_another_tenant(web: Web, system: System) -> None:
    headers = {"Authorization": f"Bearer {ask(web, system.auth, **GRANT).json()['access_token']}"}
    made = requests.post(
        f"{web.api}/dummy-notes", json={"taker": 1, "words": "ours"}, timeout=10,
        headers={**headers, "Idempotency-Key": "one"},
    )  # fmt: skip
    assert made.status_code == 201
    address = f"{web.api}/dummy-notes/{made.json()['id']}"
    assert requests.get(address, headers=headers, timeout=10).status_code == 200
    other = register(new_tenant())
    stranger = {"Authorization": f"Bearer {ask(web, other.auth, **GRANT).json()['access_token']}"}
    assert requests.get(address, headers=stranger, timeout=10).status_code == 404


def test_secrets_stay_out_of_the_log(web: Web, system: System) -> None:
    token = ask(web, system.auth, **GRANT).json()["access_token"]
    ask(web, client_id=system.id, client_secret=system.secret, **GRANT)
    text = web.process.log.read_text()
    assert system.secret not in text
    assert token.partition(".")[2] not in text
