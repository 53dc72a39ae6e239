"""Events on their way out: signed as Stripe signs them, repeated until a 2xx answer, with faults."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from dataclasses import dataclass

import requests

from deploy.sandbox.gateway.clockwork import Clockwork
from deploy.sandbox.gateway.faults import FaultBoard, Subject
from deploy.sandbox.gateway.log import Log
from deploy.sandbox.gateway.state import Endpoint, Json

RETRY_SECONDS = (0.5, 1.0, 2.0, 5.0, 15.0, 60.0, 300.0, 1800.0, 7200.0)
TIMEOUT_SECONDS = 5.0


def signature_header(payload: bytes, secret: str, at: int) -> str:
    """The ``Stripe-Signature`` header: HMAC-SHA256 over ``<at>.<payload>``; ``at`` in Unix seconds."""
    mark = hmac.new(secret.encode(), f"{at}.".encode() + payload, hashlib.sha256).hexdigest()
    return f"t={at},v1={mark}"


@dataclass(frozen=True)
class Delivery:
    """One event, what it is about, and who should hear it."""

    event: Json
    subject: Subject
    endpoints: tuple[Endpoint, ...]


class Sender:
    """Sends deliveries on the clockwork's pool, so that no request waits for a receiver."""

    def __init__(self, clockwork: Clockwork, faults: FaultBoard, log: Log) -> None:
        self._clockwork, self._faults, self._log = clockwork, faults, log

    def send(self, delivery: Delivery) -> None:
        """Send soon, or do what the dial says: not at all, twice, later, or after the next ones."""
        if self._faults.take("webhook_drop", delivery.subject):
            self._note(delivery, None, 0, "dropped")
            return
        copies = 2 if self._faults.take("webhook_duplicate", delivery.subject) else 1
        batch = self._faults.hold(delivery.subject, delivery) * copies
        delay = self._faults.webhook_delay(delivery.subject)
        if batch:
            self._clockwork.after(delay, lambda: self.send_in_order(batch))

    def send_in_order(self, batch: list[Delivery]) -> None:
        """First tries, one after the other; what fails is tried again on its own."""
        for delivery in batch:
            for endpoint in delivery.endpoints:
                self._try(delivery, endpoint, 1)

    def _try(self, delivery: Delivery, endpoint: Endpoint, attempt: int) -> None:
        answer = _post(endpoint, json.dumps(delivery.event).encode())
        self._note(delivery, endpoint, attempt, answer)
        if not answer.startswith("2") and attempt <= len(RETRY_SECONDS):
            self._clockwork.after(RETRY_SECONDS[attempt - 1], lambda: self._try(delivery, endpoint, attempt + 1))

    def _note(self, delivery: Delivery, endpoint: Endpoint | None, attempt: int, answer: str) -> None:
        self._log.add(
            "webhook",
            intent=delivery.subject.intent,
            event=delivery.event["id"],
            type=delivery.event["type"],
            endpoint=endpoint.id if endpoint else None,
            attempt=attempt,
            answer=answer,
        )


def _post(endpoint: Endpoint, payload: bytes) -> str:
    """The answer's status as text, or the name of what prevented one."""
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "Stripe-Signature": signature_header(payload, endpoint.secret, int(time.time())),
    }
    with requests.Session() as session:
        session.trust_env = False
        try:
            answer = session.post(
                endpoint.url, data=payload, headers=headers, timeout=TIMEOUT_SECONDS, allow_redirects=False
            )
        except requests.RequestException as error:
            return type(error).__name__
        return str(answer.status_code)
