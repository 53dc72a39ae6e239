"""A partner's system as a program: proves an endpoint, keeps what it hears before it answers, acts on it afterwards."""

from __future__ import annotations

import argparse
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from deploy.sandbox.dial import Dial
from deploy.sandbox.integrator.book import Book
from deploy.sandbox.integrator.hooks import Forged, proof, verified
from deploy.sandbox.integrator.platform import Json, Platform, Refused, Unavailable
from deploy.sandbox.server import Answer, Request, Server, arguments

LACKING = "CLIENT_SECRET is not set: the secret of the client, as it was shown when it was registered"
IDLE_SECONDS = 0.25


@dataclass(frozen=True)
class Desk:
    """What a system works with."""

    platform: Platform
    book: Book
    dial: Dial


class Role(Protocol):
    """What makes a pharmacy a pharmacy."""

    @property
    def types(self) -> tuple[str, ...]:
        """The events that it hears."""

    def prepare(self) -> None:
        """Done at each start, before the first event."""

    def handle(self, event: Json) -> str:
        """Act on `event`, safe to repeat; returns what was done. Raises Unavailable to be called again later."""

    def shown(self) -> Json:
        """What the system has done so far."""


def command_line(description: str, port: int) -> argparse.ArgumentParser:
    """The arguments that all systems take; the client's secret comes in the variable CLIENT_SECRET."""
    parser = arguments(description, port)
    parser.add_argument("--platform", required=True, help="address of the platform")
    parser.add_argument("--client-id", required=True)
    parser.add_argument("--store", type=Path, required=True, help="SQLite file of this system")
    parser.add_argument("--feed-seconds", type=float, default=30.0, help="how often the feed is read beside the hooks")
    return parser


def run(given: argparse.Namespace, tables: str, dial: Dial, cast: Callable[[Desk], Role]) -> None:
    """Run the system until it is stopped; ends with a message where the platform refuses it."""
    platform = Platform(given.platform, given.client_id, os.environ.get("CLIENT_SECRET") or sys.exit(LACKING))
    desk = Desk(platform, Book(given.store, tables), dial)
    program = Program(desk, cast(desk))
    server = program.listen(given.host, given.port)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        program.join(f"http://{given.host}:{server.server_address[1]}/hooks")
    except (Refused, Unavailable) as error:
        sys.exit(str(error))
    print("listening", flush=True)
    program.work(given.feed_seconds)


class Program:
    """Hooks come in on the server's threads; everything else is done by one."""

    def __init__(self, desk: Desk, role: Role) -> None:
        self._desk, self._role = desk, role
        self._heard = threading.Event()

    def listen(self, host: str, port: int) -> Server:
        """The HTTP side, bound."""
        routes = {
            ("POST", "/hooks"): self._hook,
            ("GET", "/_sandbox"): lambda _: Answer.of(200, self._shown()),
            ("POST", "/_sandbox/manner"): self._manner,
        }
        return Server(host, port, routes)

    def join(self, url: str) -> None:
        """Prove the endpoint of an earlier start or a new one, then make ready; raises Refused, Unavailable."""
        if not self._again(url):
            self._retire()
            types = list(self._role.types)
            endpoint, secret = self._desk.platform.register_endpoint(url, types)
            self._desk.book.keep(endpoint=endpoint, secret=secret, url=url, types=",".join(types))
            self._desk.platform.verify_endpoint(endpoint)
        self._role.prepare()

    def work(self, feed_seconds: float) -> None:
        """Act on what was heard, and read the feed now and then, for ever."""
        due = 0.0
        while True:
            if time.monotonic() >= due:
                self._catch_up()
                due = time.monotonic() + feed_seconds
            for event in self._desk.book.waiting():
                self._act(event)
            self._heard.wait(IDLE_SECONDS)
            self._heard.clear()

    def _again(self, url: str) -> bool:
        book = self._desk.book
        if (book.setting("url"), book.setting("types")) != (url, ",".join(self._role.types)):
            return False
        try:
            self._desk.platform.verify_endpoint(book.setting("endpoint"))
        except Refused:
            return False
        return True

    def _retire(self) -> None:
        """Disable the endpoint of an earlier start, where the platform still knows it."""
        if former := self._desk.book.setting("endpoint"):
            with suppress(Refused):
                self._desk.platform.disable_endpoint(former)

    def _hook(self, request: Request) -> Answer:
        try:
            event = verified(self._desk.book.setting("secret"), request.headers, request.body)
        except Forged:
            return Answer.of(401, {})
        if nonce := proof(event):
            return Answer.of(200, nonce)
        if self._desk.dial.take("refuse"):
            return Answer.of(503, {})
        self._desk.book.hear([{**event, "id": request.headers["webhook-id"]}])
        self._heard.set()
        return Answer.of(200, {})

    def _catch_up(self) -> None:
        book = self._desk.book
        try:
            for events, cursor in self._desk.platform.pages(int(book.setting("cursor") or 0)):
                book.hear([event for event in events if event["type"] in self._role.types], cursor)
        except (Refused, Unavailable) as error:
            print(error, file=sys.stderr, flush=True)

    def _act(self, event: Json) -> None:
        book = self._desk.book
        self._desk.dial.hold_back()
        try:
            note = self._role.handle(event)
        except Unavailable as unavailable:
            book.put_off(event["id"], str(unavailable))
        except Exception as error:  # one event that cannot be handled must not stop the others
            traceback.print_exc()
            book.settle(event["id"], "failed", f"{type(error).__name__}: {error}")
        else:
            book.settle(event["id"], "done", note)

    def _shown(self) -> Json:
        return {"events": self._desk.book.shown(), **self._role.shown()}

    def _manner(self, request: Request) -> Answer:
        self._desk.dial.set(request.json())
        return Answer.of(200, {"status": "set"})
