"""Webhooks signed by hand, as the gateway would sign them."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime

NOW = datetime(2026, 3, 1, 8, 0, 0, tzinfo=UTC)
AT = int(NOW.timestamp())
SECRET = "whsec_the_one_in_use"
OLD = "whsec_the_one_before"
INTENT = {
    "object": "payment_intent",
    "id": "pi_1",
    "status": "succeeded",
    "amount": 1000,
    "amount_received": 1000,
    "currency": "cny",
    "created": AT,
}
REFUND = {
    "object": "refund",
    "id": "re_1",
    "status": "pending",
    "amount": 5,
    "currency": "cny",
    "payment_intent": "pi_1",
    "created": AT,
}


def event(thing: dict[str, object], **changes: object) -> bytes:
    body = {
        "object": "event",
        "id": "evt_1",
        "type": "payment_intent.succeeded",
        "created": AT,
        "livemode": False,
        "data": {"object": thing},
        "request": {"id": "req_1", "idempotency_key": "k-1"},
    }
    return json.dumps(body | changes).encode()


PAYLOAD = event(INTENT)


def mark(payload: bytes = PAYLOAD, secret: str = SECRET, at: int | str = AT) -> str:
    return hmac.new(secret.encode(), f"{at}.".encode() + payload, hashlib.sha256).hexdigest()


def header(payload: bytes = PAYLOAD, secret: str = SECRET, at: int | str = AT) -> str:
    return f"t={at},v1={mark(payload, secret, at)}"
