"""The dial for faults that the small servers share."""

from __future__ import annotations

import threading
from typing import Any

from deploy.sandbox.server import Refusal

MOST = 1_000_000
DELAY = "delay_ms"


class Dial:
    """Counts run down to zero; the delay holds until it is set anew."""

    def __init__(self, *counts: str) -> None:
        self._lock = threading.Condition()
        self._set = dict.fromkeys((DELAY, *counts), 0)

    def set(self, wish: Any) -> None:
        """Replace all settings; raises Refusal for an unknown name or a number out of range."""
        if not isinstance(wish, dict) or not set(wish) <= set(self._set):
            raise Refusal(f"the dial has {', '.join(self._set)}")
        if not all(type(value) is int and 0 <= value <= MOST for value in wish.values()):
            raise Refusal("the dial's settings are whole numbers")
        with self._lock:
            self._set = {name: wish.get(name, 0) for name in self._set}
            self._lock.notify_all()

    def take(self, name: str) -> bool:
        """Whether `name` happens now; uses up one of its count."""
        with self._lock:
            happens = self._set[name] > 0
            self._set[name] -= happens
            return happens

    def hold_back(self) -> None:
        """Wait as long as an answer is to be held back: for the delay, or until the dial is set anew."""
        with self._lock:
            now = self._set
            self._lock.wait_for(lambda: self._set is not now, now[DELAY] / 1000)
