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


@dataclass(frozen=True)
class Running:
    """A started platform and the programs around it."""

    platform: str
    sms: str
    environ: Mapping[str, str]
    logs: Path

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


def started(stack: ExitStack, place: Path, progress: Progress) -> Running:
    """Start database, SMS gateway, web workers and worker; `stack` stops them."""
    place.mkdir(parents=True, exist_ok=True)
    logs = place / "logs"
    logs.mkdir(exist_ok=True)
    with progress.step("database", "own PostgreSQL, roles that own nothing, migrated, walls up"):
        addresses = prepare(administrator(stack, place), DATABASE)
    with progress.step("SMS gateway", "a program of its own"):
        sms, key = _sms(stack, logs)
    environ = environment(
        addresses, kept_keys(place), CLOUD_SMS_URL=sms, CLOUD_SMS_KEY=key, CLOUD_WEBHOOK_SCHEDULE=RETRIES
    )
    platform = stack.enter_context(Stack(environ, logs))
    with progress.step("web workers", "gunicorn answers /healthz"):
        platform.start_web()
    with progress.step("worker", "seals, carries and sends"):
        platform.start_worker()
    return Running(platform.url, sms, environ, logs)


def _sms(stack: ExitStack, logs: Path) -> tuple[str, str]:
    port, key = free_port(), secrets.token_urlsafe(16)
    command = [sys.executable, "-m", "deploy.sandbox.sms", "--port", str(port), "--api-key", key]
    process = Process.start("sms", command, {"PATH": "", "PYTHONPATH": str(ROOT)}, logs / "sms.log")
    stack.callback(process.stop)
    url = f"http://127.0.0.1:{port}"
    process.wait_until(lambda: answers(f"{url}/sandbox/messages?to=none"))
    return url, key
