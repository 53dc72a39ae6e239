"""A small stand-in of the platform's API as a real HTTP server: what an integrator meets, with faults on demand."""

import base64
import json
import re
import secrets
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

import requests
from standardwebhooks import Webhook

from deploy.demo.listening import Credentials

Json = dict[str, Any]
CLIENT = Credentials("cli_1", "secret_1")


class Problem(Exception):
    """A refusal with its status and code."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status, self.code = status, code


@dataclass(frozen=True)
class Call:
    """One effect or read that reached the domain."""

    method: str
    path: str
    body: Json
    key: str
    if_match: str


@dataclass
class Endpoint:
    """A registered endpoint."""

    id: str
    url: str
    types: list[str]
    secret: str
    state: str = "unverified"


Act = Callable[[re.Match[str], Call], Json]


@dataclass
class StandIn(AbstractContextManager["StandIn"]):
    """The platform as one client of one tenant sees it."""

    routes: list[tuple[str, str, Act]] = field(default_factory=list)
    """Method, pattern of the path below /api/v1, what happens."""
    calls: list[Call] = field(default_factory=list)
    endpoints: list[Endpoint] = field(default_factory=list)
    feed: list[Json] = field(default_factory=list)
    failing: list[tuple[str, int | None]] = field(default_factory=list)
    """For the next effect whose path has this end: a status instead of it, or None for a lost answer after it."""
    sign_ins: int = 0
    _token: str = ""
    _kept: dict[str, tuple[str, int, Json]] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def __enter__(self) -> Self:
        self.routes += [
            ("POST", r"/webhook-endpoints", self._register),
            ("POST", r"/webhook-endpoints/(\w+)/verification", self._verify),
            ("POST", r"/webhook-endpoints/(\w+)/disabling", self._disable),
        ]
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        return self

    def __exit__(self, *raised: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def event(self, type: str, subject: str, **data: Any) -> Json:
        """Something happened: it stands in the feed from now on."""
        with self._lock:
            made = {
                "id": f"evt_{secrets.token_hex(8)}", "type": type, "schema_version": "1", "subject": subject,
                "timestamp": "2026-11-22T08:00:00.000Z", "seq": len(self.feed) + 1, "subject_version": 1, "data": data,
            }  # fmt: skip
            self.feed.append(made)
        return made

    def deliver(self, event: Json, secret: str = "") -> int:
        """Send the event's hook to the endpoint that was proven last; returns the status of the answer."""
        return self._send(self.endpoints[-1], event, secret).status_code

    def forget_tokens(self) -> None:
        """Every access token has run out."""
        self._token = ""

    def made(self, path: str) -> list[Call]:
        """The effects at paths with this end."""
        return [call for call in self.calls if call.method == "POST" and call.path.endswith(path)]

    def answer(self, method: str, target: str, headers: dict[str, str], body: bytes) -> tuple[int, Json] | None:
        """Status and body; None closes the connection."""
        address = urlsplit(target)
        if address.path == "/oauth/token":
            return self._sign_in(headers)
        if not self._token or headers.get("authorization") != f"Bearer {self._token}":
            return 401, {"code": "unauthenticated"}
        path = address.path.removeprefix("/api/v1")
        if path == "/events":
            after = int(parse_qs(address.query)["after"][0])
            rows = [one for one in self.feed if one["seq"] > after][:2]
            return 200, {"data": rows, "next_after": rows[-1]["seq"] if rows else after}
        call = Call(
            method, path, json.loads(body or b"{}"), headers.get("idempotency-key", ""), headers.get("if-match", "")
        )
        return self._effect(call) if method == "POST" else self._run(call)

    def _effect(self, call: Call) -> tuple[int, Json] | None:
        fault: int | None = 0
        with self._lock:
            if self.failing and call.path.endswith(self.failing[0][0]):
                fault = self.failing.pop(0)[1]
            if fault:
                code = "idempotency_key_in_use" if fault == 409 else "try_later"
                return fault, {"code": code}
            same = repr((call.path, call.body, call.if_match))
            if call.key in self._kept and self._kept[call.key][0] != same:
                return 422, {"code": "idempotency_key_reused"}
            if call.key in self._kept:
                return self._kept[call.key][1:]
            status, said = self._run(call)
            shown_again = {name: value for name, value in said.items() if name != "secret"}
            self._kept[call.key] = (same, status, shown_again)
        return None if fault is None else (status, said)

    def _run(self, call: Call) -> tuple[int, Json]:
        self.calls.append(call)
        for method, pattern, act in self.routes:
            found = re.fullmatch(pattern, call.path)
            if found and method == call.method:
                try:
                    return 200, act(found, call)
                except Problem as problem:
                    return problem.status, {"code": problem.code}
        return 404, {"code": "not_found"}

    def _sign_in(self, headers: dict[str, str]) -> tuple[int, Json]:
        wanted = base64.b64encode(f"{CLIENT.id}:{CLIENT.secret}".encode()).decode()
        if headers.get("authorization") != f"Basic {wanted}":
            return 401, {"error": "invalid_client"}
        self.sign_ins += 1
        self._token = secrets.token_hex(8)
        return 200, {"access_token": self._token}

    def _register(self, _: re.Match[str], call: Call) -> Json:
        secret = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
        made = Endpoint(f"whe_{secrets.token_hex(4)}", call.body["url"], call.body["types"], secret)
        self.endpoints.append(made)
        return {"endpoint": {"id": made.id, "state": made.state}, "secret": secret}

    def _verify(self, found: re.Match[str], _: Call) -> Json:
        endpoint = self._endpoint(found[1])
        if endpoint.state == "broken":
            raise Problem(409, "endpoint_unproven")
        nonce = secrets.token_hex(8)
        challenge = {"id": f"evt_{nonce}", "type": "endpoint.verification", "data": {"nonce": nonce}}
        answer = self._send(endpoint, challenge)
        if answer.status_code != 200 or answer.json() != {"nonce": nonce}:
            raise Problem(422, "endpoint_unproven")
        endpoint.state = "active"
        return {"id": endpoint.id, "state": "active"}

    def _disable(self, found: re.Match[str], _: Call) -> Json:
        self._endpoint(found[1]).state = "disabled"
        return {"id": found[1], "state": "disabled"}

    def _endpoint(self, id: str) -> Endpoint:
        for endpoint in self.endpoints:
            if endpoint.id == id and endpoint.state != "deleted":
                return endpoint
        raise Problem(404, "not_found")

    def _send(self, endpoint: Endpoint, event: Json, secret: str = "") -> requests.Response:
        body, now = json.dumps(event), datetime.now(UTC)
        headers = {
            "content-type": "application/json", "webhook-id": event["id"],
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": Webhook(secret or endpoint.secret).sign(event["id"], now, body),
        }  # fmt: skip
        return requests.post(endpoint.url, data=body, headers=headers, timeout=10)


def _handler(standin: StandIn) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            self._serve()

        def do_POST(self) -> None:
            self._serve()

        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
            headers = {name.lower(): value for name, value in self.headers.items()}
            answer = standin.answer(self.command, self.path, headers, body)
            if answer is None:
                self.close_connection = True
                return
            text = json.dumps(answer[1]).encode()
            self.send_response(answer[0])
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    return Handler
