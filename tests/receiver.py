"""A webhook receiver on the loopback, which can be told to misbehave."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from app.core.ids import new_id
from app.core.scope import Scope
from app.core.send.models import Endpoint, EndpointState
from app.core.send.secrets import new_secret, seal_secret
from app.core.unit import Unit, run

WAIT_SECONDS = 20


@dataclass(frozen=True)
class Heard:
    """One request that arrived."""

    headers: dict[str, str]
    body: str

    @property
    def id(self) -> str:
        """The message's id."""
        return self.headers["webhook-id"]


Answer = int | tuple[int, dict[str, str]]
"""A status, perhaps with headers."""
Behavior = Callable[[Heard, int], Answer]
"""What to answer, given the request and how many came before; may take its time, others are answered meanwhile."""


@dataclass
class Receiver:
    """Keeps what it hears; `behavior` chooses the answer."""

    behavior: Behavior = lambda heard, before: 204
    heard: list[Heard] = field(default_factory=list)
    port: int = 0
    _arrived: threading.Condition = field(default_factory=threading.Condition)

    def start(self) -> None:
        """Listen on a free port, after a stop on the same again."""
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), self._handler())
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}/hook"

    def stop(self) -> None:
        """Listen no more."""
        self._server.shutdown()
        self._server.server_close()

    def wait(self, count: int, seconds: float = WAIT_SECONDS) -> list[Heard]:
        """What was heard, once it is `count` requests; raises TimeoutError."""
        deadline = time.monotonic() + seconds
        with self._arrived:
            while len(self.heard) < count:
                if not self._arrived.wait(deadline - time.monotonic()):
                    raise TimeoutError(f"heard {len(self.heard)} of {count}")
            return list(self.heard)

    def _take(self, heard: Heard) -> tuple[int, dict[str, str]]:
        with self._arrived:
            before = len(self.heard)
            self.heard.append(heard)
            self._arrived.notify_all()
        answer = self.behavior(heard, before)
        return answer if isinstance(answer, tuple) else (answer, {})

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"])).decode()
                status, headers = receiver._take(Heard({k.lower(): v for k, v in self.headers.items()}, body))
                self.send_response(status)
                for name, value in ({"content-length": "0"} | headers).items():
                    self.send_header(name, value)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        return Handler


def hear(scope: Scope, url: str, types: list[str]) -> str:
    """Give the tenant of `scope` an active endpoint at `url`; returns its secret."""
    secret = new_secret()

    def work(unit: Unit) -> None:
        endpoint_id = new_id()
        unit.add(
            Endpoint(
                id=endpoint_id, url=url, types=types, state=EndpointState.ACTIVE, version=1, created_at=unit.now,
                secret=seal_secret(unit.cipher, scope, endpoint_id, secret),
            )
        )  # fmt: skip

    run(scope, work)
    return secret
