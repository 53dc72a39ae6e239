"""The sign-in page takes a passkey, as its script sends it, and says what is wrong with one."""

import json
import uuid
from typing import Any

import pytest
import requests

from app.core.ids import new_id
from app.core.scope import Scope
from app.core.unit import Unit, run
from app.identity.oidc.service.id_tokens import subject
from app.identity.service.accounts import Closed, close_account, locked_person
from app.identity.service.sign_in import enter
from deploy.demo.passkeys import SecurityKey
from tests.identity.conftest import Web
from tests.identity.oidc.apps import Browser, Developer, told
from tests.identity.oidc.test_flow import claims


def asked(web: Web, path: str, body: Any = None, token: str = "") -> Any:
    """The answer of the API."""
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": uuid.uuid4().hex}
    answer = requests.post(f"{web.api}{path}", json=body, headers=headers, timeout=10)
    assert answer.ok, answer.text
    return answer.json()


@pytest.fixture
def person() -> Scope:
    """Somebody with an account."""
    return Scope.for_person(new_id())


@pytest.fixture
def key(web: Web, person: Scope) -> SecurityKey:
    """A security key with a passkey of theirs."""
    made, token = SecurityKey(web.url), enter(person.require_person(), "+8613900000000", "en", "").access_token
    options = asked(web, "/me/passkey-registrations", token=token)["options"]
    asked(web, "/me/passkeys", {"name": "a", "credential": made.make(options)}, token)
    return made


def shown(web: Web, key: SecurityKey) -> dict[str, str]:
    """What the script puts into the form."""
    answer = key.show(asked(web, "/passkey-challenges")["options"])
    return {"step": "passkey", "assertion": json.dumps(answer)}


def test_signing_in_without_a_phone(developer: Developer, browser: Browser, key: SecurityKey, person: Scope) -> None:
    with developer.session(["openid"]) as session:
        consent = browser.submit(browser.get(developer.address(session)), **shown(developer.web, key))
        assert "确认您是谁" in consent.text
        answer = browser.submit(consent, decision="allow")
        token = developer.tokens(session, answer.headers["Location"])
        assert claims(developer.web, token["id_token"])["amr"] == ["mfa", "pop", "user"]
        assert session.get(f"{developer.web.url}/oauth/userinfo", timeout=10).json()["sub"] == subject(person)
        again = browser.get(developer.address(session))
    assert "code" in told(again.headers["Location"]), "the browser has signed in"
    assert browser.phone.texts == []


def test_what_is_not_accepted_leads_back_to_the_phone(developer: Developer, browser: Browser, key: SecurityKey) -> None:
    sent = shown(developer.web, key)
    with developer.session(["openid"]) as session:
        page = browser.get(developer.address(session))
    stranger = {**sent, "assertion": json.dumps(SecurityKey(developer.web.url).show({"challenge": "AAAA"}))}
    for wrong in (stranger, {**sent, "assertion": "x"}, {**sent, "assertion": "[" * 3000}, {**sent, "assertion": ""}):
        refused = browser.submit(page, **wrong)
        assert refused.status_code in (400, 403)
        assert "This passkey is not accepted" in refused.text and 'name="phone"' in refused.text
    key.count = 0
    browser.submit(page, **sent)
    key.count = 0
    browser.cookies.cookies.clear()
    stopped = browser.submit(browser.get(page.url), **shown(developer.web, key))
    assert (stopped.status_code, "it was stopped" in stopped.text) == (403, True)


def closed(opened: Unit) -> None:
    """The unit's person has died."""
    row = locked_person(opened)
    assert row
    close_account(opened, row, Closed.DECEASED)


def test_who_signs_in_no_more_reads_why_on_the_page(
    developer: Developer, browser: Browser, key: SecurityKey, person: Scope
) -> None:
    run(person, closed)
    with developer.session(["openid"]) as session:
        refused = browser.submit(browser.get(developer.address(session)), **shown(developer.web, key))
    assert (refused.status_code, "This account is closed" in refused.text) == (403, True)
    assert 'name="phone"' in refused.text


def test_without_the_forms_token_nobody_is_signed_in(developer: Developer, browser: Browser, key: SecurityKey) -> None:
    """Nobody has a browser of somebody else sign in as themself."""
    with developer.session(["openid"]) as session:
        page = browser.get(developer.address(session))
    sent = shown(developer.web, key)
    answer = browser.cookies.post(page.url, data={**sent, "csrf_token": "x"}, allow_redirects=False, timeout=10)
    assert (answer.status_code, 'name="phone"' in answer.text) == (400, True)
