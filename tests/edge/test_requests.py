"""What every request gets, and what is never written about it."""

import json
import re
import socket
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest
import requests
from flask import Flask

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
    assert headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"


def test_chunked_body_is_bounded(stack: Stack, north: Caller) -> None:
    connection = HTTPConnection(urlsplit(stack.url).netloc, timeout=20)
    connection.putrequest("POST", "/api/v1/edge-echoes")
    connection.putheader("Content-Type", "application/json")
    connection.putheader("Transfer-Encoding", "chunked")
    connection.endheaders()
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    for _ in range(17):  # one piece more than is allowed, and no end
        connection.send(chunk)
    answer = connection.getresponse()
    assert (answer.status, json.loads(answer.read())["code"]) == (413, "request_too_large")
    connection.close()


def test_declared_length_is_bounded(stack: Stack) -> None:
    connection = HTTPConnection(urlsplit(stack.url).netloc, timeout=20)
    connection.putrequest("POST", "/api/v1/edge-echoes")
    connection.putheader("Content-Type", "application/json")
    connection.putheader("Content-Length", "10000000")
    connection.endheaders()
    answer = connection.getresponse()
    assert (answer.status, json.loads(answer.read())["code"]) == (413, "request_too_large")
    connection.close()


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
