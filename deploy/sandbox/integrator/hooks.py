"""Proving that a request is a hook: Standard Webhooks, and the platform's challenge."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from standardwebhooks import Webhook

CHALLENGE = "endpoint.verification"


class Forged(Exception):
    """The request does not carry a valid signature."""


def verified(secret: str, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    """The event in `body`; header names are in lower case. Raises Forged, also while there is no secret yet."""
    if not secret:
        raise Forged
    try:
        event = Webhook(secret).verify(body, dict(headers))
    except Exception as error:  # the verifier raises several kinds for malformed headers; none may pass
        raise Forged from error
    if not isinstance(event, dict):
        raise Forged
    return event


def proof(event: Mapping[str, Any]) -> dict[str, Any] | None:
    """The answer to a challenge; None where `event` is none."""
    return {"nonce": event["data"]["nonce"]} if event["type"] == CHALLENGE else None
