"""The registry's HTTP side."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from deploy.sandbox.dial import Dial
from deploy.sandbox.registry.state import Count, relation, verdict
from deploy.sandbox.server import Answer, Request, Server


class Registry:
    """A registry of identities that asks for a key."""

    def __init__(self, api_key: str) -> None:
        self._api_key = api_key
        self._asked = Count()
        self._dial = Dial("drop", "http_500", "lie")

    def listen(self, host: str, port: int) -> Server:
        """The registry, bound."""
        routes = {
            ("POST", "/verifications"): lambda request: self._answer(request, verdict),
            ("POST", "/relations"): lambda request: self._answer(request, relation),
            ("GET", "/sandbox/asked"): lambda _: Answer.of(200, {"asked": self._asked.value}),
            ("POST", "/sandbox/faults"): self._faults,
        }
        return Server(host, port, routes)

    def _answer(self, request: Request, say: Callable[[Any], str]) -> Answer | None:
        if not request.bears(self._api_key):
            return Answer.of(401, {"error": "unknown key"})
        self._asked.add()
        if self._dial.take("http_500"):
            return Answer.of(500, {"error": "something broke"})
        found = say(request.json())
        self._dial.hold_back()
        if self._dial.take("drop"):
            return None
        return Answer.of(200, {"result": "perhaps" if self._dial.take("lie") else found})

    def _faults(self, request: Request) -> Answer:
        self._dial.set(request.json())
        return Answer.of(200, {"status": "set"})
