"""The sandbox gateway as a process of its own, and a listener for its webhooks."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, TypeVar

import requests

from app.payments.gateway import GatewayClient, PaymentIntent, RetryPolicy, Timeouts

ROOT = Path(__file__).parents[3]
QUICK = RetryPolicy(attempts=3, first_wait=0.02, longest_wait=0.1)

T = TypeVar("T")


def until(look: Callable[[], T | None], seconds: float = 10.0) -> T:
    """The first truthy thing that ``look`` gives; fails after ``seconds``."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(0.01)
    raise AssertionError(f"nothing after {seconds} s")


def ask(method: str, url: str, **options: Any) -> requests.Response:
    """One plain request, past any proxy that the environment names."""
    with requests.Session() as session:
        session.trust_env = False
        return session.request(method, url, timeout=10, **options)


@dataclass(frozen=True)
class Sandbox:
    """A running gateway and its people's side."""

    url: str

    def post(self, path: str, body: Mapping[str, Any]) -> requests.Response:
        return ask("POST", self.url + path, json=body)

    def open_account(self) -> str:
        """A new merchant's API key."""
        key = f"sk_test_{uuid.uuid4().hex}"
        self.post("/sandbox/accounts", {"api_key": key}).raise_for_status()
        return key

    def pay(self, intent: str, outcome: str = "succeed") -> requests.Response:
        """The payer acts."""
        return self.post(f"/sandbox/pay/{intent}", {"outcome": outcome})

    def clear_fault(self, fault: str) -> None:
        """Remove one fault from the dial."""
        ask("DELETE", f"{self.url}/sandbox/faults/{fault}").raise_for_status()

    def log(self, intent: str, kind: str) -> list[dict[str, Any]]:
        """What the gateway received (``request``) or sent (``webhook``) about an intent."""
        entries = ask("GET", f"{self.url}/sandbox/log", params={"intent": intent}).json()
        return [entry for entry in entries["entries"] if entry["kind"] == kind]


@dataclass(frozen=True)
class Merchant:
    """One account, its client, and faults that nobody else feels."""

    sandbox: Sandbox
    key: str
    client: GatewayClient
    journey: str = field(default_factory=lambda: uuid.uuid4().hex)

    def other_client(self, **options: Any) -> GatewayClient:
        """A client of the same account with other patience."""
        return GatewayClient(self.sandbox.url, self.key, **{"retries": QUICK, **options})

    def fault(self, **settings: Any) -> str:
        """Set the dial for this merchant's journey."""
        answer = self.sandbox.post("/sandbox/faults", {"metadata": {"journey": self.journey}, **settings})
        answer.raise_for_status()
        return str(answer.json()["id"])

    def create(self, amount: int = 1000, key: str | None = None, **options: Any) -> PaymentIntent:
        """A payment by any method, marked with the journey."""
        client: GatewayClient = options.pop("client", self.client)
        return client.payment_intents.create(
            amount=amount,
            payment_method_types=("card", "alipay", "wechat_pay"),
            idempotency_key=key or uuid.uuid4().hex,
            metadata={"journey": self.journey},
            **options,
        )

    def paid(self, amount: int = 1000) -> PaymentIntent:
        """A payment that a card has made."""
        intent = self.create(amount)
        return self.client.payment_intents.confirm(
            intent.id, idempotency_key=uuid.uuid4().hex, payment_method="pm_card_visa"
        )

    def awaiting(self, amount: int = 1000) -> PaymentIntent:
        """A payment that waits for the payer's phone."""
        intent = self.create(amount)
        return self.client.payment_intents.confirm(
            intent.id, idempotency_key=uuid.uuid4().hex, payment_method_type="wechat_pay"
        )

    def reaches(self, intent: str, status: str) -> PaymentIntent:
        """The payment as soon as it has this status."""

        def look() -> PaymentIntent | None:
            found = self.client.payment_intents.retrieve(intent)
            return found if found.status == status else None

        return until(look)

    def intents(self) -> list[str]:
        """The ids of all payments of this account, as the gateway tells."""
        answer = ask("GET", f"{self.sandbox.url}/v1/payment_intents", params={"limit": 100}, auth=(self.key, ""))
        return [item["id"] for item in answer.json()["data"]]


@contextmanager
def running_sandbox() -> Iterator[Sandbox]:
    """The gateway on a free port of the loopback; stopped at the end."""
    command = [sys.executable, "-m", "deploy.sandbox.gateway", "--port", "0", "--api-key", "sk_test_first"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line.startswith("listening on "), line
            yield Sandbox(line.removeprefix("listening on ").strip())
        finally:
            process.terminate()


@dataclass
class Receiver:
    """A webhook endpoint: keeps what came, and may refuse the first few."""

    url: str = ""
    refuse: int = 0
    received: list[tuple[bytes, str]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, payload: bytes, signature: str) -> int:
        """Keep one and give the status to answer."""
        with self.lock:
            self.received.append((payload, signature))
            self.refuse -= 1
            return 500 if self.refuse >= 0 else 200


@contextmanager
def listening_receiver() -> Iterator[Receiver]:
    """A receiver on a free port of the loopback."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            payload = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(receiver.take(payload, self.headers["Stripe-Signature"]))
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.url = f"http://127.0.0.1:{server.server_port}/hook"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def client_for(sandbox: Sandbox, key: str) -> GatewayClient:
    """A client with the patience of tests."""
    return GatewayClient(sandbox.url, key, retries=QUICK, timeouts=Timeouts(connect=2, read=5, total=10))
