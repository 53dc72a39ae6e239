"""Changing what one has seen, and asking only for what is new."""

from typing import Any

import pytest

from tests.edge.caller import Caller
from tests.edge.test_problems import problem


def written(caller: Caller) -> str:
    made = caller.post("/edge-notes", {"words": "first"})
    assert made.headers["ETag"] == '"1"'
    assert made.json
    return f"/edge-notes/{made.json['id']}"


def test_change_of_what_was_seen(north: Caller) -> None:
    path = written(north)
    answer = north.put(path, {"words": "second"}, If_Match='"1"')
    assert (answer.status_code, answer.headers["ETag"]) == (200, '"2"')
    assert north.get(path).headers["ETag"] == '"2"'


def test_stale_version(north: Caller) -> None:
    path = written(north)
    north.put(path, {"words": "second"}, If_Match='"1"')
    problem(north.put(path, {"words": "third"}, If_Match='"1"'), 412, "stale_version")
    problem(north.put(path, {"words": "third"}, If_Match='"3"'), 412, "stale_version")
    assert north.get(path).headers["ETag"] == '"2"'


def test_missing_version(north: Caller) -> None:
    problem(north.put(written(north), {"words": "second"}), 428, "if_match_required")


def test_malformed_version(north: Caller) -> None:
    path = written(north)
    tags = ["*", "1", 'W/"1"', '"1", "2"', '"x"', '"0"', '""', '"01"', '"' + "9" * 17 + '"']
    answers = {tag: north.put(path, {"words": "second"}, If_Match=tag) for tag in tags}
    assert {tag: answer.status_code for tag, answer in answers.items()} == dict.fromkeys(tags, 400)
    for answer in answers.values():
        problem(answer, 400, "malformed_if_match")
    assert north.get(path).headers["ETag"] == '"1"'


def test_repeated_change_replays_although_stale_now(north: Caller) -> None:
    path = written(north)
    same: dict[str, Any] = {"If_Match": '"1"', "Idempotency_Key": "k"}
    first = north.put(path, {"words": "second"}, **same)
    again = north.put(path, {"words": "second"}, **same)
    assert (again.data, again.headers["ETag"], again.headers["Idempotency-Replayed"]) == (first.data, '"2"', "true")
    other = north.put(path, {"words": "second"}, If_Match='"2"', Idempotency_Key="k")
    problem(other, 422, "idempotency_key_reused")


@pytest.mark.parametrize("tags", ['"1"', 'W/"1"', '"7", "1"', "*"])
def test_known_version_is_not_sent_again(north: Caller, tags: str) -> None:
    answer = north.get(written(north), headers={"If-None-Match": tags})
    assert (answer.status_code, answer.data, answer.headers["ETag"]) == (304, b"", '"1"')


@pytest.mark.parametrize("tags", ['"2"', '"11"', "1x", ""])
def test_other_version_is_sent(north: Caller, tags: str) -> None:
    assert north.get(written(north), headers={"If-None-Match": tags}).status_code == 200
