"""A person's phone, as the SMS gateway's sandbox shows it, and the gateway as a running program."""

import re
import secrets
import sys
import uuid
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

import requests

from app.core.scope import Scope
from app.identity.rules import CODE_TEMPLATE
from app.identity.service.sign_in import read_me
from deploy.processes import Process, free_port
from deploy.stack import ROOT

KEY = "key_of_the_tests"


@dataclass(frozen=True)
class Phone:
    """A number that nobody else has, and the messages that arrived on it."""

    gateway: str
    number: str = field(default_factory=lambda: f"+8613{secrets.randbelow(10**9):09}")

    @property
    def texts(self) -> list[str]:
        """The codes that arrived, newest first."""
        return [message["text"] for message in self.messages if message["template"] == CODE_TEMPLATE]

    @property
    def messages(self) -> list[dict[str, str]]:
        """Everything that arrived, newest first."""
        answer = requests.get(f"{self.gateway}/sandbox/messages", params={"to": self.number}, timeout=10)
        return list(answer.json()["messages"])

    @property
    def code(self) -> str:
        """The code of the newest message."""
        found = re.search(r"[0-9]{6}", self.texts[0])
        assert found
        return found[0]


def wrong(code: str) -> str:
    """Six digits that are not `code`."""
    return f"{(int(code) + 1) % 10**6:06}"


def own_number(person: uuid.UUID) -> str:
    """The number with which somebody signs in who is registered; empty of who has none any more."""
    return read_me(Scope.for_person(person)).phone or ""


@dataclass
class Gateway(AbstractContextManager["Gateway"]):
    """The sandbox program."""

    log: Path
    port: int = field(default_factory=free_port)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def phone(self) -> Phone:
        """Somebody's phone."""
        return Phone(self.url)

    def faults(self, **wish: int) -> None:
        """Set the dial; without arguments everything works."""
        assert requests.post(f"{self.url}/sandbox/faults", json=wish, timeout=10).ok

    def __enter__(self) -> "Gateway":
        command = [sys.executable, "-m", "deploy.sandbox.sms", "--port", str(self.port), "--api-key", KEY]
        self._process = Process.start("sms", command, {"PYTHONPATH": str(ROOT)}, self.log)
        self._process.wait_until(lambda: self._process.says("listening"))
        return self

    def __exit__(self, *raised: object) -> None:
        self._process.stop()
