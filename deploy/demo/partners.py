"""The partners' systems as processes of their own: a public scheme, a pharmacy, an insurer."""

import itertools
import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from deploy.demo.listening import Credentials
from deploy.demo.steps import until
from deploy.processes import ROOT, NotReady, Process, free_port

SECONDS = 10
FEED_SECONDS = 15.0
"""How often a system reads the feed here; half a minute by itself."""
Json = dict[str, Any]
_starts = itertools.count(1)


@dataclass
class Program:
    """A running program of `deploy/sandbox` and its people's side."""

    process: Process
    url: str

    def stop(self) -> None:
        """End it."""
        self.process.stop()

    def ask(self, path: str) -> Json:
        """What the people's side shows."""
        return _answered(requests.get(f"{self.url}/_sandbox{path}", timeout=SECONDS))

    def tell(self, path: str, wish: Json) -> Json:
        """Set something."""
        return _told(self.url, path, wish)


@dataclass(frozen=True)
class Office:
    """Where the insured come to at the public scheme; unlike the program itself, it travels to other processes."""

    url: str

    def enrol(self, person: str, name: str, **settings: Any) -> None:
        """Insure a person, or change their settings."""
        _told(self.url, "/persons", {"person": person, "name": name, **settings})

    def credential(self, person: str) -> str:
        """What the person shows to settle once."""
        return str(_told(self.url, "/credentials", {"person": person})["credential"])


class Scheme(Program):
    """The public scheme."""

    @classmethod
    def start(cls, logs: Path) -> "Scheme":
        """Start the program; it knows nobody yet."""
        port = free_port()
        return cls(_started("scheme", ["--port", str(port)], logs), f"http://127.0.0.1:{port}")

    def admit(self, institution: str, key: str) -> None:
        """Let an institution ask."""
        self.tell("/institutions", {"institution": institution, "key": key})

    @property
    def office(self) -> Office:
        """Where the insured come to."""
        return Office(self.url)

    def enrol(self, person: str, name: str, **settings: Any) -> None:
        """Insure a person, or change their settings."""
        self.office.enrol(person, name, **settings)

    def credential(self, person: str) -> str:
        """What the person shows to settle once."""
        return self.office.credential(person)

    def used(self, person: str) -> Json:
        """The person's balance, and what they used this year."""
        return self.ask(f"/persons?person={person}")

    def settlements(self) -> list[Json]:
        """Every settlement and its state."""
        return list(self.ask("/settlements")["settlements"])

    def faults(self, **wish: Any) -> None:
        """Set the dial; without arguments everything works."""
        self.tell("/faults", wish)


@dataclass
class System(Program):
    """A partner's system, which can be ended and started again with what it keeps."""

    start_again: Callable[[], Process]

    def restart(self) -> None:
        """Start again after `process.stop()` or `process.kill()`."""
        self.process = self.start_again()

    def manner(self, **wish: int) -> None:
        """Be slow, seem to be down, decline; without arguments everything is as usual."""
        self.tell("/manner", wish)

    def heard(self, type: str, count: int = 1) -> list[Json]:
        """The events of `type`, once there are `count` with which the system is done."""

        def look() -> list[Json] | None:
            found = [one for one in self.ask("")["events"] if (one["type"], one["state"]) == (type, "done")]
            return found if len(found) >= count else None

        return until(look, f"{count} x {type} done by the system")

    def after(self, event_id: str) -> Json:
        """An event, once the system is done with it or has given it up."""

        def look() -> Json | None:
            known = self.ask("")["events"]
            return next((one for one in known if one["id"] == event_id and one["state"] != "waiting"), None)

        return until(look, f"the system to be done with {event_id}")


class Pharmacy(System):
    """A pharmacy's system."""

    @classmethod
    def start(
        cls, platform: str, client: Credentials, products: Sequence[Json], logs: Path, feed: float = FEED_SECONDS
    ) -> "Pharmacy":
        """Start the program, which publishes `products` ({medicine, name, price, stock}) by itself and reads the feed
        every `feed` seconds.
        """
        port = free_port()
        file = logs / f"products-{port}.json"
        file.write_text(json.dumps(products), encoding="utf-8")
        begin = _beginning(
            "pharmacy", platform, client, port, logs, ["--products", str(file), "--feed-seconds", str(feed)]
        )
        return cls(begin(), f"http://127.0.0.1:{port}", begin)

    def orders(self) -> dict[str, Json]:
        """What was answered, by order."""
        return {one["order"]: one for one in self.ask("")["orders"]}

    def stock(self) -> dict[str, int]:
        """Packs left, by medicine."""
        return {one["medicine"]: one["stock"] for one in self.ask("")["stock"]}


class Insurer(System):
    """A commercial insurer's system."""

    @classmethod
    def start(cls, platform: str, client: Credentials, logs: Path) -> "Insurer":
        """Start the program."""
        port = free_port()
        begin = _beginning("insurer", platform, client, port, logs, ["--feed-seconds", str(FEED_SECONDS)])
        return cls(begin(), f"http://127.0.0.1:{port}", begin)

    def decisions(self) -> dict[str, Json]:
        """What was decided, by claim case."""
        return {one["claim_case"]: one for one in self.ask("")["decisions"]}

    def settled(self) -> dict[str, Json]:
        """What was booked, by claim case."""
        return {one["claim_case"]: one for one in self.ask("")["settled"]}


def _beginning(
    name: str, platform: str, client: Credentials, port: int, logs: Path, more: Sequence[str]
) -> Callable[[], Process]:
    words = [
        "--platform", platform, "--client-id", client.id, "--port", str(port),
        "--store", str(logs / f"{name}-{port}.sqlite"), *more,
    ]  # fmt: skip
    return lambda: _started(name, words, logs, client.secret)


def _started(name: str, words: Sequence[str], logs: Path, secret: str = "") -> Process:
    command = [sys.executable, "-m", f"deploy.sandbox.{name}", *words]
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "CLIENT_SECRET": secret}
    log = logs / f"{name}-{next(_starts)}.log"  # one for each start: in an earlier one the word stands already
    process = Process.start(name, command, environ, log)
    try:
        process.wait_until(lambda: process.says("listening"))
    except NotReady:
        process.stop()
        raise
    return process


def _told(url: str, path: str, wish: Json) -> Json:
    return _answered(requests.post(f"{url}/_sandbox{path}", json=wish, timeout=SECONDS))


def _answered(answer: requests.Response) -> Json:
    answer.raise_for_status()
    said: Json = answer.json()
    return said
