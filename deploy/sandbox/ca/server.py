"""The certificate authority's HTTP side."""

from __future__ import annotations

from collections.abc import Callable

from deploy.sandbox.ca.book import Book
from deploy.sandbox.dial import Dial
from deploy.sandbox.server import Answer, Request, Server

Work = Callable[[Request], Answer]


class Authority:
    """A certificate authority that asks for a key and can be told to misbehave."""

    def __init__(self, api_key: str) -> None:
        self._api_key = api_key
        self.book = Book()
        self._dial = Dial("drop", "http_500", "refuse", "lie")

    def listen(self, host: str, port: int) -> Server:
        """The authority, bound."""
        routes = {
            ("POST", "/certificates"): lambda request: self._known(request, self._issue),
            ("POST", "/revocations"): lambda request: self._known(request, self._revoke),
            ("GET", "/status"): lambda request: self._known(request, self._status),
            ("GET", "/sandbox/root"): lambda _: Answer.of(200, {"root": self.book.root}),
            ("GET", "/sandbox/made"): lambda _: Answer.of(200, {"made": self.book.made}),
            ("POST", "/sandbox/revocations"): self._revoke,
            ("POST", "/sandbox/faults"): self._faults,
        }
        return Server(host, port, routes)

    def _known(self, request: Request, work: Work) -> Answer | None:
        if not request.bears(self._api_key):
            return Answer.of(401, {"error": "unknown key"})
        if self._dial.take("http_500"):
            return Answer.of(500, {"error": "something broke"})
        self._dial.hold_back()
        answer = work(request)
        return None if self._dial.take("drop") else answer

    def _issue(self, request: Request) -> Answer:
        if self._dial.take("refuse"):
            return Answer.of(422, {"error": "identity_not_proved"})
        chain = self.book.issued(request.json())
        return Answer.of(200, {"x5c": self.book.of_another() if self._dial.take("lie") else chain})

    def _revoke(self, request: Request) -> Answer:
        self.book.revoke(request.json())
        return Answer.of(200, {"status": "revoked"})

    def _status(self, request: Request) -> Answer:
        return Answer.of(200, self.book.status(request.query.get("serial", "")))

    def _faults(self, request: Request) -> Answer:
        self._dial.set(request.json())
        return Answer.of(200, {"status": "set"})
