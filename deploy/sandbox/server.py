"""What every small server of the sandbox shares: JSON over HTTP, one thread per connection, a long queue."""

from __future__ import annotations

import argparse
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

MAX_BODY_BYTES = 64 * 1024
Json = dict[str, Any]


class Refusal(Exception):
    """The request breaks a rule; the text says which. Answered 422."""


@dataclass(frozen=True)
class Answer:
    """What goes back: a status, JSON as bytes, headers beside the usual ones."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)

    @staticmethod
    def of(status: int, value: Any) -> Answer:
        """`value` as JSON."""
        return Answer(status, json.dumps(value).encode())


@dataclass(frozen=True)
class Request:
    """What came in. Header names are in lower case."""

    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body, parsed; raises Refusal."""
        try:
            return json.loads(self.body)
        except ValueError as error:
            raise Refusal("send JSON") from error

    def bears(self, key: str) -> bool:
        """Whether the request carries `key` as its bearer token."""
        given = self.headers.get("authorization", "")
        return hmac.compare_digest(given.encode(), f"Bearer {key}".encode())


Route = Callable[[Request], Answer | None]
"""Answers a request; None closes the connection without an answer."""


def _nothing(_: Request) -> Answer:
    return Answer.of(404, {"error": "not found"})


class Server(ThreadingHTTPServer):
    """A bound server of `routes`, each by its method and path; port 0 takes a free one. Call `serve_forever` on it."""

    request_queue_size = 1024
    daemon_threads = True

    def __init__(self, host: str, port: int, routes: Mapping[tuple[str, str], Route]) -> None:
        super().__init__((host, port), Handler)
        self.routes = dict(routes)


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def do_GET(self) -> None:
        """Answer a read."""
        self._serve()

    def do_POST(self) -> None:
        """Answer an effect."""
        self._serve()

    def _serve(self) -> None:
        address = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(address.path, dict(parse_qsl(address.query)), headers, self._body())
        route = self.server.routes.get((self.command, address.path), _nothing)
        try:
            answer = route(request)
        except Refusal as refusal:
            answer = Answer.of(422, {"error": str(refusal)})
        if answer is None:
            self.close_connection = True
        else:
            self._send(answer)

    def _body(self) -> bytes:
        length = self.headers.get("content-length", "0")
        size = int(length) if length.isdecimal() else MAX_BODY_BYTES + 1
        if size > MAX_BODY_BYTES:
            self.close_connection = True
            return b""
        return self.rfile.read(size)

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        self.send_header("content-length", str(len(answer.body)))
        for name, value in {"content-type": "application/json", **answer.headers}.items():
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("connection", "close")
        self.end_headers()
        self.wfile.write(answer.body)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: a request holds what is somebody's own."""


def arguments(description: str, port: int) -> argparse.ArgumentParser:
    """A command line with the place to listen at, `port` where none is named."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=port, help="0 takes a free one")
    return parser


def serve(server: Server) -> None:
    """Say where the server listens, and serve until stopped."""
    host, port = server.server_address[:2]
    print(f"listening on http://{host!s}:{port}", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()
