"""The HTTP server: one thread per connection, and a queue that takes a few hundred at once."""

from __future__ import annotations

import hmac
import json
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from deploy.sandbox.registry.state import Count, Faults, Json, Refusal, verdict

MAX_BODY_BYTES = 64 * 1024


class Server(ThreadingHTTPServer):
    """A bound registry; port 0 takes a free one. Call ``serve_forever`` on it."""

    request_queue_size = 1024
    daemon_threads = True

    def __init__(self, host: str, port: int, api_key: str) -> None:
        super().__init__((host, port), Handler)
        self.api_key = api_key
        self.asked = Count()
        self.faults = Faults()


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server: Server

    def do_GET(self) -> None:
        """Tell how often the registry was asked."""
        if self.path != "/sandbox/asked":
            return self._answer(404, {"error": "not found"})
        return self._answer(200, {"asked": self.server.asked.value})

    def do_POST(self) -> None:
        """Verify somebody, or set the dial."""
        body = self._body()
        try:
            if self.path == "/verifications":
                self._verify(body)
            elif self.path == "/sandbox/faults":
                self.server.faults.set(_parsed(body))
                self._answer(200, {"status": "set"})
            else:
                self._answer(404, {"error": "not found"})
        except Refusal as refusal:
            self._answer(422, {"error": str(refusal)})

    def _verify(self, body: bytes) -> None:
        given, wanted = self.headers.get("authorization", ""), f"Bearer {self.server.api_key}"
        if not hmac.compare_digest(given.encode(), wanted.encode()):
            return self._answer(401, {"error": "unknown key"})
        self.server.asked.add()
        if self.server.faults.take("http_500"):
            return self._answer(500, {"error": "something broke"})
        found = verdict(_parsed(body))
        time.sleep(self.server.faults.delay)
        if self.server.faults.take("drop"):
            self.close_connection = True
            return None
        return self._answer(200, {"result": "perhaps" if self.server.faults.take("lie") else found})

    def _body(self) -> bytes:
        length = self.headers.get("content-length", "0")
        size = int(length) if length.isdecimal() else MAX_BODY_BYTES + 1
        if size > MAX_BODY_BYTES:
            self.close_connection = True
            return b""
        return self.rfile.read(size)

    def _answer(self, status: int, body: Json) -> None:
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(text)))
        if self.close_connection:
            self.send_header("connection", "close")
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: a request holds somebody's identity."""


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError as error:
        raise Refusal("send JSON") from error
