"""Proof that a webhook comes from the gateway: Stripe's signature scheme v1, and nothing older.

``Stripe-Signature: t=<Unix seconds>,v1=<hex>[,v1=<hex>...]``, where each v1 is HMAC-SHA256 over
``<t>.<raw body>`` with one of the endpoint's secrets. Schemes of other names are passed over.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Sequence
from datetime import datetime

from app.payments.gateway.errors import WebhookPayloadInvalid, WebhookSignatureInvalid
from app.payments.gateway.objects import Event
from app.payments.gateway.parsing import Unreadable, parse_event

MAX_HEADER_LENGTH = 2048
MAX_SIGNATURES = 8
MAX_PAYLOAD_BYTES = 1024 * 1024
_ITEM = re.compile(r"([a-z0-9]{1,8})=([0-9A-Za-z+/=_-]{1,256})")
_TIME = re.compile(r"[0-9]{1,12}")
_SIGNATURE = re.compile(r"[0-9a-f]{64}")


def verify_webhook(
    payload: bytes, header: str, secrets: Sequence[str], *, tolerance_seconds: int = 300, now: datetime
) -> Event:
    """The event, if one of ``secrets`` signed exactly these bytes at most ``tolerance_seconds`` from ``now``.

    ``payload`` is the raw body, ``now`` an aware time. Several secrets serve while one is replaced. A
    genuine webhook can come again inside the tolerance: the receiver must know the events it has had.

    Raises ``WebhookSignatureInvalid`` for anything unproven, also where there is no secret or an empty
    one; ``WebhookPayloadInvalid`` for a proven body that is no event; ``TypeError`` and ``ValueError`` for
    a single text as ``secrets`` and a ``now`` without a zone.
    """
    if isinstance(secrets, str):
        raise TypeError("secrets is a list; the letters of a text would each count as one")
    if now.tzinfo is None:
        raise ValueError("now must be an aware time")
    if not secrets or not all(secret.strip() for secret in secrets):
        raise WebhookSignatureInvalid("no usable secret is set")
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise WebhookSignatureInvalid("the body is too long")
    signed_at, signatures = _parsed(header)
    if abs(now.timestamp() - int(signed_at)) > tolerance_seconds:
        raise WebhookSignatureInvalid("signed too long ago or too far ahead")
    if not _any_matches(f"{signed_at}.".encode() + payload, signatures, secrets):
        raise WebhookSignatureInvalid("no signature matches")
    return _event(payload)


def _parsed(header: str) -> tuple[str, list[str]]:
    """The time as written and the v1 signatures; refuses whatever is not exactly the form."""
    if len(header) > MAX_HEADER_LENGTH:
        raise WebhookSignatureInvalid("the header is too long")
    items = [_ITEM.fullmatch(item) for item in header.split(",")]
    found = [(item[1], item[2]) for item in items if item is not None]
    times = [value for name, value in found if name == "t"]
    signatures = [value for name, value in found if name == "v1"]
    if len(found) != len(items) or len(times) != 1 or not 1 <= len(signatures) <= MAX_SIGNATURES:
        raise WebhookSignatureInvalid("the header is malformed")
    if _TIME.fullmatch(times[0]) is None or not all(_SIGNATURE.fullmatch(mark) for mark in signatures):
        raise WebhookSignatureInvalid("the header is malformed")
    return times[0], signatures


def _any_matches(signed: bytes, signatures: Sequence[str], secrets: Sequence[str]) -> bool:
    """Compares each with each, so that the time taken tells nothing."""
    expected = [hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest() for secret in secrets]
    matches = [hmac.compare_digest(mark, given) for mark in expected for given in signatures]
    return any(matches)


def _event(payload: bytes) -> Event:
    try:
        found = json.loads(payload)
        if isinstance(found, dict):
            return parse_event(found)
        problem = "not a JSON object"
    except (ValueError, RecursionError, Unreadable) as error:
        problem = type(error).__name__
    raise WebhookPayloadInvalid(f"not an event: {problem}")
