"""`python -m deploy.sandbox.listener --platform URL --client-id ID --types a.b,c.d --port N`; secret in CLIENT_SECRET.

`GET /sandbox/heard` shows what was heard; `POST /sandbox/refusals` with `{"next": 3}` makes it seem down.

Each start registers an endpoint of its own: the secret of an earlier one was shown once and is gone, so that one cannot
be used again. What happened before is taken from the feed.
"""

import argparse
import json
import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from deploy.sandbox.listener.inbox import Forged, Inbox
from deploy.sandbox.listener.platform import Platform, Refused

MAX_BODY = 64 * 1024
HINT = "Every start makes a new endpoint, since the secret of an earlier one cannot be had again; disable those."


def handler(inbox: Inbox) -> type[BaseHTTPRequestHandler]:
    """The HTTP side of `inbox`."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(min(int(self.headers.get("content-length", "0")), MAX_BODY))
            if self.path == "/sandbox/refusals":
                inbox.refusals = int(json.loads(body)["next"])
                return self._answer(200, b"{}")
            try:
                status, answer = inbox.take({k.lower(): v for k, v in self.headers.items()}, body)
            except Forged:
                return self._answer(401, b"{}")
            return self._answer(status, json.dumps(answer).encode())

        def do_GET(self) -> None:
            self._answer(200, inbox.shown())

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    return Handler


def main() -> None:
    """Listen, register, prove, and go on listening."""
    parser = argparse.ArgumentParser()
    for name in ("--platform", "--client-id", "--types"):
        parser.add_argument(name, required=True)
    parser.add_argument("--port", type=int, required=True)
    given = parser.parse_args()
    inbox = Inbox()
    server = ThreadingHTTPServer(("127.0.0.1", given.port), handler(inbox))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    platform = Platform(given.platform, given.client_id, os.environ["CLIENT_SECRET"])
    try:
        join(platform, inbox, f"http://127.0.0.1:{given.port}/hooks", given.types.split(","))
    except Refused as refused:
        sys.exit(f"{refused}\n{HINT}")
    print("listening", flush=True)
    threading.Event().wait()


def join(platform: Platform, inbox: Inbox, url: str, types: list[str]) -> None:
    """Register and prove an endpoint, then take what was missed before; raises Refused."""
    endpoint_id, inbox.secret = platform.register_endpoint(url, types)
    platform.verify_endpoint(endpoint_id)
    for event in platform.events():
        if event["type"] in types:
            inbox.catch_up(event)


main()
