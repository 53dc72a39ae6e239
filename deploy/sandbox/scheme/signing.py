"""Signatures in both directions: HMAC-SHA256 over the time and the exact bytes of the body."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Mapping

TOLERANCE_SECONDS = 300


def signature(key: str, timestamp: str, body: bytes) -> str:
    """The hex signature of `body` at `timestamp` (Unix seconds, as text)."""
    return hmac.new(key.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()


def holds(key: str, headers: Mapping[str, str], body: bytes) -> bool:
    """Whether a request's headers (names in lower case) carry a signature by `key` that is not too old or too new."""
    timestamp = headers.get("x-timestamp", "")
    if not (timestamp.isascii() and timestamp.isdecimal() and len(timestamp) <= 12):
        return False
    if abs(time.time() - int(timestamp)) > TOLERANCE_SECONDS:
        return False
    given = headers.get("x-signature", "")
    return hmac.compare_digest(given.encode(), signature(key, timestamp, body).encode())


def signed(key: str, body: bytes) -> dict[str, str]:
    """The headers that an answer carries."""
    timestamp = str(int(time.time()))
    return {"X-Timestamp": timestamp, "X-Signature": signature(key, timestamp, body)}
