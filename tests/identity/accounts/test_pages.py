"""The account's pages: what an owner does there is what the API would do, and nobody else comes in."""

import json
import re
from concurrent.futures import ThreadPoolExecutor

import pyotp
import pytest
import segno
from flask import Flask, g

from app.core.ids import PublicId, new_id
from app.core.scope import Scope
from app.core.unit import SYSTEM
from app.identity.account.words import NAMES
from app.identity.credentials import Bearer
from app.identity.oidc.endpoints import pages
from app.identity.service.sign_in import enter
from app.identity.service.sign_ins import note_acting
from deploy.demo.passkeys import SecurityKey
from tests.core.journal.scenes import eventually
from tests.identity.accounts.owners import PASSWORD, Owner, Sent, Stopped
from tests.identity.accounts.pages import Browser
from tests.identity.oidc.apps import grant, register
from tests.platform import Platform

ORIGIN = "http://localhost"


@pytest.fixture
def browser(owner: Owner) -> Browser:
    """The owner's, in which they have just signed in."""
    return Browser.of(owner)


def test_who_has_not_signed_in_does_so_first_and_goes_on(api: Flask, stopped: Stopped) -> None:
    stranger, browser = Owner(api, stopped), Browser(api)
    assert browser.get("passkeys").place == "/account/sign-in?to=passkeys"
    assert "script-src 'self'" in browser.page.headers["Content-Security-Policy"]
    (form,) = browser.read.forms
    code = {**form, "step": "code", "phone": stranger.phone, "one_time_code": stranger.code()}
    assert browser.send(code).place == "/account/passkeys"
    wrong = browser.get("sign-in", to="//evil.example").send({**form, "step": "phone", "phone": "1"})
    assert (wrong.page.status_code, wrong.says("evil")) == (400, False)
    assert browser.get("overview").page.status_code == 404, "the account's own page has one address"
    assert browser.get().act("leave").says("You have signed out")
    assert browser.get().place == "/account/sign-in?to=overview"


def test_who_goes_astray_reads_a_page_and_finds_back(api: Flask) -> None:
    browser = Browser(api)
    reads = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
    for path in ("/account/nothing", "/oauth/nothing", "/nothing"):
        browser.page = browser.web.get(path, headers=reads)
        assert (browser.page.status_code, browser.read.links) == (404, ["/account"]), path
        assert browser.page.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self'")
    assert browser.web.post("/oauth/authorize/", headers=reads).content_type.startswith("text/html")
    wrong = browser.web.put("/account", headers=reads)
    assert (wrong.status_code, wrong.content_type[:9], "POST" in wrong.headers["Allow"]) == (405, "text/html", True)
    for path, kinds in (("/account/nothing", "*/*"), ("/account/nothing", ""), ("/api/v1/nothing", reads["Accept"])):
        assert browser.web.get(path, headers={"Accept": kinds}).content_type == "application/problem+json", path


def test_a_page_astray_says_whether_trying_again_helps(api: Flask) -> None:
    said: dict[str, list[int]] = {
        "The address may be wrong": [],
        "Try again later": [],
        "cannot be carried out": [],
        "My account": [],
    }
    statuses = (400, 403, 404, 405, 413, 415, 421, 429, 500, 503)
    for status in statuses:
        with api.test_request_context():
            g.request_id = "r"
            text = pages.astray(status).get_data(as_text=True)
        for words, where in said.items():
            where.extend([status] if words in text else [])
    assert list(said.values()) == [
        [404, 405], [429, 500, 503], [400, 403, 413, 415, 421], [one for one in statuses if one != 421],
    ]  # fmt: skip


def test_no_step_of_signing_in_is_a_dead_end(api: Flask, stopped: Stopped, sent: Sent) -> None:
    stranger, browser = Owner(api, stopped), Browser(api).get("password")
    browser.web.delete_cookie("cloud_hospital_form")
    lost = browser.send({**browser.read.forms[0], "phone": stranger.phone})
    assert (lost.page.status_code, lost.says("The form has expired"), lost.says("Enter a mobile")) == (400, True, False)
    assert browser.send(browser.read.forms[0]).says("A code of six digits was sent"), "the number was not typed twice"
    again = {**browser.read.forms[0], "by": "code"}
    soon = browser.send(again)
    assert (soon.page.status_code, soon.says("Too many codes"), soon.says("one_time_code")) == (429, True, True)
    stopped.forward(seconds=61)
    assert browser.send(again).says("A code of six digits was sent") and len(sent) == 2
    assert browser.send({**browser.read.forms[0], "by": "number"}).says('name="phone" type="tel"')
    assert stranger.phone not in browser.page.text


def test_pages_are_strict_and_labelled(browser: Browser) -> None:
    for name in ("", *NAMES[1:], "proof"):
        page = browser.get(name).page
        assert page.status_code == 200, name
        assert "script" not in page.headers["Content-Security-Policy"] and "<script" not in page.text, name
        assert page.headers["Cache-Control"] == "no-store"
        assert set(browser.read.spoken) <= browser.read.labelled, name
        assert page.text.count("csrf_token") == len(browser.read.forms), "each form carries a token"
        assert not set(browser.read.links) - {"/account", *(f"/account/{one}" for one in NAMES[1:])}, name


def test_a_form_of_somebody_elses_page_does_nothing(browser: Browser, owner: Owner) -> None:
    browser.get("password")
    for forged in ("", "x"):
        sent = browser.send({"do": "change", "password": PASSWORD, "csrf_token": forged})
        assert (sent.page.status_code, sent.says("The form has expired")) == (400, True)
    browser.send({**browser.read.forms[0], "do": "nothing"})
    assert browser.says("You have no password") and owner.kinds() == []


def test_a_password_is_set_changed_and_removed(browser: Browser, owner: Owner) -> None:
    page = browser.get("password").act("change", password="password1234")
    assert (page.page.status_code, page.says("others would try this early")) == (422, True)
    assert browser.act("change", password="\x00" * 12).page.status_code == 422
    for many in (200, 300):
        long = browser.act("change", password="1a!B" * (many // 4))
        assert (long.page.status_code, long.says("at most 128 characters")) == (422, True)
    browser.act("change", password=PASSWORD)
    assert browser.says("Your password was set") and PASSWORD not in browser.page.text
    browser.act("remove")
    assert owner.kinds() == ["password_set", "password_removed"]


def test_a_passkey_is_made_named_shown_and_removed(browser: Browser, owner: Owner, stopped: Stopped) -> None:
    key = SecurityKey(ORIGIN)
    assert browser.get("passkeys").says("Passkeys need scripts"), "before anybody without them begins"
    browser.act("ask", name="钥匙 <b>")
    assert browser.says('<p id="asking" hidden>'), "only a script says that the browser asks"
    assert "publickey-credentials-create=(self)" in browser.page.headers["Permissions-Policy"]
    assert "publickey-credentials-get=()" in browser.page.headers["Permissions-Policy"]
    page = browser.page
    assert browser.act("keep", answer="[").page.status_code == 422
    browser.page = page
    browser.act("keep", answer=json.dumps(key.make(json.loads(browser.read.asked["data-make"]))))
    assert browser.place == "/account/passkeys" and browser.says("钥匙 &lt;b&gt;")
    for version in ("9" * 5000, "9" * 19, "-1", ""):
        assert browser.act("rename", name="另一把", version=version).page.status_code == 422
    browser.act("rename", name="另一把")
    assert browser.says("另一把")
    stopped.forward(minutes=16)
    assert browser.get("passkeys").says("/account/proof?to=passkeys") and "remove" not in str(browser.read.forms)
    browser.get("proof", to="passkeys").act("ask")
    browser.act("show", answer=json.dumps(key.show(json.loads(browser.read.asked["data-show"]))))
    assert browser.place == "/account/passkeys"
    assert browser.act("remove").says("You have none yet")
    assert owner.kinds() == ["factor_added", "factor_removed"]


def test_an_authenticator_and_recovery_codes(browser: Browser, owner: Owner, stopped: Stopped) -> None:
    browser.get("authenticators").act("add", name="手\u200d机")
    assert (browser.page.status_code, browser.says("a character that is not shown")) == (422, True)
    browser.get("authenticators").act("add", name="手机")
    secret = next(one for one in browser.read.links if one.startswith("otpauth:"))
    totp = pyotp.parse_uri(secret)
    assert isinstance(totp, pyotp.TOTP)
    assert _drawn(browser.page.text) == [[bool(cell) for cell in row] for row in segno.make_qr(secret).matrix]
    assert browser.act("confirm", code="abc").page.status_code == 422 and totp.secret not in browser.page.text
    assert browser.says("six digits that the app shows") and not browser.says("or a recovery code.")
    browser.act("confirm", code=totp.at(stopped.now()))
    codes = browser.act("make-codes").page.text
    assert codes.count("<li><code>") == 10
    stopped.forward(minutes=16)
    removing = browser.get("authenticators").read.forms
    assert removing == [], "who proved nothing lately is led to where they do"
    refused = browser.get("proof", to="authenticators").act("code", code="000000")
    assert (refused.page.status_code, refused.says("The code is wrong or was used")) == (403, True)
    stopped.forward(minutes=1)
    assert browser.act("code", code=codes.split("<code>")[1].split("</code>")[0]).place == "/account/authenticators"
    browser.act("remove")
    assert owner.kinds() == ["factor_added", "recovery_codes_made", "factor_removed"]


def _drawn(page: str) -> list[list[bool]]:
    """The dark modules of the QR code in `page`, as its lines are drawn, without the quiet zone of four modules."""
    box, path = re.findall(r'<div class="qr".*?viewBox="0 0 (\d+) \d+">.*?stroke="#000" d="([^"]+)"', page)[0]
    cells, x, y = [[False] * int(box) for _ in range(int(box))], 0.0, 0.0
    for word, across, down in re.findall(r"([Mmh])(-?[\d.]+)(?: (-?[\d.]+))?", path):
        start, x = x, float(across) + (0 if word == "M" else x)
        y = float(down) + (0 if word == "M" else y) if down else y
        if word == "h":
            cells[int(y)][int(start) : int(x)] = [True] * int(x - start)
    return [row[4:-4] for row in cells[4:-4]]


def test_who_signed_in_long_ago_signs_in_again_and_nothing_is_done_before(
    browser: Browser, owner: Owner, stopped: Stopped
) -> None:
    form = browser.get("password").read.forms[0]
    stopped.forward(minutes=16)
    browser.send({**form, "password": PASSWORD})
    assert browser.place == "/account/sign-in?to=password"
    (form,) = browser.read.forms
    code = {**form, "step": "code", "phone": owner.phone, "one_time_code": owner.code()}
    assert browser.send(code).place == "/account/password"
    assert browser.says("You have no password") and browser.act("change", password=PASSWORD).says("was set")


def test_devices_and_sign_ins_elsewhere_are_ended(browser: Browser, owner: Owner) -> None:
    there = owner.elsewhere().sign_in(code=owner.code(), device_name="平板")
    device = there.me.do("GET", "/me/devices")["data"][0]["id"]
    assert browser.get("devices").says("平板")
    browser.act("forget", device)
    assert there.me.refused(401, "GET", "/me") == "unauthenticated"
    assert not browser.says(device)
    there.sign_in()
    sign_in = there.me.do("GET", "/me/sign-ins")["data"][0]["id"]
    browser.get("devices").act("end", sign_in)
    assert there.me.refused(401, "GET", "/me") == "unauthenticated"
    stranger = Browser.of(Owner(owner.app, owner.clock).sign_in()).get("devices")
    assert stranger.send({**stranger.read.forms[0], "id": device}).page.status_code == 404
    assert browser.get("notices").says("signed in to on a new device")


def test_what_an_app_was_allowed_is_withdrawn(browser: Browser, owner: Owner) -> None:
    grant(register(), ["openid"], owner.scope)
    assert browser.get("apps").says("健康助手")
    browser.act("withdraw")
    assert browser.says("Withdrawn") and browser.read.forms == []


def test_a_sign_in_that_ended_ends_the_browsers_too(browser: Browser, owner: Owner) -> None:
    owner.me.do("DELETE", "/sign-ins/current")
    assert browser.get("password").place == "/account/sign-in?to=password"


def test_a_browser_that_is_signed_out_while_it_asks_is_answered(
    browser: Browser, owner: Owner, stopped: Stopped, platform: Platform
) -> None:
    stopped.forward(minutes=6)
    waiting = "SELECT 1 FROM pg_stat_activity WHERE %s = ANY (pg_blocking_pids(pid))"
    with ThreadPoolExecutor(1) as threads:
        with platform.connection() as leaving:
            leaving.execute("DELETE FROM browser_sessions WHERE person_id = %s", (owner.scope.person,))
            asked = threads.submit(browser.get, "notices")
            mine = leaving.info.backend_pid
            eventually(lambda: platform.looking.execute(waiting, [mine]).fetchone() is not None)
        assert asked.result(10).page.status_code == 200
    assert browser.get("notices").place == "/account/sign-in?to=notices"


def test_the_browser_of_staff_is_signed_out_when_it_was_idle(browser: Browser, owner: Owner, stopped: Stopped) -> None:
    resident = Browser.of(Owner(owner.app, stopped).sign_in())
    person = owner.scope.require_person()
    sign_in = Bearer.parse(enter(person, owner.phone, "zh-CN", "").access_token)
    assert sign_in
    note_acting(new_id(), PublicId("sta", Scope.for_tenant(7), new_id()), person, sign_in.id, SYSTEM)
    for _ in range(3):
        stopped.forward(minutes=20)
        assert browser.get("notices").place == "/account/notices", "each request counts"
    stopped.forward(minutes=30)
    assert browser.get("notices").place == "/account/sign-in?to=notices"
    stopped.forward(hours=9)
    assert resident.get("notices").place == "/account/notices"
