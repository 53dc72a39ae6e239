"""What an authorization request is refused for, and whom the refusal is told."""

import re
from typing import Any

import requests

from tests.identity.conftest import Web
from tests.identity.oidc.apps import BACK, Browser, Developer, told

CHALLENGE = "c" * 43


def ask(developer: Developer, *more: tuple[str, str], without: str = "", **changed: Any) -> requests.Response:
    asked = {
        "response_type": "code", "client_id": developer.id, "redirect_uri": BACK, "scope": "openid", "state": "s",
        "code_challenge": CHALLENGE, "code_challenge_method": "S256", **changed,
    }  # fmt: skip
    query = [(name, value) for name, value in asked.items() if name != without]
    address = f"{developer.web.url}/oauth/authorize"
    return requests.get(address, params=[*query, *more], allow_redirects=False, timeout=10)


def sent_back(answer: requests.Response) -> tuple[int, str, str, str, str]:
    """Status and address of a redirect, and what it says: error, state and issuer."""
    location = answer.headers["Location"]
    said = told(location)
    return answer.status_code, location.partition("?")[0], said["error"], said["state"], said["iss"]


def test_the_app_is_told_whose_answer_it_is(developer: Developer) -> None:
    wrong: list[tuple[dict[str, str], str]] = [
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"without": "code_challenge_method"}, "invalid_request"),
        ({"without": "code_challenge"}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"scope": "openid nothing"}, "invalid_scope"),
        ({"without": "scope"}, "invalid_scope"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": '"é'}, "unsupported_response_type"),
        ({"without": "response_type"}, "unsupported_response_type"),
        ({"prompt": "none"}, "login_required"),
        ({"prompt": "none login"}, "login_required"),
        ({"max_age": "soon"}, "invalid_request"),
        ({"max_age": "9" * 10}, "invalid_request"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"request": "x.y.z"}, "request_not_supported"),
        ({"request_uri": "https://app.example.com/r"}, "request_uri_not_supported"),
    ]
    assert {str(changed): sent_back(ask(developer, **changed)) for changed, _ in wrong} == {
        str(changed): (303, BACK, error, "s", developer.web.url) for changed, error in wrong
    }


def test_a_parameter_twice(developer: Developer) -> None:
    said = told(ask(developer, ("scope", "phone")).headers["Location"])
    assert (said["error"], said["iss"]) == ("invalid_request", developer.web.url)


def test_a_wrong_address_is_told_to_the_person_alone(developer: Developer) -> None:
    wrong: list[dict[str, str]] = [
        {"redirect_uri": f"{BACK}/"},
        {"redirect_uri": f"{BACK}?x=1"},
        {"redirect_uri": BACK.upper()},
        {"redirect_uri": "https://evil.example.com/back"},
        {"redirect_uri": "https://é.example.com/"},
        {"without": "redirect_uri"},
        {"client_id": "app_0"},
        {"without": "client_id"},
    ]
    answers = {str(changed): ask(developer, **changed) for changed in wrong}
    assert {changed: answer.status_code for changed, answer in answers.items()} == dict.fromkeys(answers, 400)
    assert {changed for changed, answer in answers.items() if "Location" in answer.headers} == set()
    assert {changed for changed, answer in answers.items() if "example.com" in answer.text} == set()


def test_an_address_twice(developer: Developer) -> None:
    assert ask(developer, ("redirect_uri", "https://evil.example.com/")).status_code == 400


def test_no(developer: Developer, browser: Browser) -> None:
    with developer.session(["openid"], state="s") as session:
        page = browser.sign_in(browser.get(developer.address(session, state="s")))
        said = told(browser.submit(page, decision="deny").headers["Location"])
    assert (said["error"], said["state"], said["iss"]) == ("access_denied", "s", developer.web.url)


def test_without_the_forms_token_nothing_is_done(developer: Developer, browser: Browser) -> None:
    with developer.session(["openid"]) as session:
        page = browser.get(developer.address(session))
        sent = {"step": "phone", "phone": browser.phone.number}
        assert browser.cookies.post(page.url, data=sent, timeout=10).status_code == 400
        assert browser.phone.texts == []
        consent = browser.sign_in(page)
        forged = browser.cookies.post(
            consent.url, data={"step": "consent", "decision": "allow", "csrf_token": "x"}, allow_redirects=False,
            timeout=10,
        )  # fmt: skip
        assert (forged.status_code, "The form has expired" in forged.text) == (400, True)


def test_a_token_of_another_browser_does_not_help(developer: Developer, browser: Browser) -> None:
    with developer.session(["openid"]) as session:
        address = developer.address(session)
    page = browser.get(address)
    token = re.search(r'name="csrf_token" type="hidden" value="([^"]+)"', page.text)
    assert token
    sent = {"step": "phone", "phone": browser.phone.number, "csrf_token": token[1]}
    requests.get(address, timeout=10)
    assert requests.post(address, data=sent, timeout=10).status_code == 400
    assert browser.phone.texts == []


def test_signing_in_makes_the_browser_another(developer: Developer, browser: Browser) -> None:
    name = "cloud_hospital_browser"
    browser.cookies.cookies.set(name, "fixed", domain="127.0.0.1", path="/")
    with developer.session(["openid"]) as session:
        browser.allow(developer.address(session))
        first = browser.cookies.cookies[name]
        assert first.startswith("brw_")
        browser.phone = type(browser.phone)(browser.phone.gateway)
        browser.allow(developer.address(session, prompt="login"))
        former = requests.get(developer.address(session), cookies={name: first}, timeout=10, allow_redirects=False)
    assert browser.cookies.cookies[name] != first
    assert 'name="phone"' in former.text


def test_pages_are_strict(developer: Developer, browser: Browser) -> None:
    with developer.session(["openid"]) as session:
        first = browser.get(developer.address(session))
        code = browser.submit(first, phone=browser.phone.number)
        wrong = browser.submit(code, one_time_code="12")
        consent = browser.submit(wrong, one_time_code=browser.phone.code)
    for page in (first, code, wrong, consent):
        policy = page.headers["Content-Security-Policy"]
        assert "default-src 'none'; style-src 'self'" in policy
        assert "frame-ancestors 'none'; form-action 'self' https://app.example.com" in policy
        assert page.headers["Cache-Control"] == "no-store"
        assert "style=" not in page.text and "<b>" not in page.text
        assert "仁和诊所 &lt;b&gt;" in page.text
        scripts = re.findall("<script.*?</script>", page.text, re.DOTALL)
        assert scripts == (['<script src="/oauth/passkey.js" defer></script>'] if page is first else [])
        assert ("script-src 'self'" in policy) == (page is first)
        own = "publickey-credentials-get=(self)" in page.headers["Permissions-Policy"]
        assert own == (page is first), "no other page asks for a passkey"
    assert (wrong.status_code, 'role="alert"' in wrong.text) == (400, True)
    assert "确认您是谁" in consent.text and "Confirm who you are" in consent.text
    cookies = [value for value in browser.cookies.cookies if value.name.startswith("cloud_hospital")]
    assert {cookie.has_nonstandard_attr("HttpOnly") for cookie in cookies} == {True}
    assert {cookie.get_nonstandard_attr("SameSite") for cookie in cookies} == {"Lax"}


def test_the_script_is_a_file(web: Web) -> None:
    answer = requests.get(f"{web.url}/oauth/passkey.js", timeout=10)
    assert answer.headers["Content-Type"].startswith("text/javascript")
    assert "form-action 'none'" in answer.headers["Content-Security-Policy"]


def test_the_style_is_a_file(web: Web) -> None:
    answer = requests.get(f"{web.url}/oauth/style.css", timeout=10)
    assert answer.headers["Content-Type"].startswith("text/css")
