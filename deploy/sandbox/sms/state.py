"""What the gateway knows: the messages on every phone."""

from __future__ import annotations

import threading
import time
from dataclasses import asdict, dataclass, field
from typing import Any

from deploy.sandbox.server import Json, Refusal

LONGEST = 500


@dataclass(frozen=True)
class Message:
    """One message on one phone; ``at`` in Unix seconds."""

    id: str
    to: str
    template: str
    text: str
    at: float

    @staticmethod
    def of(wish: Any) -> Message:
        """The message that a request asks for; raises Refusal."""
        if not isinstance(wish, dict) or set(wish) != {"id", "to", "template", "text"}:
            raise Refusal("send id, to, template and text")
        if not all(isinstance(value, str) and 0 < len(value) <= LONGEST for value in wish.values()):
            raise Refusal(f"id, to, template and text are texts of 1 to {LONGEST} characters")
        return Message(wish["id"], wish["to"], wish["template"], wish["text"], time.time())


@dataclass
class Phones:
    """Every phone's messages."""

    _lock: threading.Lock = field(default_factory=threading.Lock)
    _messages: dict[str, Message] = field(default_factory=dict)

    def send(self, message: Message) -> None:
        """Let the message arrive, once for each id; raises Refusal where the id belongs to another message."""
        with self._lock:
            known = self._messages.setdefault(message.id, message)
        if (known.to, known.template, known.text) != (message.to, message.template, message.text):
            raise Refusal("this id was used for another message")

    def inbox(self, to: str) -> list[Json]:
        """What arrived on that phone, newest first."""
        with self._lock:
            return [asdict(message) for message in reversed(self._messages.values()) if message.to == to]
