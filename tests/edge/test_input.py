"""What is sent is read strictly, and each fault is named by its place."""

import json
from typing import Any

import pytest
from flask import Flask

from app.core.ids import PublicId, new_id
from app.core.scope import Scope
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
        "{}": {"/words"},
        "[]": {""},
        "null": {""},
        '"x"': {""},
        "1": {""},
        '{"words": null}': {"/words"},
        '{"words": 1}': {"/words"},
        '{"words": ["x"]}': {"/words"},
        '{"words": " \\t "}': {"/words"},
        json.dumps({"words": "x" * 101}): {"/words"},
        '{"words": "x", "more": 1, "a/b~c": 2}': {"/more", "/a~1b~0c"},
        '{"words": "x", "lines": {}}': {"/lines"},
        '{"words": "x", "lines": [1]}': {"/lines/0"},
        '{"words": "x", "lines": [{"amount": 1, "code": "a"}, {"amount": -1, "code": "z", "x": 1}]}': {
            "/lines/1/amount",
            "/lines/1/code",
            "/lines/1/x",
        },
        '{"words": "x", "lines": [{"code": "a"}]}': {"/lines/0/amount"},
        json.dumps({"words": "x", "lines": [{"amount": 1, "code": "a"}] * 6}): {"/lines"},
    }
    assert {raw: faults(app, raw) for raw in expected} == {
        raw: {(pointer, "schema") for pointer in pointers} for raw, pointers in expected.items()
    }


def of_amount(amount: str) -> str:
    return f'{{"words": "x", "lines": [{{"code": "a", "amount": {amount}}}]}}'


def test_amounts_are_whole_fen(app: Flask) -> None:
    amounts = ["true", '"1"', "1.5", "1.0", "null", "10000000000000", "-1", "[]", "1e3"]
    found = {amount: faults(app, of_amount(amount)) for amount in amounts}
    assert found == {amount: {("/lines/0/amount", "schema")} for amount in amounts}


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
    assert found == {at: {("/at", "schema")} for at in moments}


def test_ids_of_one_kind(app: Flask) -> None:
    assert sent(app, json.dumps({"words": "x", "source": ID})) == (200, {**NOTHING, "words": "x", "source": ID})
    others: list[object] = [ID.replace("note_", "copy_"), ID.upper(), ID + "0", "note_", 7, None, {}]
    for other in others:
        assert faults(app, json.dumps({"words": "x", "source": other})) == {("/source", "schema")}


def refusal(caller: Caller, query: str) -> set[tuple[str, str]]:
    answer = caller.get(f"/edge-notes?{query}")
    assert answer.json
    assert answer.status_code == 422
    return {(fault["pointer"], fault["rule"]) for fault in answer.json["errors"]}


def test_queries(north: Caller) -> None:
    expected = {
        "limit=0": {("/limit", "schema")},
        "limit=101": {("/limit", "schema")},
        "limit=1_0": {("/limit", "schema")},
        "limit=%20%31": {("/limit", "schema")},
        "limit=%D9%A1": {("/limit", "schema")},
        "limit=" + "9" * 5000: {("/limit", "schema")},
        "limit=1.0": {("/limit", "schema")},
        "limit=": {("/limit", "schema")},
        "limit=1&limit=2": {("/limit", "once")},
        "limt=1": {("/limt", "schema")},
        "cursor=%00": {("/cursor", "text")},
        "%00=1": {("", "text")},
        "cursor=" + "x" * 501: {("/cursor", "schema")},
    }
    assert {query: refusal(north, query) for query in expected} == expected
