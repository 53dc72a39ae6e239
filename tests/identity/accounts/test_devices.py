"""Devices: listed, signed out, forgotten, and counted when they ask for codes."""

import pytest

from app.core.errors import Problem
from app.identity.devices.rules import KNOWN_FOR
from app.identity.rules import DEVICE_BURST, DEVICE_PAUSE
from app.identity.service.addresses import spend_of_device
from app.identity.timers import FORGETTING
from tests.identity.accounts.owners import Owner, Stopped, later
from tests.platform import Platform
from tests.tenants.world import at_once

PATH = "/me/devices"


def test_one_sees_on_which_devices_one_has_signed_in(owner: Owner) -> None:
    there = owner.elsewhere().sign_in(code=owner.code(), device_name="平板")
    shown = there.me.do("GET", PATH)["data"]
    assert [(one["name"], one["is_current"]) for one in shown] == [("平板", True), (None, False)]
    assert [one["device"] for one in there.me.do("GET", "/me/sign-ins")["data"]] == [one["id"] for one in shown]


def test_a_lost_device_is_signed_out_from_another_and_known_no_more(owner: Owner) -> None:
    there = owner.elsewhere().sign_in()
    browser = owner.me.do("GET", PATH)["data"]
    lost = next(one["id"] for one in browser if not one["is_current"])
    assert owner.me.do("DELETE", f"{PATH}/{lost}")["id"] == lost
    assert there.me.refused(401, "GET", "/me") == "unauthenticated"
    owner.verify()
    assert there.refused(code=there.code()) == "second_proof_required"
    assert owner.me.refused(404, "DELETE", f"{PATH}/{lost}") == "not_found"


def test_the_current_one_can_be_forgotten_too(owner: Owner) -> None:
    shown = owner.me.do("GET", PATH)["data"][0]
    assert owner.me.do("DELETE", f"{PATH}/{shown['id']}")["is_current"] is True
    assert owner.me.refused(401, "GET", "/me") == "unauthenticated"


def test_a_device_that_is_forgotten_while_somebody_signs_in_there(owner: Owner) -> None:
    there = owner.elsewhere().sign_in()
    lost = there.me.do("GET", PATH)["data"][0]["id"]
    code = there.code()
    answer, gone = at_once(lambda: there.ask(code=code), lambda: owner.me.ask("DELETE", f"{PATH}/{lost}"))
    assert (answer.status_code, gone.status_code) == (201, 200)
    assert lost not in {one["id"] for one in owner.me.do("GET", PATH)["data"]}


def test_nobody_forgets_anothers(owner: Owner, stopped: Stopped) -> None:
    stranger = Owner(owner.app, stopped).sign_in()
    theirs = owner.me.do("GET", PATH)["data"][0]["id"]
    assert stranger.me.refused(404, "DELETE", f"{PATH}/{theirs}") == "not_found"


def test_what_was_not_used_for_long_is_deleted(platform: Platform, owner: Owner, stopped: Stopped) -> None:
    scope = owner.scope
    later(stopped, seconds=KNOWN_FOR.total_seconds())
    owner.sign_in()
    assert [one["is_current"] for one in owner.me.do("GET", PATH)["data"]] == [True]
    assert FORGETTING.task(scope) >= 1
    with platform.connection() as connection:
        kept = connection.execute("SELECT count(*) FROM devices WHERE person_id = %s", [scope.person]).fetchone()
    assert kept == (1,)


def test_codes_are_counted_by_device(stopped: Stopped) -> None:
    token = f"device-of-{stopped.began.timestamp()}"
    for _ in range(DEVICE_BURST):
        spend_of_device(token)
    with pytest.raises(Problem) as refused:
        spend_of_device(token)
    assert (refused.value.code, refused.value.retry_after) == ("too_many_codes_from_device", 120)
    spend_of_device(token + "x")
    later(stopped, seconds=DEVICE_PAUSE.total_seconds())
    spend_of_device(token)
