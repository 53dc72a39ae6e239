"""Signing in on the provider's pages, without a script: by code, password, and a second proof on a new device."""

import re
import secrets

import pytest
import requests

from app.identity.rules import DEVICE_BURST
from app.identity.service.addresses import spend_of_device
from app.identity.service.sign_in import confirm_login, enter, reserve_login
from tests.identity.conftest import Web
from tests.identity.oidc.apps import Browser, Developer
from tests.identity.phone import Phone

PASSWORD = "correct horse 2026"
DEVICES = "cloud_hospital_devices"


@pytest.fixture
def with_password(web: Web, phone: Phone) -> Phone:
    """The phone of somebody who has a password."""
    person = reserve_login(phone.number).person_id
    token = enter(person, phone.number, "zh-CN", "").access_token
    confirm_login(phone.number, person)
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "first"}
    sent = requests.put(f"{web.api}/me/password", json={"password": PASSWORD}, headers=headers, timeout=10)
    assert sent.status_code == 200, sent.text
    return phone


def is_consent(page: requests.Response) -> bool:
    return page.status_code == 200 and 'name="decision"' in page.text


def by_password(browser: Browser, address: str, password: str = PASSWORD) -> requests.Response:
    asked = browser.submit(browser.get(address), phone=browser.phone.number, by="password")
    assert asked.status_code == 200 and 'type="password"' in asked.text
    return browser.submit(asked, password=password)


def test_a_new_browser_asks_for_more_and_is_known_then(
    developer: Developer, browser: Browser, with_password: Phone
) -> None:
    with developer.session(["openid"]) as session:
        refused = by_password(browser, developer.address(session))
        assert refused.status_code == 403 and "这是一台新设备" in refused.text and PASSWORD not in refused.text
        asked = browser.submit(refused, by="code")
        code = with_password.code
        proof = browser.submit(asked, one_time_code=code)
        assert proof.status_code == 403 and 'name="number_end"' in proof.text
        again = browser.submit(proof, password="wrong")
        assert again.status_code == 403 and 'role="alert"' in again.text and code in again.text
        assert browser.submit(again, password=PASSWORD).status_code == 429, "the pause after a wrong one"
        assert DEVICES not in browser.cookies.cookies
    assert "script" not in again.headers["Content-Security-Policy"]


def test_a_password_is_enough_in_a_browser_that_is_known(
    developer: Developer, browser: Browser, with_password: Phone
) -> None:
    with developer.session(["openid"]) as session:
        address = developer.address(session, prompt="login")
        asked = browser.submit(browser.get(address), phone=with_password.number, by="code")
        proof = browser.submit(asked, one_time_code=with_password.code)
        assert is_consent(browser.submit(proof, password=PASSWORD))
        kept = browser.cookies.cookies[DEVICES]
        assert re.fullmatch(r"dvc_[0-9a-v]+\.[\w-]{43}", kept)
        assert by_password(browser, address, "").status_code == 403
        assert by_password(browser, address, "wrong").status_code == 403
        assert is_consent(by_another_try(browser, address))
        assert browser.cookies.cookies[DEVICES] == kept


def by_another_try(browser: Browser, address: str) -> requests.Response:
    """With the right password, as soon as the pause of a second is over."""
    page = by_password(browser, address)
    while page.status_code == 429:
        page = by_password(browser, address)
    return page


def test_too_many_codes_in_one_browser(developer: Developer, browser: Browser) -> None:
    token = secrets.token_urlsafe()
    for _ in range(DEVICE_BURST):
        spend_of_device(token)
    browser.cookies.cookies.set(DEVICES, token)
    with developer.session(["openid"]) as session:
        refused = browser.submit(browser.get(developer.address(session)), phone=browser.phone.number, by="code")
    assert (refused.status_code, "Too many codes were sent" in refused.text) == (429, True)


def test_a_family_at_one_computer(developer: Developer, browser: Browser, with_password: Phone) -> None:
    own = browser.phone
    with developer.session(["openid"]) as session:
        address = developer.address(session, prompt="login")
        browser.phone = type(own)(own.gateway)
        assert is_consent(browser.sign_in(browser.get(address)))
        browser.phone = own
        proof = browser.sign_in(browser.get(address))
        assert is_consent(browser.submit(proof, password=PASSWORD))
        assert len(browser.cookies.cookies[DEVICES].split("~")) == 2
        assert is_consent(by_password(browser, address))
