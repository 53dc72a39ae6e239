"""What was received and sent, for people and tests to read. Secrets never get here."""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import Any

from deploy.sandbox.gateway.state import Json

_KEPT = 20_000


class Log:
    """The latest entries, oldest first; each is a flat JSON object with a ``kind`` and a time."""

    def __init__(self) -> None:
        self._entries: deque[Json] = deque(maxlen=_KEPT)
        self._lock = threading.Lock()

    def add(self, kind: str, *, intent: str | None, **facts: Any) -> None:
        """Note one thing; ``intent`` is the payment intent that it is about, where there is one."""
        with self._lock:
            self._entries.append({"kind": kind, "at": time.time(), "intent": intent, **facts})

    def read(self, intent: str | None = None) -> list[Json]:
        """All entries, or those about one intent."""
        with self._lock:
            return [entry for entry in self._entries if intent in (None, entry["intent"])]
