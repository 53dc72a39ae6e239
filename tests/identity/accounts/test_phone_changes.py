"""A person changes the number with which they sign in: who may, what follows, and who of two gets a number."""

import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.core.ids import new_id
from app.core.ports import Message, fill, ports
from app.core.scope import Scope
from app.core.unit import Unit, run, unit
from app.identity.factors.rules import SETTLED
from app.identity.phone_changes.leaving import follow
from app.identity.phone_changes.models import PhoneChange
from app.identity.rules import LEFT_TEMPLATE, PERSON_BURST, Purpose
from app.identity.service.codes import look, make_challenge
from app.identity.service.sign_in import (
    confirm_login,
    holder_of,
    login_key,
    owner_of,
    release_login,
    reserve_login,
)
from app.identity.service.tokens import PERSON_LIFE
from app.identity.timers import let_go
from deploy.demo.passkeys import SecurityKey
from tests.core.journal.scenes import eventually
from tests.identity.accounts.owners import Owner, Stopped, later
from tests.identity.accounts.pages import Browser
from tests.identity.passkeys.keys import PAGE, make
from tests.platform import Platform
from tests.tenants.world import at_once

CODES, CHANGE = "/me/phone-change-codes", "/me/phone-changes"


@pytest.fixture(autouse=True)
def told(api: Flask) -> Iterator[list[tuple[str, str]]]:
    """The messages that were sent: to whom, and which text."""
    former, sent = ports(), list[tuple[str, str]]()

    def send(message_id: object, phone: str, message: Message) -> None:
        sent.append((phone, message.template))

    fill(replace(former, send_message=send))
    yield sent
    fill(former)


def new_number() -> str:
    return f"+8613{secrets.randbelow(10**9):09}"


def code(phone: str) -> str:
    """What arrives on that phone for a change."""
    return make_challenge(phone, Purpose.PHONE_CHANGE).code


def wish(owner: Owner, phone: str, **more: Any) -> dict[str, Any]:
    """What the owner sends; codes are asked for a minute apart."""
    owner.clock.forward(seconds=61)
    return {"phone": phone, "code": code(phone), "former_code": code(owner.phone), **more}


def changed(owner: Owner) -> Owner:
    """The owner, with another number."""
    body = wish(owner, new_number())
    owner.me.do("POST", CHANGE, body)
    return replace(owner, phone=body["phone"])


def test_the_new_number_opens_the_account_and_the_former_nobodys(owner: Owner) -> None:
    there, scope, former = owner.elsewhere().sign_in(), owner.scope, owner.phone
    owner.sign_in()
    moved = changed(owner)
    assert moved.me.do("GET", "/me")["phone"] == moved.phone
    assert there.me.refused(401, "GET", "/me") == "unauthenticated", "sign-ins elsewhere have ended"
    assert [one["is_current"] for one in moved.me.do("GET", "/me/devices")["data"]] == [True]
    assert (holder_of(moved.phone), owner_of(former)) == (scope.person, None)
    assert moved.sign_in().scope == scope
    assert owner.elsewhere().sign_in().scope != scope, "whoever has the former number is somebody new"
    assert "phone_changed" in moved.kinds()


@pytest.mark.parametrize(
    ("change", "refused"),
    [
        ({"code": "x"}, "code_not_accepted"),
        ({"former_code": "x"}, "code_not_accepted"),
        ({"former_code": None}, "former_number_required"),
    ],
)
def test_both_numbers_prove_it(owner: Owner, change: dict[str, str | None], refused: str) -> None:
    body = wish(owner, new_number())
    wrong = {name: value and f"{(int(body[name]) + 1) % 10**6:06}" for name, value in change.items()}
    sent = {name: value for name, value in {**body, **wrong}.items() if value}
    assert owner.me.refused(403, "POST", CHANGE, sent) == refused
    assert owner.me.do("POST", CHANGE, body)["phone"] == body["phone"], "right codes are still good"


def test_a_code_is_good_for_what_it_was_sent_for(owner: Owner) -> None:
    phone = new_number()
    body = wish(owner, phone, code=make_challenge(phone).code)
    assert owner.me.refused(403, "POST", CHANGE, body) == "code_not_accepted"
    assert owner.refused(code=body["former_code"]) == "code_not_accepted"


def test_who_lost_the_number_proves_a_second_factor(owner: Owner) -> None:
    owner.enrol()
    later(owner.clock, days=7)
    owner.sign_in(code=owner.code())
    prove(owner)
    phone = new_number()
    owner.me.do("POST", CHANGE, {"phone": phone, "code": code(phone)})
    assert owner.me.do("GET", "/me")["phone"] == phone
    later(owner.clock, minutes=15)
    assert owner.me.refused(403, "POST", CODES, {"phone": new_number()}) == "second_factor_required"
    assert owner.me.refused(403, "POST", CHANGE, wish(owner, phone)) == "second_factor_required"


def test_a_factor_that_was_just_added_stands_in_for_no_number(owner: Owner) -> None:
    """Else whoever is in for a moment adds one, and takes the account away; no sign-in lasts until it does."""
    assert SETTLED > PERSON_LIFE
    thief = owner.elsewhere().sign_in()
    make(thief.enrol().me, SecurityKey(PAGE))
    phone = new_number()
    assert thief.me.refused(403, "POST", CHANGE, {"phone": phone, "code": code(phone)}) == "former_number_required"
    later(thief.clock, days=6)
    again = thief.sign_in()
    prove(again)
    assert again.me.refused(403, "POST", CHANGE, {"phone": phone, "code": code(phone)}) == "former_number_required"
    later(thief.clock, days=1)
    settled = thief.sign_in()
    prove(settled)
    assert settled.me.do("POST", CHANGE, {"phone": phone, "code": code(phone)})["phone"] == phone


def prove(owner: Owner) -> None:
    """They prove their second factor, by a later code than any before."""
    owner.clock.forward(seconds=61)
    owner.me.do("POST", "/me/second-factor", {"code": owner.otp()})


def test_who_signed_in_long_ago_signs_in_again(owner: Owner) -> None:
    later(owner.clock, minutes=15)
    assert owner.me.refused(403, "POST", CODES, {}) == "fresh_sign_in_required"
    assert owner.me.refused(403, "POST", CHANGE, wish(owner, new_number())) == "fresh_sign_in_required"


def test_codes_go_to_either_number(owner: Owner, told: list[tuple[str, str]]) -> None:
    owner.clock.forward(seconds=61)
    other = new_number()
    for body in ({}, {"phone": other}):
        assert owner.me.do("POST", CODES, body)["expires_in"] == 300
        assert owner.me.refused(429, "POST", CODES, body) == "too_many_codes"
    assert told == [(owner.phone, "phone_change_code"), (other, "phone_change_code")]


def test_a_stranger_takes_no_sign_in_from_the_number_that_they_name(owner: Owner) -> None:
    """Neither a code that is on its way, nor its tries, nor the next one; and they ask for a few alone."""
    other = Owner(owner.app, owner.clock)
    shown = other.code()
    for _ in range(3):
        owner.me.do("POST", CODES, {"phone": other.phone})
        assert look(other.phone, "x", Purpose.PHONE_CHANGE).challenge_id is None
        owner.clock.forward(seconds=61)
    assert owner.me.refused(429, "POST", CODES, {"phone": other.phone}) == "too_many_codes"
    assert other.sign_in(code=shown).sign_in().token
    asked = [owner.me.ask("POST", CODES, {"phone": new_number()}) for _ in range(PERSON_BURST)]
    assert (asked[-1].json or {})["code"] == "too_many_codes_from_person" and asked[0].status_code == 202


def test_the_present_number_is_told_apart_and_costs_nothing(owner: Owner, told: list[tuple[str, str]]) -> None:
    owner.clock.forward(seconds=61)
    same = {"phone": owner.phone, "code": "000000", "former_code": "000000"}
    assert owner.me.refused(409, "POST", CHANGE, same) == "phone_unchanged"
    assert owner.me.refused(409, "POST", CODES, {"phone": owner.phone}) == "phone_unchanged"
    browser = Browser.of(owner).get("phone")
    assert browser.act("send", phone=owner.phone).says("This is your present number") and told == []
    assert browser.act("send", phone=new_number()).says("Code sent to the new number"), "at once"


def test_a_number_that_leads_elsewhere_is_refused_without_a_reason(owner: Owner) -> None:
    other = Owner(owner.app, owner.clock).sign_in()
    body = wish(owner, other.phone)
    assert owner.me.refused(409, "POST", CHANGE, body) == "phone_not_available"
    reserved = new_number()
    reserve_login(reserved)
    assert owner.me.refused(409, "POST", CHANGE, wish(owner, reserved)) == "phone_not_available"
    assert (holder_of(other.phone), holder_of(owner.phone)) == (other.scope.person, owner.scope.person)


def test_of_two_who_want_one_number_one_gets_it(owner: Owner) -> None:
    """Both have had it: the code of each was right, as it is where a number changes hands."""
    other, phone = Owner(owner.app, owner.clock).sign_in(), new_number()
    owner.clock.forward(seconds=61)
    mine, theirs = code(owner.phone), code(other.phone)
    shown = code(phone)

    def ask(who: Owner, former: str) -> TestResponse:
        return who.me.ask("POST", CHANGE, {"phone": phone, "code": shown, "former_code": former})

    answers = at_once(partial(ask, owner, mine), partial(ask, other, theirs))
    assert sorted(one.status_code for one in answers)[0] == 201
    codes = {(one.json or {}).get("code", "") for one in answers if one.status_code != 201}
    assert codes in ({"code_not_accepted"}, {"phone_not_available"})
    who = [one for one in (owner, other) if one.me.do("GET", "/me")["phone"] == phone]
    assert len(who) == 1 and holder_of(phone) == who[0].scope.person


def test_of_two_who_reserve_a_number_at_once_one_has_it(api: Flask) -> None:
    phone, persons = new_number(), [new_id() for _ in range(4)]
    reserved = at_once(*(partial(reserve_login, phone, person) for person in persons))
    assert len({one.person_id for one in reserved}) == 1 and reserved[0].person_id in persons


def test_the_former_number_is_told_once_and_the_row_is_gone(owner: Owner, told: list[tuple[str, str]]) -> None:
    moved, scope = changed(owner), owner.scope
    assert (follow(scope), follow(scope)) == (1, 0)
    assert told == [(owner.phone, LEFT_TEMPLATE)] and moved.phone != owner.phone
    with unit(scope) as reading:
        assert reading.all(reading.select(PhoneChange)) == []


def test_a_change_that_was_cut_off_before_anything_changed_lets_the_number_go(owner: Owner, stopped: Stopped) -> None:
    phone, scope = new_number(), owner.scope
    reserve_login(phone, scope.person)
    stopped.forward(days=2)
    assert let_go(Scope.for_key("logins", login_key(phone))) == 1
    assert owner_of(phone) is None and holder_of(owner.phone) == scope.person


def test_a_change_that_was_cut_off_at_its_end_is_finished_by_the_worker(owner: Owner) -> None:
    scope, former = owner.scope, owner.phone
    moved = changed(owner)
    run(scope, unfinished)
    reserve_login(former, scope.person)
    confirm_login(former, scope.require_person())
    assert holder_of(former) == scope.person, "as it is until the former number is let go"
    assert follow(scope) == 1
    assert (owner_of(former), holder_of(moved.phone)) == (None, scope.person)


def test_a_number_that_is_only_reserved_for_an_account_does_not_open_it(owner: Owner) -> None:
    """The change was cut off after the reservation; the former number opens the account as before."""
    scope, other = owner.scope, replace(owner.elsewhere(), phone=new_number())
    reserve_login(other.phone, scope.person)
    assert other.refused(code=other.code()) == "code_not_accepted"
    assert owner_of(other.phone) is None
    assert other.sign_in().scope != scope and owner.sign_in().scope == scope


def test_the_former_number_opens_nothing_while_the_change_is_not_finished(owner: Owner) -> None:
    scope, former = owner.scope, owner.elsewhere()
    moved = changed(owner)
    reserve_login(former.phone, scope.person)
    confirm_login(former.phone, scope.require_person())
    run(scope, unfinished)
    assert former.refused(code=former.code()) == "code_not_accepted"
    release_login(login_key(moved.phone), scope.require_person())
    assert follow(scope) == 1
    assert (owner_of(former.phone), holder_of(moved.phone)) == (None, scope.person), "what was let go is theirs again"


def test_a_number_that_somebody_else_came_to_have_meanwhile_is_theirs(owner: Owner) -> None:
    moved = changed(owner)
    run(owner.scope, unfinished)
    release_login(login_key(moved.phone), owner.scope.require_person())
    other = replace(moved.elsewhere()).sign_in()
    follow(owner.scope)
    assert (owner.me.do("GET", "/me")["phone"], holder_of(moved.phone)) == (None, other.scope.person)


def test_a_change_that_ends_in_no_refusal_lets_the_number_go(owner: Owner, platform: Platform) -> None:
    """Its connection is lost while it waits for somebody else."""
    body, person = wish(owner, new_number()), owner.scope.require_person()
    killing = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE %s = ANY (pg_blocking_pids(pid))"
    with platform.connection() as holding, ThreadPoolExecutor(1) as threads:
        holding.execute("SELECT FROM persons WHERE person_id = %s FOR UPDATE", (person,))
        answer = threads.submit(owner.me.ask, "POST", CHANGE, body)
        mine = holding.info.backend_pid
        eventually(lambda: bool(platform.looking.execute(killing, [mine]).fetchall()))
        assert answer.result(10).status_code >= 500
    assert (owner_of(body["phone"]), holder_of(owner.phone)) == (None, owner.scope.person)


def unfinished(opened: Unit) -> None:
    """The number was changed, and nothing followed."""
    for row in opened.all(opened.select(PhoneChange)):
        row.state = "leading"


def test_on_the_page(owner: Owner, api: Flask) -> None:
    browser, phone = Browser.of(owner), new_number()
    assert browser.get("phone").act("send", phone="1").page.status_code == 422
    browser.act("send", phone=phone)
    assert browser.says("Code sent to the present number")
    owner.clock.forward(seconds=61)
    first = browser.act("change", code="000000", former_code="000000")
    assert (first.page.status_code, first.says("Code sent to the new number")) == (403, True)
    browser.act("change", code=code(phone), former_code=code(owner.phone))
    assert browser.place == "/account/phone" and browser.says(f"****{phone[-4:]}")
    lost = browser.get("phone")
    owner.clock.forward(seconds=61)
    lost.act("send", phone=new_number(), lost="lost")
    assert not lost.says("Code sent to the present number")
    assert lost.act("change", code="000000").says("for a week")
