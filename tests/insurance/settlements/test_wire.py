"""Answers of a scheme that are not believed: from a real server that says what it is told to say."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from app.core.http import Client, Policy
from deploy.demo.partners import Scheme as Program
from insurance.connectors.scheme import Question, Scheme, Settled
from insurance.connectors.wire import Reach, SchemeRefused, SchemeUnavailable, sign
from insurance.rules.splits import Item, all_own
from tests.insurance.scenes import World
from tests.insurance.settlements.liars import KEY, Liar, Stamp, signed
from tests.tables import let_through

ITEMS = (Item(1, "X", "x", "A", 1, 700), Item(2, "Y", "y", "B", 1, 300))
QUESTION = Question("M1", "medicine", "rou_1", ITEMS)
RIGHT: dict[str, Any] = {
    "total": 1000, "fund": 600, "fund_parts": {"310100": 600}, "account": 100, "cash": 300,
    "lines": [
        {"sequence": 1, "fund": 500, "account": 100, "cash": 100},
        {"sequence": 2, "fund": 100, "account": 0, "cash": 200},
    ],
}  # fmt: skip


@pytest.fixture
def asking(world: World) -> Iterator[Scheme]:
    made = Scheme(Client(Policy.loopback()), Client(Policy.loopback()))
    yield made
    made.close()


def reach(liar: Liar) -> Reach:
    return Reach(liar.url, "I1", KEY)


def test_a_question_is_signed_and_a_signed_answer_believed(liar: Liar, asking: Scheme) -> None:
    liar.says(RIGHT)
    split = asking.trial(reach(liar), QUESTION)
    assert (split.fund, split.account, split.cash, len(split.lines)) == (600, 100, 300, 2)
    ((headers, body),) = liar.asked
    assert headers["x-signature"] == sign(KEY, headers["x-timestamp"], body)
    assert (headers["x-institution"], json.loads(body)["infno"]) == ("I1", "2206")
    assert "name" not in json.loads(body)["input"]["lines"][0]


UNPROVEN: dict[str, Stamp] = {
    "nothing": lambda body: {},
    "another key": lambda body: signed(body, "another key"),
    "another body": lambda body: signed(body + b" "),
    "too old": lambda body: signed(body, at=-310),
    "too new": lambda body: signed(body, at=310),
    "no time": lambda body: signed(body) | {"X-Timestamp": "now"},
    "another time": lambda body: signed(body) | {"X-Timestamp": str(int(time.time()) + 1)},
    "strange letters": lambda body: signed(body) | {"X-Signature": "\xe4" * 64},
}


def test_an_answer_that_is_not_proven_is_none(liar: Liar, asking: Scheme) -> None:
    def ask(stamp: str) -> None:
        liar.says(RIGHT, stamp=UNPROVEN[stamp])
        asking.trial(reach(liar), QUESTION)

    assert let_through(ask, UNPROVEN, SchemeUnavailable) == set()


@pytest.mark.parametrize("at", [-290, 290])
def test_clocks_may_differ_a_little(liar: Liar, asking: Scheme, at: int) -> None:
    liar.says(RIGHT, stamp=lambda body: signed(body, at=at))
    assert asking.trial(reach(liar), QUESTION).fund == 600


WRONG: dict[str, dict[str, Any]] = {
    "total": {"total": 1001},
    "parts": {"fund_parts": {"310100": 599}},
    "negative": {"fund": 700, "fund_parts": {"310100": 700}, "cash": 200},
    "no lines": {"lines": []},
    "fractions": {"cash": 300.0},
    "booleans": {"account": True},
    "words": {"fund": "600"},
    "no object": {"fund_parts": [600]},
    "null": {"lines": None},
}


def test_a_split_that_cannot_be_right_is_no_answer(liar: Liar, asking: Scheme) -> None:
    def try_out(wrong: str) -> None:
        liar.says(RIGHT | WRONG[wrong])
        asking.trial(reach(liar), QUESTION)

    def settle(wrong: str) -> None:
        liar.says(RIGHT | WRONG[wrong])
        asking.settle(reach(liar), QUESTION, "stl_1", "c", all_own(ITEMS))

    assert let_through(try_out, WRONG, SchemeUnavailable) == set()
    assert let_through(settle, WRONG, SchemeUnavailable) == set()


def test_nonsense_is_no_answer(liar: Liar, asking: Scheme) -> None:
    def ask(said: bytes) -> None:
        liar.said = said
        asking.trial(reach(liar), QUESTION)

    nonsense = [b"", b"[]", b"{", b'{"infcode": 1}', b'{"infcode": 0}', b'{"infcode": 0, "output": 3}']
    assert let_through(ask, nonsense, SchemeUnavailable) == set()


def test_only_status_200_is_an_answer(liar: Liar, asking: Scheme) -> None:
    def ask(status: int) -> None:
        liar.says(RIGHT, status=status)
        asking.trial(reach(liar), QUESTION)

    assert let_through(ask, [201, 302, 401, 404, 500, 503], SchemeUnavailable) == set()


def test_a_refusal_has_a_code_that_may_be_kept(liar: Liar, asking: Scheme) -> None:
    for given, kept in (("split_changed", "split_changed"), ("Ünsinn " * 30, "scheme_refused")):
        liar.said = {"infcode": -1, "err_code": given, "err_msg": "x"}
        with pytest.raises(SchemeRefused) as refused:
            asking.trial(reach(liar), QUESTION)
        assert refused.value.code == kept


def test_what_became_of_a_number(liar: Liar, asking: Scheme) -> None:
    liar.says(RIGHT | {"state": "settled", "settlement_id": "S1"})
    found = asking.query(reach(liar), "stl_1", ITEMS)
    assert isinstance(found, Settled)
    assert (found.number, found.split.cash) == ("S1", 300)
    for state in ("reversed", "unknown"):
        liar.says({"state": state})
        assert asking.query(reach(liar), "stl_1", ITEMS) == state
    for output in ({"state": "perhaps"}, RIGHT | {"state": "settled"}, {}):
        liar.says(output)
        with pytest.raises(SchemeUnavailable):
            asking.query(reach(liar), "stl_1", ITEMS)


def test_a_reversal_is_only_done_when_it_says_so(liar: Liar, asking: Scheme) -> None:
    liar.says({"reversed": True})
    asking.reverse(reach(liar), "stl_1", "expired")
    for output in ({"reversed": False}, {"reversed": 1}, {}):
        liar.says(output)
        with pytest.raises(SchemeUnavailable):
            asking.reverse(reach(liar), "stl_1", "expired")


def test_nobody_there(asking: Scheme) -> None:
    with pytest.raises(SchemeUnavailable):
        asking.trial(Reach("http://127.0.0.1:9", "I1", KEY), QUESTION)


def test_a_question_to_settle_is_never_repeated_by_itself(scheme: Program, asking: Scheme) -> None:
    scheme.admit("I-wire", KEY)
    scheme.enrol("M-wire", "张三")
    there, question = Reach(scheme.url, "I-wire", KEY), Question("M-wire", "medicine", "rou_1", ITEMS)
    expected = asking.trial(there, question)
    credential = scheme.credential("M-wire")
    scheme.faults(infno="2207", drop_before=1)
    with pytest.raises(SchemeUnavailable):
        asking.settle(there, question, "stl_wire", credential, expected)
    assert asking.query(there, "stl_wire", ITEMS) == "unknown"
    done = asking.settle(there, question, "stl_wire", credential, expected)
    assert asking.settle(there, question, "stl_wire", credential, expected) == done
