"""What is sent is read strictly, and each fault is named by its place."""

import json
from typing import Any

import pytest
from flask import Flask

from app.core.ids import PublicId, new_id
from app.core.scope import Scope
from app.edge.rule_words import MEANINGS
from tests.edge.caller import Caller

DEEP = 10_000
ID = str(PublicId("note", Scope.for_tenant(7), new_id()))
NOTHING = {"at": None, "source": None}
"""What an echo says of fields that were not sent."""


def sent(app: Flask, raw: str | bytes) -> tuple[int, Any]:
    """Status and problem (or echo) of a raw body."""
    body = raw.encode() if isinstance(raw, str) else raw
    answer = app.test_client().post("/api/v1/edge-echoes", data=body, content_type="application/json")
    return answer.status_code, answer.json


def faults(app: Flask, raw: str | bytes) -> set[tuple[str, str]]:
    status, members = sent(app, raw)
    assert (status, members["code"]) == (422, "invalid_input"), members
    return {(fault["pointer"], fault["rule"]) for fault in members["errors"]}


def test_no_json(app: Flask) -> None:
    texts: list[str | bytes] = [
        "", "{", '{"words": "x"', "{'words': 1}", '{"words": NaN}', '{"words": Infinity}', '{"words": -Infinity}',
        '{"words": "x"} {}', b'{"words": "\xff"}', b"\xef\xbb\xbf{}", '{"words": "x"}'.encode("utf-16"),
        '{"words": "a\nb"}', '{"words": 01}',
    ]  # fmt: skip
    answers = {raw: sent(app, raw) for raw in texts}
    assert {raw: (status, told["code"]) for raw, (status, told) in answers.items()} == dict.fromkeys(
        texts, (400, "malformed_json")
    )


def test_schema_faults(app: Flask) -> None:
    expected = {
        "{}": {"/words required"},
        "[]": {" type"},
        "null": {" type"},
        '"x"': {" type"},
        "1": {" type"},
        '{"words": null}': {"/words null"},
        '{"words": 1}': {"/words type"},
        '{"words": ["x"]}': {"/words type"},
        '{"words": " \\t "}': {"/words blank", "/words length"},
        json.dumps({"words": "x" * 101}): {"/words length"},
        '{"words": "x", "more": 1, "a/b~c": 2}': {"/more unknown_field", "/a~1b~0c unknown_field"},
        '{"words": "x", "lines": {}}': {"/lines type"},
        '{"words": "x", "lines": [1]}': {"/lines/0 type"},
        '{"words": "x", "lines": [{"amount": 1, "code": "a"}, {"amount": -1, "code": "z", "x": 1}]}': {
            "/lines/1/amount range", "/lines/1/code choice", "/lines/1/x unknown_field",
        },
        '{"words": "x", "lines": [{"code": "a"}]}': {"/lines/0/amount required"},
        json.dumps({"words": "x", "lines": [{"amount": 1, "code": "a"}] * 6}): {"/lines length"},
        **{f'{{"words": "x", "urgent": {no}}}': {"/urgent type"} for no in ('"yes"', '"on"', '"T"', "1", "0", "1.0")},
        '{"words": "x", "urgent": null}': {"/urgent null"},
    }  # fmt: skip
    found = {raw: faults(app, raw) for raw in expected}
    assert {raw: {f"{pointer} {rule}" for pointer, rule in of} for raw, of in found.items()} == expected
    assert {rule for of in found.values() for _, rule in of} <= MEANINGS.keys()


def test_a_body_that_is_no_object_is_told_so(app: Flask) -> None:
    assert sent(app, "[]")[1]["errors"] == [{"pointer": "", "rule": "type", "detail": "Send a JSON object."}]


def of_amount(amount: str) -> str:
    return f'{{"words": "x", "lines": [{{"code": "a", "amount": {amount}}}]}}'


def test_amounts_are_whole_fen(app: Flask) -> None:
    rules = {
        "true": "type", '"1"': "type", "1.5": "type", "1.0": "type", "null": "null", "10000000000000": "range",
        "-1": "range", "[]": "type", "1e3": "type",
    }  # fmt: skip
    found = {amount: faults(app, of_amount(amount)) for amount in rules}
    assert found == {amount: {("/lines/0/amount", rule)} for amount, rule in rules.items()}


WRITTEN = [
    "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "\u0915\u094d\u200d\u0937", "\u0dc1\u0dca\u200d\u0dbb\u0dd3",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467", "\U0001f469\U0001f3fd\u200d\u2695\ufe0f",
    "\U0001f3f3\ufe0f\u200d\U0001f308", "\U0001f642\u200d\u2194\ufe0f",
    "\u0628\u064e\u200c\u062e", "\u0915\u093c\u094d\u200d\u0937", "\u0915\u094d\u200c\u0937",
]  # fmt: skip
"""Persian, Devanagari, Sinhala; a family, a physician, a flag, a shaken head; marks between, a halant that is shown."""
HIDDEN = [
    "a\u200db", "\u5f20\u200d\u4e09", "1\u200c2", "\u200c\u0645\u06cc", "\u0645\u06cc\u200c",
    "\u0645\u06cc\u200c \u062e", "\u0645\u200c\u200c\u062e", "\U0001f468\u200d", "\U0001f468\u200da", "a\u00adb",
    "a\u202eb", "a\u2028b", "a\u2029b",
    "\u062f\u200c\u0627", "\u0628\u200c\u0621", "\u0628\u200c\u061f", "\u062f\u064e\u200c\u0627",
    "e\u0301\u200c\u0627", "\u0301\u200c\u0627", "=\u200d=", "^\u200d^", "\u2f00\u200d\u2f06",
    "a\ufe0f\u200d\u2640", "\u5f20\u094d\u200d\u4e09", "\u094d\u200d\u0937", "\u0915\u200d\u094d\u0937",
    "\u0915\u094d\u200ca", "\u0b95\u094d\u200d\u0937",
]  # fmt: skip


def test_joiners_stand_where_scripts_need_them(app: Flask) -> None:
    for words in WRITTEN:
        assert sent(app, json.dumps({"words": words})) == (200, {**NOTHING, "words": words})
    for words in HIDDEN:
        assert faults(app, json.dumps({"words": words})) == {("/words", "unseen")}, ascii(words)


def test_numbers_that_others_read_differently(app: Flask) -> None:
    numbers = [str(2**53), str(2**63), str(-(2**63)), "1" + "0" * 400, "-1" + "0" * 5000, "1e400"]
    found = {number: faults(app, of_amount(number)) for number in numbers}
    assert found == {number: {("/lines/0/amount", "number")} for number in numbers}
    told = {number: sent(app, of_amount(number))[1]["errors"][0]["detail"] for number in numbers}
    assert {number for number, detail in told.items() if str(2**53 - 1) not in detail} == set()


def test_text_that_a_database_refuses(app: Flask) -> None:
    texts = ["\\u0000", "a\\u0000b", "\\ud800", "\\udc00\\ud800", "\\u001b", "\\u007f", "\\uffff"]
    values = {text: faults(app, f'{{"words": "{text}"}}') for text in texts}
    assert values == {text: {("/words", "text")} for text in texts}
    names = {text: faults(app, f'{{"words": "x", "{text}": 1}}') for text in texts}
    assert names == {text: {("", "name")} for text in texts}


def test_text_of_every_plane(app: Flask) -> None:
    assert sent(app, '{"words": " \\ud842\\udfb7野家\\t\\n😀 "}') == (200, {**NOTHING, "words": "𠮷野家\t\n😀"})


@pytest.mark.parametrize("raw", ["[" * DEEP + "]" * DEEP, '{"a":' * DEEP + "1" + "}" * DEEP, "[" * DEEP])
def test_endless_depth(app: Flask, raw: str) -> None:
    assert faults(app, raw) == {("", "depth")}


def test_depth_is_named(app: Flask) -> None:
    [(pointer, rule)] = faults(app, '{"words":' + "[" * 40 + "]" * 40 + "}")
    assert (pointer, rule) == ("/words" + "/0" * 32, "depth")


def test_doubled_names(app: Flask) -> None:
    assert faults(app, '{"words": "a", "words": "b"}') == {("/words", "once")}
    raw = '{"words": "a", "lines": [{"amount": 1, "code": "a", "amount": 2}]}'
    assert faults(app, raw) == {("/lines/0/amount", "once")}


def test_answer_to_many_faults_is_short(app: Flask) -> None:
    many = {f"name{number}": 1 for number in range(50_000)}
    status, members = sent(app, json.dumps(many))
    assert (status, len(members["errors"])) == (422, 50)
    assert faults(app, json.dumps({"words": "x", "n" * 900_000: 1})) == {("", "name")}


@pytest.mark.parametrize(
    ("given", "understood"),
    [
        ("2026-03-01T08:30:00+08:00", "2026-03-01T00:30:00Z"),
        ("2026-03-01t00:30:00.123456z", "2026-03-01T00:30:00.123456Z"),
        ("2024-02-29T23:59:59-00:30", "2024-03-01T00:29:59Z"),
    ],
)
def test_moments_become_utc(app: Flask, given: str, understood: str) -> None:
    assert sent(app, json.dumps({"words": "x", "at": given})) == (200, {**NOTHING, "words": "x", "at": understood})


def test_no_moment(app: Flask) -> None:
    moments: list[object] = [
        "2026-03-01T08:30:00", "2026-03-01", "20260301T083000Z", "2026-W09-7T08:30:00Z", "2026-02-30T00:00:00Z",
        "9999-12-31T16:00:00Z",
        "2026-03-01T24:00:00Z", "2026-03-01T08:30:00+24:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00",
        "2026-03-01 08:30:00Z", "٢٠٢٦-03-01T08:30:00Z", 1772325000, "",
    ]  # fmt: skip
    found = {at: faults(app, json.dumps({"words": "x", "at": at})) for at in moments}
    assert found == {at: {("/at", "moment")} for at in moments}


def test_ids_of_one_kind(app: Flask) -> None:
    assert sent(app, json.dumps({"words": "x", "source": ID})) == (200, {**NOTHING, "words": "x", "source": ID})
    others: list[object] = [ID.replace("note_", "copy_"), ID.upper(), ID + "0", "note_", 7, None, {}]
    for other in others:
        assert faults(app, json.dumps({"words": "x", "source": other})) == {
            ("/source", "null" if other is None else "id")
        }


def refusal(caller: Caller, query: str) -> set[tuple[str, str]]:
    answer = caller.get(f"/edge-notes?{query}")
    assert answer.json
    assert answer.status_code == 422
    return {(fault["pointer"], fault["rule"]) for fault in answer.json["errors"]}


def test_queries(north: Caller) -> None:
    expected = {
        "limit=0": {("/limit", "range")},
        "limit=101": {("/limit", "range")},
        "limit=1_0": {("/limit", "type")},
        "limit=%20%31": {("/limit", "type")},
        "limit=%D9%A1": {("/limit", "type")},
        "limit=" + "9" * 5000: {("/limit", "type")},
        "limit=1.0": {("/limit", "type")},
        "limit=": {("/limit", "type")},
        "limit=1&limit=2": {("/limit", "once")},
        "limt=1": {("/limt", "unknown_field")},
        "cursor=%00": {("/cursor", "text")},
        "%00=1": {("", "text")},
        "cursor=" + "x" * 501: {("/cursor", "length")},
    }
    assert {query: refusal(north, query) for query in expected} == expected
