"""Events: made and kept with the change that they tell of, then handed to the sender."""

from __future__ import annotations

import copy

from deploy.sandbox.gateway.faults import Subject
from deploy.sandbox.gateway.state import Account, Json, new_id, now
from deploy.sandbox.gateway.webhooks import Delivery, Sender

API_VERSION = "2026-10-28.endive"


class Announcer:
    """Makes events. Call it with the state's lock held, so that events lie in the order of the changes."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    def announce(self, account: Account, kind: str, thing: Json, intent: Json, key: str | None = None) -> None:
        """Keep an event with a snapshot of ``thing`` and send it.

        ``key`` is the idempotency key of the request that caused it; None where nobody asked.
        """
        event: Json = {
            "id": new_id("evt"),
            "object": "event",
            "api_version": API_VERSION,
            "created": now(),
            "data": {"object": copy.deepcopy(thing)},
            "livemode": False,
            "pending_webhooks": len(account.endpoints),
            "request": {"id": new_id("req") if key else None, "idempotency_key": key},
            "type": kind,
        }
        account.events[event["id"]] = event
        self._sender.send(Delivery(event, Subject.of(intent), tuple(account.endpoints)))
