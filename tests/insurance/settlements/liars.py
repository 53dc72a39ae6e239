"""A scheme that says what it is told to say."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from insurance.connectors.wire import sign

KEY = "key of an institution"
Stamp = Callable[[bytes], dict[str, str]]


def signed(body: bytes, key: str = KEY, at: float = 0.0) -> dict[str, str]:
    """The proof of an answer, `at` seconds from now."""
    stamp = str(int(time.time() + at))
    return {"X-Timestamp": stamp, "X-Signature": sign(key, stamp, body)}


@dataclass
class Liar:
    """Answers everything with the same words."""

    said: Any = None
    status: int = 200
    stamp: Stamp = signed
    asked: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    url: str = ""

    def says(self, output: Any, status: int = 200, stamp: Stamp = signed) -> None:
        """Answer so from now on."""
        self.said, self.status, self.stamp = {"infcode": 0, "output": output}, status, stamp

    def refuses(self, code: str) -> None:
        """Say no from now on."""
        self.says(None)
        self.said = {"infcode": -1, "err_code": code, "err_msg": "no"}

    def answer(self, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
        """What is said to a question."""
        self.asked.append((headers, body))
        text = self.said if isinstance(self.said, bytes) else json.dumps(self.said).encode()
        return self.status, self.stamp(text), text


@contextmanager
def lying() -> Iterator[Liar]:
    """A real server."""
    made = Liar()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, more, text = made.answer(headers, body)
            self.send_response(status)
            for name, value in (more | {"Content-Length": str(len(text))}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    made.url = f"http://127.0.0.1:{server.server_address[1]}"
    yield made
    server.shutdown()
    thread.join()
    server.server_close()
