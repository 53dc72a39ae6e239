"""Asking twice does it once."""

import hashlib
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from flask import Flask
from sqlalchemy import Table
from werkzeug.test import TestResponse

from app.core.discovery import due
from app.core.idempotency import FORGETTING, IdempotencyKey
from app.core.unit import unit
from tests.dummy.models import Note
from tests.edge import slice as hard
from tests.edge.caller import Caller
from tests.platform import Platform

NOTES = "/edge-notes"


def words_of(caller: Caller) -> list[str]:
    with unit(caller.tenant) as reading:
        return [note.words for note in reading.all(reading.select(Note))]


def kept(platform: Platform, caller: Caller) -> list[Any]:
    with platform.connection() as connection:
        query = "SELECT name, request, answer FROM idempotency_keys WHERE tenant_id = %s"
        return connection.execute(query, [caller.tenant.tenant]).fetchall()


def test_same_request_replays_same_answer(north: Caller) -> None:
    first = north.post(NOTES, {"words": "one"}, key="k")
    second = north.post(NOTES, {"words": "one"}, key="k")
    assert (first.status_code, first.data) == (second.status_code, second.data) == (201, first.data)
    assert "Idempotency-Replayed" not in first.headers
    assert second.headers["Idempotency-Replayed"] == "true"
    varying = {"Idempotency-Replayed", "X-Request-Id"}
    assert {h for h in first.headers if h[0] not in varying} == {h for h in second.headers if h[0] not in varying}
    assert words_of(north) == ["one"]


def test_other_request_with_same_key_is_refused(north: Caller) -> None:
    north.post(NOTES, {"words": "one"}, key="k")
    for other in (north.post(NOTES, {"words": "two"}, key="k"), north.post(f"{NOTES}?x", {"words": "one"}, key="k")):
        assert (other.status_code, other.json and other.json["code"]) == (422, "idempotency_key_reused")
    assert words_of(north) == ["one"]


def test_json_counts_by_what_it_says(north: Caller) -> None:
    same, again = b'{"words": "one", "urgent": true}', b'{ "urgent" :true,"words":"\\u006fne"}'
    answers = [
        north.post(NOTES, key="k", data=text, content_type="application/json").status_code
        for text in (same, again, same.replace(b"true", b"false"))
    ]
    assert answers == [201, 201, 422]
    assert words_of(north) == ["one"]


def test_a_key_of_the_release_before_is_repeated(platform: Platform, north: Caller) -> None:
    text = b'{"words": "one",  "urgent": true}'
    made = north.post(NOTES, key="k", data=text, content_type="application/json")
    former = "\n".join(("POST", f"/api/v1{NOTES}?", "", hashlib.sha256(text).hexdigest()))
    with unit(north.tenant) as reading, platform.connection() as connection:
        told = reading.blind.digest("idempotency_request", former)
        change = "UPDATE idempotency_keys SET request = %s WHERE tenant_id = %s"
        connection.execute(change, [told, north.tenant.tenant])
    assert north.post(NOTES, key="k", data=text, content_type="application/json").data == made.data
    assert north.post(NOTES, {"words": "one", "urgent": True}, key="k").status_code == 422


def test_no_body_and_an_empty_object_are_the_same(north: Caller) -> None:
    def ask(body: bytes, kind: str | None = "application/json") -> tuple[int, str, list[Any]]:
        answer = north.post("/edge-secrets", key="k", data=body, content_type=kind)
        told: Any = answer.json
        return answer.status_code, told.get("detail") or told.get("code", ""), told.get("errors", [])

    assert [ask(body)[0] for body in (b"", b"{}", b" {\n} ")] == [201, 201, 201]
    assert len(words_of(north)) == 1
    assert ask(b"{}", "text/plain") == (415, "this request takes no body", [])
    assert ask(b"{")[:1] == (400,)
    for body, pointer, rule in ((b'{"a": 1}', "/a", "unknown_field"), (b"null", "", "type"), (b"[]", "", "type")):
        status, _, [fault] = ask(body)
        assert (status, fault["pointer"], fault["rule"]) == (422, pointer, rule)


def test_keys_belong_to_principal_and_tenant(app: Flask, north: Caller, south: Caller) -> None:
    colleague = Caller(app, tenant=north.tenant)
    answers = [caller.post(NOTES, {"words": "same"}, key="k") for caller in (north, colleague, south)]
    assert [answer.status_code for answer in answers] == [201, 201, 201]
    assert len({answer.data for answer in answers}) == 3
    assert (words_of(north), words_of(south)) == (["same", "same"], ["same"])


def test_fifty_at_once_have_one_effect(north: Caller) -> None:
    together = threading.Barrier(50)

    def ask(_: int) -> TestResponse:
        together.wait(20)
        return north.post(NOTES, {"words": "once"}, key="k")

    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(ask, range(50)))
    done = [answer for answer in answers if answer.status_code == 201]
    assert len({answer.data for answer in done}) == 1
    assert sum("Idempotency-Replayed" not in answer.headers for answer in done) == 1
    for late in (answer for answer in answers if answer.status_code != 201):
        assert late.status_code in (409, 503)
        assert late.headers["Retry-After"]
    assert words_of(north) == ["once"]
    assert north.post(NOTES, {"words": "once"}, key="k").data == done[0].data


def test_duplicate_of_running_request_is_told_to_come_back(north: Caller) -> None:
    hard.entered.clear()
    hard.leave.clear()
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(north.post, NOTES, {"words": "wait"}, key="k")
        try:
            assert hard.entered.wait(10)
            second = north.post(NOTES, {"words": "wait"}, key="k")
        finally:
            hard.leave.set()
        assert first.result(10).status_code == 201
    assert (second.status_code, second.json and second.json["code"]) == (409, "idempotency_key_in_use")
    assert second.headers["Retry-After"] == "1"
    assert north.post(NOTES, {"words": "wait"}, key="k").data == first.result().data
    assert words_of(north) == ["wait"]


@pytest.mark.parametrize("key", [None, "", "x" * 256, "schlüssel", "with space", "tab\tkey"])
def test_key_is_required_and_plain(north: Caller, key: str | None) -> None:
    headers = north.headers({} if key is None else {"Idempotency-Key": key})
    answer = north.web.post("/api/v1/edge-notes", json={"words": "one"}, headers=headers)
    assert (answer.status_code, answer.json and answer.json["code"]) == (400, "idempotency_key_required")
    assert words_of(north) == []


def test_longest_key_is_taken(north: Caller) -> None:
    assert north.post(NOTES, {"words": "one"}, key="~" * 255).status_code == 201


@pytest.mark.parametrize(("body", "status"), [({"words": "conflict"}, 409), ({"words": ""}, 422)])
def test_failure_leaves_no_key(platform: Platform, north: Caller, body: dict[str, str], status: int) -> None:
    assert north.post(NOTES, body, key="k").status_code == status
    assert kept(platform, north) == []
    assert north.post(NOTES, {"words": "better"}, key="k").status_code == 201


def test_refusal_is_remembered_and_replayed(north: Caller) -> None:
    first = north.post(NOTES, {"words": "refuse"}, key="k")
    second = north.post(NOTES, {"words": "refuse"}, key="k")
    assert (first.status_code, first.content_type) == (409, "application/problem+json")
    assert (second.data, second.headers["Idempotency-Replayed"]) == (first.data, "true")
    assert words_of(north) == ["refuse"]


def test_key_is_free_after_a_day(platform: Platform, north: Caller) -> None:
    north.post(NOTES, {"words": "one"}, key="k")
    age(platform, north, "23 hours 59 minutes")
    assert north.post(NOTES, {"words": "two"}, key="k").status_code == 422
    age(platform, north, "2 minutes")
    answer = north.post(NOTES, {"words": "two"}, key="k")
    assert (answer.status_code, "Idempotency-Replayed" in answer.headers) == (201, False)
    assert north.post(NOTES, {"words": "two"}, key="k").data == answer.data
    assert words_of(north) == ["one", "two"]


def age(platform: Platform, caller: Caller, by: str) -> None:
    with platform.connection() as connection:
        change = "UPDATE idempotency_keys SET due_at = due_at - %s::interval WHERE tenant_id = %s"
        connection.execute(change, [by, caller.tenant.tenant])


def test_permission_is_checked_before_replay(platform: Platform, north: Caller) -> None:
    north.post(NOTES, {"words": "one"}, key="k")
    with platform.connection() as connection:
        change = """UPDATE oauth_clients SET permissions = '["edge.read"]' WHERE tenant_id = %s"""
        connection.execute(change, [north.tenant.tenant])
    assert north.post(NOTES, {"words": "one"}, key="k").status_code == 403


def test_kept_answer_and_request_are_unreadable(platform: Platform, north: Caller) -> None:
    answer = north.post(NOTES, {"words": "confidential"}, key="k")
    assert answer.json
    [(name, request, sealed)] = kept(platform, north)
    assert name == "k"
    for plain in ("confidential", answer.json["id"], "edge-notes"):
        assert plain.encode() not in bytes(sealed)
        assert plain not in request


def test_secret_is_shown_once(north: Caller) -> None:
    first = north.post("/edge-secrets", key="k")
    second = north.post("/edge-secrets", key="k")
    assert first.json
    assert first.json["client_secret"] == "once-and-never-again"
    assert "Idempotency-Omitted" not in first.headers
    assert second.json == {"id": first.json["id"]}
    assert (second.status_code, second.headers["Idempotency-Omitted"]) == (201, "client_secret")
    assert words_of(north) == ["secret"]


def test_public_effect_needs_no_key(app: Flask) -> None:
    answer = app.test_client().post("/api/v1/edge-echoes", json={"words": "hello"})
    assert (answer.status_code, answer.json) == (200, {"words": "hello", "at": None, "source": None})


def test_old_keys_are_forgotten(platform: Platform, north: Caller) -> None:
    north.post(NOTES, {"words": "one"}, key="old")
    age(platform, north, "25 hours")
    north.post(NOTES, {"words": "two"}, key="fresh")
    table = cast(Table, IdempotencyKey.__table__)
    assert north.tenant in due(platform.discovery, {table: ()}, datetime.now(UTC))[table]
    assert FORGETTING.task(north.tenant) == 1
    assert [name for name, _, _ in kept(platform, north)] == ["fresh"]
