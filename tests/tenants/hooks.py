"""A receiver for challenges and hooks: it answers as it is told to."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook

Reply = tuple[int, dict[str, str], bytes]


@dataclass(frozen=True)
class Message:
    """One request as it arrived."""

    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> dict[str, Any]:
        """What it says."""
        event: dict[str, Any] = json.loads(self.body)
        return event

    def verified(self, secret: str) -> dict[str, Any]:
        """What it says, once its signature holds; raises where it does not."""
        event: dict[str, Any] = Webhook(secret).verify(self.body, self.headers)
        return event


def echo(message: Message) -> Reply:
    """Answer a challenge as a receiver must, and an event with 200."""
    return 200, {}, json.dumps({"nonce": message.event["data"].get("nonce")}).encode()


@dataclass
class Receiver:
    """Keeps what it hears; `answer` says what comes back, and may take its time."""

    answer: Callable[[Message], Reply] = echo
    heard: list[Message] = field(default_factory=list)
    url: str = ""

    @property
    def events(self) -> list[Message]:
        """What was heard beside challenges."""
        return [one for one in self.heard if one.event["type"] != "endpoint.verification"]


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver that listens."""
    made = Receiver()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            message = Message({name.lower(): value for name, value in self.headers.items()}, body)
            made.heard.append(message)
            status, headers, answer = made.answer(message)
            self.send_response(status)
            for name, value in {"content-length": str(len(answer)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    made.url = f"http://127.0.0.1:{server.server_address[1]}/hooks"
    yield made
    server.shutdown()
    server.server_close()
