"""What a receiver of hooks must do: verify, answer the challenge, take each message once, in any order."""

import threading
from dataclasses import dataclass, field
from typing import Any

from deploy.sandbox.integrator.hooks import proof, verified


@dataclass
class Inbox:
    """Messages by their `webhook-id`: a repeated delivery is known, and changes nothing."""

    secret: str = ""
    refusals: int = 0
    """How many of the next deliveries to answer with 503, as if the receiver were down."""
    refused: int = 0
    events: dict[str, dict[str, Any]] = field(default_factory=dict)
    arrivals: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, Any]]:
        """Status and body of the answer to one delivery; raises Forged."""
        event = verified(self.secret, headers, body)
        if nonce := proof(event):
            return 200, nonce
        with self._lock:
            if self.refusals:
                self.refusals -= 1
                self.refused += 1
                return 503, {}
            message_id = headers["webhook-id"]
            self.arrivals.append(message_id)
            self.events.setdefault(message_id, event)
        return 200, {}

    def catch_up(self, event: dict[str, Any]) -> None:
        """Take an event of the feed, unless its hook came first: a hook's `webhook-id` is its event's id."""
        with self._lock:
            if event["id"] not in self.events:
                self.arrivals.append(event["id"])
                self.events[event["id"]] = event

    def shown(self) -> dict[str, Any]:
        """Everything heard."""
        with self._lock:
            return {"events": list(self.events.values()), "arrivals": list(self.arrivals), "refused": self.refused}
