"""Everything that the demonstration runs against, started in order and stopped in reverse."""

import secrets
import subprocess
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from deploy.demo.steps import Progress, expect
from deploy.processes import Process, answers, free_port
from deploy.stack import DATABASE, ROOT, Stack, administrator, environment, kept_keys, prepare

RETRIES = "0.5,1,2,4"
"""Seconds between tries of a delivery, so that a receiver's fault is over within the demonstration."""
HOLD_SECONDS = 8
"""For how long a place waits for its payment here; ten minutes in production."""
DAY_SECONDS = 30
"""How long a day of a prescription's validity lasts here."""


@dataclass(frozen=True)
class Running:
    """A started platform and the programs around it."""

    platform: str
    sms: str
    gateway: str
    environ: Mapping[str, str]
    logs: Path
    day_seconds: int

    def invite_operator(self) -> str:
        """The token that the command line gives for the platform's first operator."""
        return self.command("tokens", "operator").strip().splitlines()[-1]

    def verify(self, progress: Progress) -> None:
        """Check every chain of the journal, as an auditor would."""
        with progress.step("journal verified", "every sealed entry of every tenant and person is in its chain"):
            self.command("verify")

    def command(self, *words: str) -> str:
        """The output of `python -m app.cli <words>`."""
        done = subprocess.run(
            [sys.executable, "-m", "app.cli", *words],
            check=False,
            env=dict(self.environ),
            cwd=ROOT,
            capture_output=True,
            text=True,
        )
        expect(done.returncode == 0, f"{' '.join(words)} failed: {done.stdout[-500:]} {done.stderr[-500:]}")
        return done.stdout


def started(stack: ExitStack, place: Path, progress: Progress, day_seconds: int = 0) -> Running:
    """Start the database, the programs around the platform, web workers and worker; `stack` stops them.

    A day of a prescription's validity lasts `day_seconds`; a calendar day where it is 0.
    """
    place.mkdir(parents=True, exist_ok=True)
    logs = place / "logs"
    logs.mkdir(exist_ok=True)
    with progress.step("database", "own PostgreSQL, roles that own nothing, migrated, walls up"):
        addresses = prepare(administrator(stack, place), DATABASE)
    with progress.step("the world outside", "SMS gateway, payment gateway and registry, each a program of its own"):
        sms, sms_key = program(stack, logs, "sms", "/sandbox/messages?to=none")
        registry, registry_key = program(stack, logs, "registry", "/sandbox/asked")
        gateway, _ = program(stack, logs, "gateway", "/sandbox/log")
    environ = environment(
        addresses, kept_keys(place), CLOUD_SMS_URL=sms, CLOUD_SMS_KEY=sms_key, CLOUD_REGISTRY_URL=registry,
        CLOUD_REGISTRY_KEY=registry_key, CLOUD_WEBHOOK_SCHEDULE=RETRIES, CLOUD_HOLD_SECONDS=str(HOLD_SECONDS),
        CLOUD_BLOBS=str(place.resolve() / "blobs"),
        CLOUD_PRESCRIPTION_DAY_SECONDS=str(day_seconds),
    )  # fmt: skip
    progress.title(
        f"A place is held for {HOLD_SECONDS} s; deliveries are tried again after {RETRIES} s; "
        f"a prescription's day lasts {day_seconds} s"
    )
    platform = stack.enter_context(Stack(environ, logs))
    with progress.step("web workers", "gunicorn answers /healthz"):
        platform.start_web()
    with progress.step("worker", "seals, carries and sends"):
        platform.start_worker()
    return Running(platform.url, sms, gateway, environ, logs, day_seconds)


def program(stack: ExitStack, logs: Path, name: str, ready: str) -> tuple[str, str]:
    """Start a program of `deploy/sandbox`; returns its address and the key that it asks for."""
    port, key = free_port(), secrets.token_urlsafe(16)
    command = [sys.executable, "-m", f"deploy.sandbox.{name}", "--port", str(port), "--api-key", key]
    process = Process.start(name, command, {"PATH": "", "PYTHONPATH": str(ROOT)}, logs / f"{name}.log")
    stack.callback(process.stop)
    url = f"http://127.0.0.1:{port}"
    process.wait_until(lambda: answers(url + ready))
    return url, key
