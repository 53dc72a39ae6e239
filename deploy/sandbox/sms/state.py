"""What the gateway knows: messages and the fault dial, each under its lock."""

from __future__ import annotations

import threading
import time
from dataclasses import asdict, dataclass, field
from typing import Any

MOST = 1_000_000
LONGEST = 500
Json = dict[str, Any]


class Refusal(Exception):
    """The request breaks a rule; the text says which."""


@dataclass(frozen=True)
class Message:
    """One message on one phone; ``at`` in Unix seconds."""

    id: str
    to: str
    text: str
    at: float

    @staticmethod
    def of(wish: Any) -> Message:
        """The message that a request asks for; raises Refusal."""
        if not isinstance(wish, dict) or set(wish) != {"id", "to", "text"}:
            raise Refusal("send id, to and text")
        if not all(isinstance(value, str) and 0 < len(value) <= LONGEST for value in wish.values()):
            raise Refusal(f"id, to and text are texts of 1 to {LONGEST} characters")
        return Message(wish["id"], wish["to"], wish["text"], time.time())


@dataclass
class Phones:
    """Every phone's messages."""

    _lock: threading.Lock = field(default_factory=threading.Lock)
    _messages: dict[str, Message] = field(default_factory=dict)

    def send(self, message: Message) -> None:
        """Let the message arrive, once for each id; raises Refusal where the id belongs to another message."""
        with self._lock:
            known = self._messages.setdefault(message.id, message)
        if (known.to, known.text) != (message.to, message.text):
            raise Refusal("this id was used for another message")

    def inbox(self, to: str) -> list[Json]:
        """What arrived on that phone, newest first."""
        with self._lock:
            return [asdict(message) for message in reversed(self._messages.values()) if message.to == to]


@dataclass
class Faults:
    """The dial: counts run down to zero, the delay holds until it is set anew."""

    _lock: threading.Lock = field(default_factory=threading.Lock)
    _set: dict[str, int] = field(default_factory=lambda: {"delay_ms": 0, "drop": 0, "http_500": 0})

    def set(self, wish: Any) -> None:
        """Replace all settings; raises Refusal for an unknown name or a number out of range."""
        if not isinstance(wish, dict) or not set(wish) <= set(self._set):
            raise Refusal("the dial has delay_ms, drop and http_500")
        if not all(type(value) is int and 0 <= value <= MOST for value in wish.values()):
            raise Refusal("the dial's settings are whole numbers")
        with self._lock:
            self._set = {name: wish.get(name, 0) for name in self._set}

    def take(self, name: str) -> bool:
        """Whether ``name`` happens now; uses up one of its count."""
        with self._lock:
            happens = self._set[name] > 0
            self._set[name] -= happens
            return happens

    @property
    def delay(self) -> float:
        """Seconds to hold back an answer."""
        with self._lock:
            return self._set["delay_ms"] / 1000
