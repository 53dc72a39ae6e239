"""Lists in pages."""

from collections.abc import Iterator

import pytest

from tests.edge.caller import Caller
from tests.edge.test_problems import problem
from tests.platform import Platform

LISTS = ("/edge-notes", "/edge-keys")


def write(caller: Caller, *words: str) -> None:
    for word in words:
        assert caller.post("/edge-notes", {"words": word}, key=word).status_code == 201


def pages(caller: Caller, path: str, limit: int) -> Iterator[list[dict[str, str]]]:
    """Every page, following the cursors."""
    cursor: str | None = ""
    while cursor is not None:
        answer = caller.get(path, query_string={"limit": limit, "cursor": cursor})
        assert answer.status_code == 200, answer.data
        assert answer.json
        yield answer.json["data"]
        cursor = answer.json["next_cursor"]


def test_every_row_once_in_order(north: Caller, south: Caller) -> None:
    write(north, *"abcdefg")
    write(south, "theirs")
    found = list(pages(north, "/edge-keys", 3))
    assert [[row["name"] for row in page] for page in found] == [["g", "f", "e"], ["d", "c", "b"], ["a"]]
    ids = [row["id"] for page in pages(north, "/edge-notes", 2) for row in page]
    assert (ids, len(set(ids))) == (sorted(ids), 7)


def test_equal_times_are_told_apart(platform: Platform, north: Caller) -> None:
    write(north, *"abcde")
    with platform.connection() as connection:
        change = "UPDATE idempotency_keys SET due_at = now() WHERE tenant_id = %s"
        connection.execute(change, [north.tenant.tenant])
    assert [row["name"] for page in pages(north, "/edge-keys", 2) for row in page] == list("edcba")


def test_rows_added_meanwhile_shift_nothing(north: Caller) -> None:
    write(north, *"abcd")
    walk = pages(north, "/edge-keys", 2)
    first = next(walk)
    write(north, "e", "f")
    assert [row["name"] for page in (first, *walk) for row in page] == list("dcba")


@pytest.mark.parametrize("path", LISTS)
def test_empty_and_exactly_full(north: Caller, path: str) -> None:
    assert north.get(path).json == {"data": [], "next_cursor": None}
    write(north, "a", "b")
    assert [len(page) for page in pages(north, path, 2)] == [2]


def test_limit_is_twenty_unless_said(north: Caller) -> None:
    write(north, *(f"{number:02}" for number in range(21)))
    assert [len(page) for page in pages(north, "/edge-notes", 100)] == [21]
    answer = north.get("/edge-notes").json
    assert answer
    assert len(answer["data"]) == 20


def test_strange_cursors(north: Caller, south: Caller) -> None:
    write(north, "a", "b", "c")
    write(south, "a", "b", "c")
    answer = north.get("/edge-notes?limit=1").json
    assert answer
    cursor = answer["next_cursor"]
    middle = len(cursor) // 2
    altered = cursor[:middle] + ("A" if cursor[middle] != "A" else "B") + cursor[middle + 1 :]
    for strange in (altered, cursor[:-4], cursor + "AAAA", "x", "é", "....", "A" * 40):
        problem(north.get("/edge-notes", query_string={"cursor": strange}), 400, "malformed_cursor")
    problem(south.get("/edge-notes", query_string={"cursor": cursor}), 400, "malformed_cursor")
    problem(north.get("/edge-keys", query_string={"cursor": cursor}), 400, "malformed_cursor")
    for plain in ("limit", str(north.tenant.tenant)):
        assert plain not in cursor
