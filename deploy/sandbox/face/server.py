"""The face checker's HTTP side."""

from __future__ import annotations

from typing import Any

from deploy.sandbox.dial import Dial
from deploy.sandbox.server import Answer, Refusal, Request, Server

ASKED = {"capture", "name", "number"}
ENDINGS = {"-other": "mismatch", "-photo": "not_live"}


class Checker:
    """A face checker that asks for a key."""

    def __init__(self, api_key: str) -> None:
        self._api_key = api_key
        self._dial = Dial("drop", "http_500", "lie")

    def listen(self, host: str, port: int) -> Server:
        """The checker, bound."""
        return Server(host, port, {("POST", "/checks"): self._check, ("POST", "/sandbox/faults"): self._faults})

    def _check(self, request: Request) -> Answer | None:
        if not request.bears(self._api_key):
            return Answer.of(401, {"error": "unknown key"})
        if self._dial.take("http_500"):
            return Answer.of(500, {"error": "something broke"})
        found = _verdict(request.json())
        self._dial.hold_back()
        if self._dial.take("drop"):
            return None
        return Answer.of(200, {"result": "perhaps" if self._dial.take("lie") else found})

    def _faults(self, request: Request) -> Answer:
        self._dial.set(request.json())
        return Answer.of(200, {"status": "set"})


def _verdict(asked: Any) -> str:
    if not isinstance(asked, dict) or set(asked) != ASKED or not all(isinstance(one, str) for one in asked.values()):
        raise Refusal("send capture, name and number")
    return next((verdict for ending, verdict in ENDINGS.items() if asked["capture"].endswith(ending)), "match")
