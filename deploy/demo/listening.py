"""The sandbox listener as a process of its own, and what it heard."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from deploy.demo.steps import until
from deploy.processes import Process, free_port

SECONDS = 10


@dataclass(frozen=True)
class Credentials:
    """An API client's id and secret."""

    id: str
    secret: str


@dataclass
class Listener:
    """A running listener."""

    process: Process
    port: int

    @classmethod
    def start(cls, platform: str, client: Credentials, types: list[str], logs: Path) -> "Listener":
        """Start the program, which registers and proves an endpoint for `types` by itself."""
        port = free_port()
        command = [
            sys.executable, "-m", "deploy.sandbox.listener", "--platform", platform, "--client-id", client.id,
            "--types", ",".join(types), "--port", str(port),
        ]  # fmt: skip
        environ = {**os.environ, "CLIENT_SECRET": client.secret}
        process = Process.start("listener", command, environ, logs / f"listener-{port}.log")
        process.wait_until(lambda: process.says("listening"))
        return cls(process, port)

    def heard(self) -> dict[str, Any]:
        """The events and the ids in the order of arrival."""
        answer: dict[str, Any] = requests.get(f"http://127.0.0.1:{self.port}/", timeout=SECONDS).json()
        return answer

    def refuse(self, count: int) -> None:
        """Seem to be down for the next `count` deliveries."""
        requests.post(f"http://127.0.0.1:{self.port}/sandbox/refusals", json={"next": count}, timeout=SECONDS)

    def wait_for(self, type: str, count: int = 1) -> list[dict[str, Any]]:
        """The events of `type`, once there are `count`."""

        def look() -> list[dict[str, Any]] | None:
            found = [event for event in self.heard()["events"] if event["type"] == type]
            return found if len(found) >= count else None

        return until(look, f"{count} x {type}")
