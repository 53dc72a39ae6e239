"""What every request gets, and what is never written about it."""

import json
import re
import socket
from contextlib import closing
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest
import requests
from flask import Flask

from app.edge.requests import MAX_BODY
from deploy.stack import Stack
from tests.edge.caller import Caller
from tests.platform import Platform

WORD = "Zaubernuss"


def test_request_id_is_echoed_and_recorded(platform: Platform, north: Caller) -> None:
    answer = north.post("/edge-notes", {"words": "one"}, headers={"X-Request-Id": "caller-made.id_1"})
    assert answer.headers["X-Request-Id"] == "caller-made.id_1"
    with platform.connection() as connection:
        query = "SELECT request_id, actor FROM journal_pending WHERE tenant_id = %s AND type = 'edge.written'"
        entries = connection.execute(query, [north.tenant.tenant]).fetchall()
    assert entries == [("caller-made.id_1", f"client:{north.id}")]


@pytest.mark.parametrize("given", ["", "short", "x" * 65, "with space in it", "quote'quote", "<script></script>"])
def test_other_request_ids_are_made(app: Flask, given: str) -> None:
    web = app.test_client()
    made = {web.get("/healthz", headers={"X-Request-Id": given}).headers["X-Request-Id"] for _ in range(2)}
    assert len(made) == 2
    assert all(re.fullmatch(r"[0-9a-f-]{36}", one) for one in made)


@pytest.mark.parametrize("path", ["/healthz", "/api/v1/edge-notes", "/nowhere"])
def test_answers_are_private(app: Flask, path: str) -> None:
    headers = app.test_client().get(path).headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; ")


def echoed(stack: Stack, pieces: list[bytes], **headers: str) -> tuple[int, dict[str, object]]:
    """Status and body of the answer to a body that is sent in `pieces`."""
    with closing(HTTPConnection(urlsplit(stack.url).netloc, timeout=20)) as connection:
        connection.putrequest("POST", "/api/v1/edge-echoes")
        for name, value in {"Content_Type": "application/json", **headers}.items():
            connection.putheader(name.replace("_", "-"), value)
        connection.endheaders()
        for piece in pieces:
            connection.send(piece)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())


def chunks(text: bytes) -> list[bytes]:
    """`text` as HTTP chunks of 64 KiB, with their end."""
    parts = [text[start : start + 0x10000] for start in range(0, len(text), 0x10000)]
    return [*(b"%x\r\n%s\r\n" % (len(part), part) for part in parts), b"0\r\n\r\n"]


def test_body_is_bounded(stack: Stack) -> None:
    status, members = echoed(stack, [], Content_Length="10000000")
    assert (status, members["code"]) == (413, "request_too_large")


def test_chunked_body_is_bounded(stack: Stack) -> None:
    body = b'{"words": "x"}'
    assert echoed(stack, chunks(body), Transfer_Encoding="chunked") == (200, {"words": "x", "at": None, "source": None})
    for extra in (0, 1, 0x10000):  # what would be left of it at the limit is the JSON above
        long = chunks(body.ljust(MAX_BODY) + b"!" * extra)
        status, members = echoed(stack, long, Transfer_Encoding="chunked")
        assert (status, members["code"]) == (413, "request_too_large")


def test_endless_body_is_not_awaited(stack: Stack) -> None:
    status, members = echoed(stack, chunks(b"x" * MAX_BODY)[:-1], Transfer_Encoding="chunked")
    assert (status, members["code"]) == (413, "request_too_large")


def test_broken_chunks(stack: Stack) -> None:
    status, members = echoed(stack, [b"zz\r\n"], Transfer_Encoding="chunked")
    assert (status, members["code"]) == (400, "malformed_request")


def test_logs_hold_nothing_of_a_request(stack: Stack, north: Caller) -> None:
    url, auth = f"{stack.url}/api/v1", north.headers({"X-Custom": WORD, "User-Agent": WORD, "Idempotency-Key": WORD})
    json_body, refused = {"words": WORD}, {WORD: WORD}
    for path in (f"/edge-notes/{WORD}?q={WORD}", f"/edge-defects/{WORD}", f"/edge-refused-values/{WORD}", f"/{WORD}"):
        requests.get(url + path, headers=auth, timeout=20)
    for body in (json_body, refused):
        requests.post(f"{url}/edge-notes?{WORD}", json=body, headers=auth, timeout=20)
    requests.post(f"{url}/edge-notes", data=WORD, headers=auth, timeout=20)
    requests.request(WORD, f"{url}/edge-notes", headers=auth, timeout=20)
    requests.get(f"{url}/edge-notes", headers={"Authorization": f"Bearer {WORD}"}, timeout=20)
    for raw in (f"GET /{WORD} HTTP/9.9\r\n\r\n", f"{WORD}\r\n\r\n", f"GET / HTTP/1.1\r\n{WORD}\x01: {WORD}\r\n\r\n"):
        assert b"400" in spoken(stack, raw)
    log = stack._processes[0].log.read_text()
    assert WORD not in log
    assert north.token not in log
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    assert {"/api/v1/edge-defects/<word>"} <= {line.get("rule") for line in lines}
    defects = [line for line in lines if line["event"] == "defect"]
    assert {line["trace"][0] for line in defects} == {"RuntimeError", "DataError"}
    asked = {line["request_id"] for line in lines if line["event"] == "request" and line["status"] == 500}
    assert {line["request_id"] for line in defects} == asked
    assert log.count("Invalid request\n") == 3


def spoken(stack: Stack, raw: str) -> bytes:
    """What the server says to `raw`."""
    with socket.create_connection(("127.0.0.1", stack.port), timeout=10) as peer:
        peer.sendall(raw.encode())
        return peer.recv(4096)
