"""In which language somebody is written to: their own choice, and until then what their first requests ask for."""

import secrets
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event
from sqlalchemy.exc import TimeoutError as PoolExhausted

from app.core.unit import Unit, run
from app.identity.notices.sending import send_due
from app.identity.service.accounts import locked_person
from app.identity.service.codes import send_code
from tests.identity.accounts.owners import PASSWORD, Owner, Sent, Stopped
from tests.identity.accounts.pages import Browser
from tests.platform import Platform

CODES = "/api/v1/sign-in-codes"


def new_number(country: str = "+8613") -> str:
    return f"{country}{secrets.randbelow(10**9):09}"


def speaking(owner: Owner, locale: str) -> Owner:
    """The owner, who has chosen that language."""
    version = str(owner.me.do("GET", "/me")["version"])
    changed = owner.me.do("PUT", "/me", {"locale": locale}, If_Match=f'"{version}"')
    assert (changed["locale"], changed["version"]) == (locale, int(version) + 1)
    return owner


@pytest.mark.parametrize(
    ("country", "body", "accepts", "locale"),
    [
        ("+8613", None, "", "zh-CN"), ("+4477", None, "", "en"), ("+8613", "en", "zh-CN", "en"),
        ("+8613", None, "en-GB,zh;q=0.5", "en"), ("+4477", None, "zh-TW,zh;q=0.9,en;q=0.8", "zh-CN"),
        ("+8613", None, "fr, en;q=0", "zh-CN"),
    ],
)  # fmt: skip
def test_nobodys_number_is_written_to_as_was_asked(
    api: Flask, sent: Sent, country: str, body: str | None, accepts: str, locale: str
) -> None:
    asked = {"phone": new_number(country), **({"locale": body} if body else {})}
    answer = api.test_client().post(CODES, json=asked, headers={"Accept-Language": accepts})
    assert (answer.status_code, sent) == (202, [("sign_in_code", locale)])


@pytest.mark.parametrize(
    ("country", "accepts", "locale"),
    [("+8613", "", "zh-CN"), ("+4477", "", "en"), ("+8613", "en-GB", "en"), ("+4477", "zh-TW, en;q=0.5", "zh-CN")],
)
def test_who_leaves_the_language_out_is_not_given_one_at_random(
    api: Flask, stopped: Stopped, sent: Sent, country: str, accepts: str, locale: str
) -> None:
    """The account speaks as the first request asks, else as the number; and so do later codes."""
    new, web = Owner(api, stopped, new_number(country)), api.test_client()
    body = {"phone": new.phone, "code": new.code()}
    answer = web.post("/api/v1/sign-ins", json=body, headers={"Accept-Language": accepts})
    new.token = answer.json["access_token"] if answer.json else ""
    assert new.me.do("GET", "/me")["locale"] == locale
    stopped.forward(seconds=61)
    web.post(CODES, json={"phone": new.phone})
    assert sent == [("sign_in_code", locale)]


def test_a_default_of_former_times_is_no_choice(api: Flask, stopped: Stopped, sent: Sent) -> None:
    """Such an account was given Chinese, whatever its number; until somebody chooses, the number says."""
    abroad = Owner(api, stopped, new_number("+4477")).sign_in()
    run(abroad.scope, _of_former_times)
    for chosen, spoken in ((False, "en"), (True, "zh-CN")):
        if chosen:
            speaking(abroad, "zh-CN")
        stopped.forward(seconds=61)
        abroad.app.test_client().post(CODES, json={"phone": abroad.phone})
        abroad.me.do("POST", "/me/phone-change-codes", {})
        abroad.set_password(PASSWORD + str(chosen))
        assert send_due(abroad.scope) == 1
        assert {language for _, language in sent[-3:]} == {spoken} == {abroad.me.do("GET", "/me")["locale"]}
    assert len(sent) == 6


def _of_former_times(opened: Unit) -> None:
    row = locked_person(opened)
    assert row and row.locale_chosen_at is None
    row.locale = "zh-CN"


def test_a_database_that_is_busy_spends_no_code(api: Flask, platform: Platform, sent: Sent) -> None:
    """Nobody waits for another code where the first one did not go out."""

    def busy(*asked: Any) -> None:
        if "FROM persons" in asked[2]:
            raise PoolExhausted

    number = new_number()
    event.listen(platform.app, "before_cursor_execute", busy)
    try:
        with pytest.raises(PoolExhausted):
            send_code(number)
    finally:
        event.remove(platform.app, "before_cursor_execute", busy)
    assert (send_code(number).resend_in, len(sent)) == (60, 1)


def test_everything_is_in_the_language_that_an_owner_chose(owner: Owner, sent: Sent) -> None:
    assert owner.me.do("GET", "/me")["locale"] == "zh-CN"
    speaking(owner, "en").set_password()
    owner.clock.forward(seconds=61)
    asked = {"phone": owner.phone, "locale": "zh-CN"}
    assert owner.app.test_client().post(CODES, json=asked).status_code == 202, "no answer tells who has the number"
    owner.me.do("POST", "/me/phone-change-codes", {})
    owner.me.do("POST", "/me/phone-change-codes", {"phone": new_number()})
    assert send_due(owner.scope) == 1
    assert sent == [(text, "en") for text in ("sign_in_code", *["phone_change_code"] * 2, "password_set")]


def test_a_choice_is_one_of_two_and_of_the_version_that_was_read(owner: Owner) -> None:
    assert owner.me.rules("PUT", "/me", {"locale": "fr"}, If_Match='"1"') == {("/locale", "choice")}
    speaking(owner, "en")
    assert owner.me.refused(412, "PUT", "/me", {"locale": "zh-CN"}, If_Match='"1"') == "stale_version"
    assert owner.me.do("GET", "/me")["locale"] == "en"


def test_on_the_pages(api: Flask, stopped: Stopped, sent: Sent) -> None:
    new = Owner(api, stopped)
    browser = Browser(api).get("sign-in", ui_locales="fr en-US")
    browser.send({**browser.read.forms[0], "phone": new.phone})
    assert sent == [("sign_in_code", "en")]
    browser.send({**browser.read.forms[0], "one_time_code": new.code()})
    assert browser.place == "/account" and browser.says('<option value="en" lang="en" selected>')
    browser.act("speak", locale="zh-CN")
    assert browser.says('<option value="zh-CN" lang="zh-CN" selected>')
