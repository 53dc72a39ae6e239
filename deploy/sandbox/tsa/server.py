"""The time-stamp authority's HTTP side."""

from __future__ import annotations

from deploy.sandbox.dial import Dial
from deploy.sandbox.server import Answer, Request, Server
from deploy.sandbox.tsa.stamps import Stamps

REPLY = "application/timestamp-reply"


class Authority:
    """A time-stamp authority that can be told to misbehave."""

    def __init__(self) -> None:
        self._stamps = Stamps()
        self._dial = Dial("drop", "http_500", "refuse", "lie")

    def listen(self, host: str, port: int) -> Server:
        """The authority, bound."""
        routes = {
            ("POST", "/"): self._stamp,
            ("GET", "/sandbox/root"): lambda _: Answer.of(200, {"root": self._stamps.root}),
            ("POST", "/sandbox/faults"): self._faults,
        }
        return Server(host, port, routes)

    def _stamp(self, request: Request) -> Answer | None:
        if self._dial.take("http_500"):
            return Answer.of(500, {"error": "something broke"})
        self._dial.hold_back()
        if self._dial.take("refuse"):
            reply = self._stamps.refusal()
        else:
            reply = self._stamps.reply(request.body, lie=self._dial.take("lie"))
        if self._dial.take("drop"):
            return None
        return Answer(200, reply, {"content-type": REPLY})

    def _faults(self, request: Request) -> Answer:
        self._dial.set(request.json())
        return Answer.of(200, {"status": "set"})
