"""Scheduling over HTTP, against real web and worker processes and the sandbox gateway."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from app.core.ids import PublicId, new_id
from app.core.scope import Scope
from app.identity.api import Role
from app.scheduling.schemas import MOST_FEE
from tests.core.journal.scenes import eventually
from tests.payments.gateway.partner import Sandbox, ask, running_sandbox
from tests.platform import Platform
from tests.scheduling.people import Desk, Somebody, resident, staff
from tests.scheduling.scenes import tomorrow

SLOT = {"starts_at": "2099-01-05T09:00:00+08:00", "ends_at": "2099-01-05T10:00:00+08:00", "capacity": 1}


@pytest.fixture(scope="module")
def url(platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with platform.stack(tmp_path_factory.mktemp("scheduling")) as stack:
        stack.start_web()
        stack.start_worker()
        yield stack.url


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running_sandbox() as running:
        yield running


@pytest.fixture
def desk(url: str) -> Desk:
    return Desk(url)


def becomes(who: Somebody, appointment: str, state: str) -> dict[str, Any]:
    """The appointment as `who` reads it, as soon as it is in that state."""
    eventually(lambda: who.do("GET", f"/appointments/{appointment}")["state"] == state)
    found: dict[str, Any] = who.do("GET", f"/appointments/{appointment}")
    return found


def intent_of(sandbox: Sandbox, key: str) -> str:
    found = ask("GET", f"{sandbox.url}/v1/payment_intents", auth=(key, "")).json()["data"]
    return str(found[0]["id"])


def test_from_the_shift_to_the_refund(url: str, desk: Desk, sandbox: Sandbox) -> None:
    key, person = desk.account(sandbox), resident(url)
    opened = desk.opens()
    assert (opened["shift"]["class"], opened["shift"]["state"], opened["shift"]["version"]) == ("specialist", "open", 1)
    found = Somebody(url).do("GET", f"/slots?tenant={desk.tenant}&date={tomorrow()}")["data"]
    assert [(slot["id"], slot["left"], slot["fee"]) for slot in found] == [(opened["slots"][0]["id"], 20, 5000)]

    booked = person.do("POST", "/appointments", {"slot": found[0]["id"]})
    assert (booked["state"], booked["fee"], booked["number"]) == ("held", 5000, None)
    mine = person.do("GET", "/me/appointments")["data"]
    assert [(one["id"], one["state"], one["bill"]) for one in mine] == [(booked["id"], "held", booked["bill"])]
    assert person.do("GET", f"/bills/{booked['bill']}")["purpose"] == booked["id"]

    person.do("POST", f"/bills/{booked['bill']}/payments", {"method": "wechat_pay"})
    sandbox.pay(intent_of(sandbox, key)).raise_for_status()
    confirmed = becomes(person, booked["id"], "confirmed")
    assert (confirmed["number"], confirmed["version"]) == (1, 2)
    seen = desk.registrar.do("GET", f"/appointments?date={tomorrow()}")["data"]
    assert [(one["id"], one["resident"], one["number"]) for one in seen] == [(booked["id"], person.public_id, 1)]

    canceled = person.do("POST", f"/appointments/{booked['id']}/cancellation")
    assert (canceled["state"], canceled["reason"]) == ("canceled_refunding", "canceled")
    assert person.do("GET", "/me/appointments")["data"][0]["state"] == "canceled_refunding"
    becomes(person, booked["id"], "canceled")
    assert person.do("GET", f"/bills/{booked['bill']}")["refunded"] == 5000
    desk.hospital.balanced()


def test_fifty_at_once_over_http(url: str, desk: Desk) -> None:
    slot, people = desk.slot(places=20), [resident(url) for _ in range(50)]
    start = Barrier(len(people))

    def book(person: Somebody) -> str:
        start.wait(20)
        answer = person.ask("POST", "/appointments", {"slot": slot}, key="one")
        while answer.status_code == 503:
            answer = person.ask("POST", "/appointments", {"slot": slot}, key="one")
        return str(answer.json().get("code", answer.status_code))

    with ThreadPoolExecutor(len(people)) as threads:
        assert Counter(threads.map(book, people)) == {"201": 20, "slot_full": 30}
    desk.hospital.balanced()


def test_a_double_tap_gets_one_answer(url: str, desk: Desk) -> None:
    person, slot = resident(url), desk.slot()
    answers = [person.ask("POST", "/appointments", {"slot": slot}, key="tap") for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert [answer.headers.get("Idempotency-Replayed") for answer in answers] == [None, "true"]
    assert person.refused("POST", "/appointments", {"slot": slot}) == (409, "already_booked")


def test_strangers_and_other_hospitals_find_nothing(url: str, desk: Desk) -> None:
    person, opened = resident(url), desk.opens()
    appointment = person.do("POST", "/appointments", {"slot": opened["slots"][0]["id"]})["id"]
    shift = opened["shift"]["id"]
    stranger, others = resident(url), Desk(url).registrar
    for path in (f"/appointments/{appointment}", f"/appointments/{PublicId('apt', desk.hospital.scope, new_id())}"):
        for who in (stranger, others):
            assert who.refused("GET", path) == (404, "not_found")
            assert who.refused("POST", f"{path}/cancellation") == (404, "not_found")
    assert others.refused("POST", f"/shifts/{shift}/stopping") == (404, "not_found")
    body = {"doctor": str(desk.hospital.doctor())}
    assert others.refused("PUT", f"/shifts/{shift}/doctor", body, If_Match='"1"') == (404, "not_found")
    assert others.do("GET", "/appointments")["data"] == []
    assert stranger.do("GET", "/me/appointments")["data"] == []
    nowhere = str(PublicId("slt", Scope.for_tenant(2**52), new_id()))
    assert person.refused("POST", "/appointments", {"slot": nowhere}) == (404, "not_found")
    assert person.do("GET", f"/appointments/{appointment}")["state"] == "held"


@pytest.mark.parametrize(
    ("role", "method", "path"),
    [
        (Role.DOCTOR, "POST", "/shifts"),
        (Role.DOCTOR, "GET", "/appointments"),
        (Role.REGISTRAR, "POST", "/appointments"),
        (Role.REGISTRAR, "GET", "/me/appointments"),
        (Role.RESIDENT, "POST", "/shifts"),
        (Role.RESIDENT, "GET", "/appointments"),
    ],
)
def test_everybody_has_their_part(url: str, desk: Desk, role: Role, method: str, path: str) -> None:
    who = resident(url) if role is Role.RESIDENT else staff(url, desk.hospital, role)
    assert who.refused(method, path, None if method == "GET" else {}) == (403, "forbidden")


def test_a_doctor_is_replaced_and_the_shift_stopped(url: str, desk: Desk) -> None:
    person, opened = resident(url), desk.opens()
    shift, slot = opened["shift"]["id"], opened["slots"][0]["id"]
    booked = person.do("POST", "/appointments", {"slot": slot})
    substitute = {"doctor": str(desk.hospital.doctor())}
    assert desk.registrar.refused("PUT", f"/shifts/{shift}/doctor", substitute) == (428, "if_match_required")
    replaced = desk.registrar.do("PUT", f"/shifts/{shift}/doctor", substitute, If_Match='"1"')
    assert (replaced["doctor"], replaced["version"]) == (substitute["doctor"], 2)
    eventually(lambda: person.do("GET", "/me/appointments")["data"][0]["doctor"] == substitute["doctor"])
    assert desk.registrar.do("POST", f"/shifts/{shift}/stopping")["state"] == "stopped"
    assert becomes(person, booked["id"], "released")["reason"] == "stopped"
    eventually(lambda: person.do("GET", "/me/appointments")["data"][0]["state"] == "released")
    assert Somebody(url).do("GET", f"/slots?tenant={desk.tenant}&date={tomorrow()}")["data"] == []
    desk.opens()
    first = desk.registrar.do("GET", f"/shifts?limit=1&date={tomorrow()}")
    second = desk.registrar.do("GET", f"/shifts?limit=1&date={tomorrow()}&cursor={first['next_cursor']}")
    assert [one["state"] for page in (first, second) for one in page["data"]] == ["open", "stopped"]
    desk.hospital.balanced()


def test_slots_are_found_by_doctor_in_pages(url: str, desk: Desk) -> None:
    wanted = desk.hospital.doctor()
    slots = [desk.slot(doctor=wanted)]
    desk.slot()
    look = f"/slots?tenant={desk.tenant}&date={tomorrow()}"
    assert [slot["id"] for slot in Somebody(url).do("GET", f"{look}&doctor={wanted}")["data"]] == slots
    first = Somebody(url).do("GET", f"{look}&limit=1")
    second = Somebody(url).do("GET", f"{look}&limit=1&cursor={first['next_cursor']}")
    assert len({slot["id"] for page in (first, second) for slot in page["data"]}) == 2
    assert second["next_cursor"] is None
    assert Somebody(url).do("GET", f"{look}&doctor={Desk(url).hospital.doctor()}")["data"] == []


@pytest.mark.parametrize(
    ("change", "pointer", "rule"),
    [
        ({"date": "2020-01-01"}, "/date", "date_past"),
        ({"slots": []}, "/slots", "length"),
        ({"class": "vip"}, "/class", "choice"),
        ({"fee_lines": [{"code": "r", "name": "n", "amount": -1}]}, "/fee_lines/0/amount", "range"),
        ({"fee_lines": [{"code": "r", "name": "n", "amount": 2**63}]}, "/fee_lines/0/amount", "number"),
        ({"fee_lines": [{"code": "r", "name": "n", "amount": MOST_FEE + 1}]}, "/fee_lines/0/amount", "range"),
        ({"slots": [{**SLOT, "starts_at": "2099-01-05T09:00:00"}]}, "/slots/0/starts_at", "moment"),
        ({"slots": [{**SLOT, "capacity": 0}]}, "/slots/0/capacity", "range"),
        ({"doctor": str(PublicId("sta", Scope.for_tenant(7), new_id()))}, "/doctor", "unknown"),
    ],
)
def test_a_shift_that_cannot_be(url: str, desk: Desk, change: dict[str, Any], pointer: str, rule: str) -> None:
    answer = desk.registrar.ask("POST", "/shifts", {**desk.wish(), **change})
    assert answer.status_code == 422
    assert (pointer, rule) in [(fault["pointer"], fault["rule"]) for fault in answer.json()["errors"]]


def test_a_failed_look_for_slots_says_why(url: str, desk: Desk) -> None:
    assert Somebody(url).refused("GET", f"/slots?tenant={desk.tenant}") == (422, "invalid_input")
    nowhere = PublicId("ten", Scope.for_tenant(2**52 - 1), new_id())
    assert Somebody(url).do("GET", f"/slots?tenant={nowhere}&date={tomorrow()}")["data"] == []
    person = PublicId("ten", Scope.for_person(new_id()), new_id())
    assert Somebody(url).refused("GET", f"/slots?tenant={person}&date={tomorrow()}") == (404, "not_found")
