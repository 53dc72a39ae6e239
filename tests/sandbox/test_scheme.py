"""The sandbox scheme as a program: its protocol, its money, its faults."""

import hashlib
import hmac
import json
import secrets
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from deploy.demo.partners import Json, Scheme

HOSPITAL, PHARMACY = "H001", "P001"
KEYS = {HOSPITAL: "key of the hospital", PHARMACY: "key of the pharmacy"}
LINES = [
    {"sequence": 1, "code": "X1", "category": "A", "amount": 12000},
    {"sequence": 2, "code": "X2", "category": "B", "amount": 10000},
    {"sequence": 3, "code": "X3", "category": "C", "amount": 3333},
]
SPLIT = ("fund", "account", "cash")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scheme]:
    scheme = Scheme.start(tmp_path_factory.mktemp("scheme"))
    for institution, key in KEYS.items():
        scheme.admit(institution, key)
    yield scheme
    scheme.process.stop()


@pytest.fixture
def scheme(running: Scheme) -> Scheme:
    running.faults()
    return running


@pytest.fixture
def person(scheme: Scheme) -> str:
    """Somebody with a deductible of 100 yuan and 40 on the account."""
    number = f"M{secrets.token_hex(6)}"
    scheme.enrol(number, "张三", account_balance=4000, deductible=10000)
    return number


def signature(key: str, timestamp: str, body: bytes) -> str:
    return hmac.new(key.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()


def post(
    scheme: Scheme, body: bytes, institution: str = HOSPITAL, key: str | None = None, at: float = 0.0
) -> requests.Response:
    timestamp = str(int(time.time() + at))
    signed = signature(KEYS[institution] if key is None else key, timestamp, body)
    headers = {"X-Institution": institution, "X-Timestamp": timestamp, "X-Signature": signed}
    return requests.post(f"{scheme.url}/scheme", data=body, headers=headers, timeout=10)


def ask(scheme: Scheme, infno: str, institution: str = HOSPITAL, **given: Any) -> Json:
    """The whole answer to a message, whose signature is checked."""
    answer = post(
        scheme, json.dumps({"infno": infno, "msgid": str(uuid.uuid4()), "input": given}).encode(), institution
    )
    assert answer.status_code == 200
    wanted = signature(KEYS[institution], answer.headers["X-Timestamp"], answer.content)
    assert answer.headers["X-Signature"] == wanted
    said: Json = answer.json()
    return said


def output(scheme: Scheme, infno: str, institution: str = HOSPITAL, **given: Any) -> Json:
    said = ask(scheme, infno, institution, **given)
    assert said["infcode"] == 0, said
    found: Json = said["output"]
    return found


def refused(scheme: Scheme, infno: str, institution: str = HOSPITAL, **given: Any) -> str:
    said = ask(scheme, infno, institution, **given)
    assert (said["infcode"], bool(said["err_msg"])) == (-1, True)
    return str(said["err_code"])


def bill(person: str, **more: Any) -> Json:
    return {"person": person, "kind": "medicine", "subject": "rou_1", "lines": LINES, **more}


def wish(scheme: Scheme, person: str, **more: Any) -> Json:
    """A settlement as its trial showed it, with a number and a credential of its own."""
    given = bill(person, **more)
    trial = output(scheme, "2206", **given)
    expected = {name: trial[name] for name in SPLIT}
    number = f"stl_{secrets.token_hex(8)}"
    return {**given, "settlement": number, "credential": scheme.credential(person), "expected": expected}


def test_a_person_is_told_with_balance(scheme: Scheme, person: str) -> None:
    told = {"person": person, "name": "张三", "in_force": True, "account_balance": 4000}
    assert output(scheme, "1101", person=person) == told
    assert refused(scheme, "1101", person="nobody") == "person_unknown"


def test_a_trial_splits_to_the_fen_and_holds_nothing(scheme: Scheme, person: str) -> None:
    first = output(scheme, "2206", **bill(person))
    assert {name: first[name] for name in ("total", *SPLIT)} == {
        "total": 25333, "fund": 8800, "account": 4000, "cash": 12533,
    }  # fmt: skip
    assert first["fund_parts"] == {"310100": 7920, "330100": 880}
    assert [line["fund"] for line in first["lines"]] == [5029, 3771, 0]
    assert [sum(line[name] for name in SPLIT) for line in first["lines"]] == [12000, 10000, 3333]
    assert [sum(line[name] for line in first["lines"]) for name in SPLIT] == [8800, 4000, 12533]
    assert output(scheme, "2206", **bill(person)) == first
    assert scheme.used(person) == {"account_balance": 4000, "deductible": 0, "fund": 0}


def test_rates_ceiling_and_parts_are_the_persons(scheme: Scheme) -> None:
    scheme.enrol("M-own", "李四", rate_bp={"visit": 5000}, ceiling=1000, fund_parts={"390100": 1})
    trial = output(scheme, "2206", **bill("M-own", kind="visit"))
    assert (trial["fund"], trial["fund_parts"]) == (1000, {"390100": 1000})
    assert output(scheme, "2206", **bill("M-own"))["fund_parts"] == {}
    scheme.enrol("M-own", "李四", in_force=False, account_balance=5)
    trial = output(scheme, "2206", **bill("M-own", kind="visit"))
    assert [trial[name] for name in SPLIT] == [0, 5, 25328]


def test_a_settlement_uses_account_deductible_and_ceiling(scheme: Scheme, person: str) -> None:
    given = wish(scheme, person)
    done = output(scheme, "2207", **given)
    assert {name: done[name] for name in SPLIT} == given["expected"]
    assert done["settlement_id"]
    assert done["settled_at"]
    assert scheme.used(person) == {"account_balance": 0, "deductible": 10000, "fund": 8800}
    assert output(scheme, "2206", **bill(person))["fund"] == 16800
    assert output(scheme, "5203", settlement=given["settlement"]) == {"state": "settled", **done}


def test_the_same_number_settles_once(scheme: Scheme, person: str) -> None:
    given = wish(scheme, person)
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: output(scheme, "2207", **given), range(20)))
    assert all(answer == answers[0] for answer in answers)
    assert scheme.used(person)["fund"] == 8800
    assert refused(scheme, "2207", **{**given, "subject": "rou_2"}) == "settlement_conflict"


def test_one_account_is_never_overdrawn(scheme: Scheme, person: str) -> None:
    wishes = [wish(scheme, person) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda given: ask(scheme, "2207", **given), wishes))
    assert sorted(answer.get("err_code", "") for answer in answers) == ["", *["split_changed"] * 7]
    assert scheme.used(person)["account_balance"] == 0


def test_numbers_belong_to_their_institution(scheme: Scheme, person: str) -> None:
    given = wish(scheme, person)
    output(scheme, "2207", **given)
    number = given["settlement"]
    assert output(scheme, "5203", PHARMACY, settlement=number) == {"state": "unknown"}
    output(scheme, "2208", PHARMACY, settlement=number, reason="another's")
    assert output(scheme, "5203", settlement=number)["state"] == "settled"


def test_credentials_are_one_persons_and_good_once(scheme: Scheme, person: str) -> None:
    scheme.enrol("M-other", "王五")
    given, before = wish(scheme, person), scheme.used(person)
    assert refused(scheme, "2207", **{**given, "credential": scheme.credential("M-other")}) == "credential_of_other"
    assert refused(scheme, "2207", **{**given, "credential": "made up"}) == "credential_unknown"
    assert (
        refused(scheme, "2207", **{name: given[name] for name in given if name != "credential"}) == "credential_unknown"
    )
    assert scheme.used(person) == before
    output(scheme, "2207", **given)
    another = {**wish(scheme, person), "credential": given["credential"]}
    assert refused(scheme, "2207", **another) == "credential_used"


def test_a_split_that_changed_is_refused_and_costs_nothing(scheme: Scheme, person: str) -> None:
    given, before = wish(scheme, person), scheme.used(person)
    other = {**given, "expected": {**given["expected"], "cash": given["expected"]["cash"] + 1}}
    assert refused(scheme, "2207", **other) == "split_changed"
    scheme.faults(infno="2207", split_changed=1)
    assert refused(scheme, "2207", **given) == "split_changed"
    assert scheme.used(person) == before
    assert output(scheme, "5203", settlement=given["settlement"]) == {"state": "unknown"}
    assert output(scheme, "2207", **given)["fund"] == 8800


def test_a_reversal_gives_everything_back_once(scheme: Scheme, person: str) -> None:
    given, before = wish(scheme, person), scheme.used(person)
    output(scheme, "2207", **given)
    for _ in range(2):
        reversed = output(scheme, "2208", settlement=given["settlement"], reason="order ended")
        assert reversed == {"reversed": True}
    assert scheme.used(person) == before
    assert output(scheme, "5203", settlement=given["settlement"])["state"] == "reversed"
    assert refused(scheme, "2207", **given) == "settlement_reversed"


def test_what_was_reversed_before_it_came_never_settles(scheme: Scheme, person: str) -> None:
    given, before = wish(scheme, person), scheme.used(person)
    assert output(scheme, "2208", settlement=given["settlement"], reason="unknown outcome") == {"reversed": True}
    assert output(scheme, "5203", settlement=given["settlement"]) == {"state": "reversed"}
    assert refused(scheme, "2207", **given) == "settlement_reversed"
    assert scheme.used(person) == before


@pytest.mark.parametrize(("fault", "state"), [("drop_before", "unknown"), ("drop_after", "settled")])
def test_lost_answers(scheme: Scheme, person: str, fault: str, state: str) -> None:
    given = wish(scheme, person)
    scheme.faults(infno="2207", **{fault: 1})
    with pytest.raises(requests.ConnectionError):
        ask(scheme, "2207", **given)
    assert output(scheme, "5203", settlement=given["settlement"])["state"] == state
    assert output(scheme, "2207", **given)["fund"] == 8800
    assert scheme.used(person)["fund"] == 8800


def test_late_answers(scheme: Scheme, person: str) -> None:
    scheme.faults(delay_ms=300)
    began = time.monotonic()
    output(scheme, "1101", person=person)
    assert time.monotonic() - began >= 0.3


@pytest.mark.parametrize(
    "wrong", [{"infno": "9999", "drop_after": 1}, {"drop": 1}, {"delay_ms": -1}, {"infno": []}, []]
)
def test_bad_faults(scheme: Scheme, wrong: Any) -> None:
    assert requests.post(f"{scheme.url}/_sandbox/faults", json=wrong, timeout=10).status_code == 422


@pytest.mark.parametrize("at", [-310, 310])
def test_a_clock_that_is_off_is_refused(scheme: Scheme, person: str, at: int) -> None:
    body = json.dumps({"infno": "1101", "msgid": "1", "input": {"person": person}}).encode()
    assert post(scheme, body, at=at).status_code == 401
    assert post(scheme, body, at=at * 280 / 310).status_code == 200


def test_what_is_not_signed_by_the_institution_is_refused(scheme: Scheme, person: str) -> None:
    body = json.dumps({"infno": "1101", "msgid": "1", "input": {"person": person}}).encode()
    assert post(scheme, body, key=KEYS[PHARMACY]).status_code == 401
    assert post(scheme, body, "nobody", key="").status_code == 401
    for headers in ({}, {"X-Institution": HOSPITAL}, {"X-Institution": HOSPITAL, "X-Timestamp": "NaN"}):
        assert requests.post(f"{scheme.url}/scheme", data=body, headers=headers, timeout=10).status_code == 401


def test_a_body_that_is_no_message(scheme: Scheme) -> None:
    bodies = [b"", b"{", b"[]", b'{"infno": "1101", "msgid": "1"}', b'{"input": {}, "msgid": "1"}']
    answers = {body: post(scheme, body) for body in bodies}
    told = {body: (answer.status_code, answer.json()["infcode"]) for body, answer in answers.items()}
    assert told == dict.fromkeys(bodies, (200, -1))


def test_a_bill_that_is_none(scheme: Scheme, person: str) -> None:
    changes: list[Json] = [
        {"kind": "shoes"}, {"lines": []}, {"lines": {}}, {"lines": [{**LINES[0], "amount": -1}]}, {"subject": None},
        {"lines": [{**LINES[0], "amount": 1.5}]}, {"lines": [LINES[0], LINES[0]]}, {"lines": [{"sequence": 1}]},
    ]  # fmt: skip
    told = {str(change): refused(scheme, "2206", **{**bill(person), **change}) for change in changes}
    assert told == dict.fromkeys(told, "invalid_input")


def test_bad_persons(scheme: Scheme) -> None:
    persons: list[Any] = [
        {}, {"person": "x"}, {"person": "x", "name": "y", "age": 3}, {"person": "x", "name": "y", "deductible": -1},
        {"person": "x", "name": "y", "rate_bp": {"visit": 10001}}, {"person": "x", "name": "y", "fund_parts": {}},
        {"person": "x", "name": "y", "in_force": "no"}, {"person": "x", "name": "y", "rate_bp": 3}, [],
    ]  # fmt: skip
    url = f"{scheme.url}/_sandbox/persons"
    told = {str(wrong): requests.post(url, json=wrong, timeout=10).status_code for wrong in persons}
    assert told == dict.fromkeys(told, 422)
