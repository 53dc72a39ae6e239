"""Notices to owners: of what, and how the messages reach their phones."""

from collections.abc import Iterator

import pytest

from app.core.ports import Message
from app.identity.connectors.sms_texts import text_of
from app.identity.notices.kinds import KEPT, MOST_TRIES, Kind
from app.identity.notices.sending import send_due
from app.identity.service.sign_in import login_key, release_login
from tests.identity.accounts.owners import Owner, Stopped, later
from tests.identity.conftest import through
from tests.identity.phone import Gateway, Phone, wrong

PATH = "/me/security-notices"


@pytest.fixture
def reachable(owner: Owner, gateway: Gateway) -> Iterator[Owner]:
    """Somebody with an authenticator, whose phone is reached."""
    gateway.faults()
    with through(gateway.url):
        yield owner.enrol()


def arrived(owner: Owner, gateway: Gateway) -> list[str]:
    return [one["template"] for one in Phone(gateway.url, owner.phone).messages]


def messages(owner: Owner) -> list[str]:
    return [one["message"] for one in owner.me.do("GET", PATH)["data"]]


def test_what_an_owner_is_told(owner: Owner) -> None:
    assert owner.kinds() == []
    owner.enrol().elsewhere().sign_in(code=owner.code(), second_factor=owner.otp())
    owner.me.do("POST", "/me/second-factor", {"code": owner.otp()})
    codes = owner.me.do("POST", "/me/recovery-codes")["codes"]
    for code in codes:
        owner.me.do("POST", "/me/second-factor", {"code": code})
    first = owner.me.do("GET", "/me/authenticators")["data"][0]["id"]
    owner.me.do("DELETE", f"/me/authenticators/{first}")
    assert owner.kinds() == [
        "factor_added", "new_device", "recovery_codes_made", "recovery_codes_used_up", "factor_removed",
    ]  # fmt: skip
    known = {one["id"] for one in owner.me.do("GET", "/me/devices")["data"]}
    assert {one["about"] for one in owner.me.do("GET", PATH)["data"] if one["kind"] == "new_device"} < known


def test_who_guesses_at_codes_is_noticed_by_the_owner_alone(owner: Owner, stopped: Stopped) -> None:
    nobody = Owner(owner.app, stopped)
    for one in (owner, nobody):
        code = one.code()
        assert {one.elsewhere().refused(code=wrong(code)) for _ in range(6)} == {"code_not_accepted"}
    assert owner.kinds() == ["codes_spent"]
    assert nobody.sign_in().kinds() == []


def test_a_message_goes_out_once(reachable: Owner, gateway: Gateway) -> None:
    assert send_due(reachable.scope) == 1
    assert send_due(reachable.scope) == 0
    assert arrived(reachable, gateway) == ["factor_added"]
    assert messages(reachable) == ["sent"]


def test_what_did_not_go_out_is_tried_again(reachable: Owner, gateway: Gateway, stopped: Stopped) -> None:
    gateway.faults(http_500=1)
    assert (send_due(reachable.scope), send_due(reachable.scope)) == (1, 0)
    assert (arrived(reachable, gateway), messages(reachable)) == ([], ["waiting"])
    later(stopped, minutes=1)
    assert send_due(reachable.scope) == 1
    assert (arrived(reachable, gateway), messages(reachable)) == (["factor_added"], ["sent"])


def test_what_never_goes_out_is_given_up_and_stays_in_the_list(
    reachable: Owner, gateway: Gateway, stopped: Stopped
) -> None:
    scope, token = reachable.scope, reachable.token
    gateway.faults(http_500=MOST_TRIES)
    for number in range(MOST_TRIES):
        assert send_due(scope) == 1
        later(stopped, minutes=2**number)
    assert (send_due(scope), send_due(scope)) == (1, 0)
    assert arrived(reachable, gateway) == []
    reachable.token = token
    assert messages(reachable) == ["unsent"]


def test_forgotten_after_a_year(reachable: Owner, stopped: Stopped) -> None:
    scope = reachable.scope
    assert send_due(scope) == 1
    later(stopped, seconds=KEPT.total_seconds())
    assert (send_due(scope), send_due(scope)) == (1, 0)


def test_a_number_that_leads_to_somebody_else_hears_nothing(
    reachable: Owner, gateway: Gateway, stopped: Stopped
) -> None:
    scope = reachable.scope
    release_login(login_key(reachable.phone), scope.require_person())
    assert send_due(scope) == 1
    assert (arrived(reachable, gateway), messages(reachable)) == ([], ["unsent"])


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
def test_every_notice_is_a_text_in_both_languages(locale: str) -> None:
    at = "12:34 on 2026-11-22 (UTC+8)"
    texts = {kind: text_of(Message(kind, locale, {"at": at})) for kind in Kind}
    assert {kind for kind, text in texts.items() if at not in text or len(text) > 160} == set()
    assert {kind for kind, text in texts.items() if text.isascii()} == (set(Kind) if locale == "en" else set())
