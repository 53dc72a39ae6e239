"""The gateway's HTTP side."""

from __future__ import annotations

from deploy.sandbox.dial import Dial
from deploy.sandbox.server import Answer, Request, Server
from deploy.sandbox.sms.state import Message, Phones


class Gateway:
    """An SMS gateway that asks for a key."""

    def __init__(self, api_key: str) -> None:
        self._api_key = api_key
        self._phones = Phones()
        self._dial = Dial("drop", "http_500")

    def listen(self, host: str, port: int) -> Server:
        """The gateway, bound."""
        routes = {
            ("POST", "/messages"): self._send,
            ("GET", "/sandbox/messages"): self._inbox,
            ("POST", "/sandbox/faults"): self._faults,
        }
        return Server(host, port, routes)

    def _send(self, request: Request) -> Answer | None:
        if not request.bears(self._api_key):
            return Answer.of(401, {"error": "unknown key"})
        if self._dial.take("http_500"):
            return Answer.of(500, {"error": "something broke"})
        message = Message.of(request.json())
        self._phones.send(message)
        self._dial.hold_back()
        return None if self._dial.take("drop") else Answer.of(202, {"id": message.id, "status": "accepted"})

    def _inbox(self, request: Request) -> Answer:
        return Answer.of(200, {"messages": self._phones.inbox(request.query.get("to", ""))})

    def _faults(self, request: Request) -> Answer:
        self._dial.set(request.json())
        return Answer.of(200, {"status": "set"})
