"""Everything that the demonstration runs against, started in order and stopped in reverse."""

import secrets
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import requests

from deploy.demo.commands import command
from deploy.demo.steps import Progress, expect
from deploy.demo.walls import ROLES, Wall
from deploy.processes import Process, answers, free_port
from deploy.stack import DATABASE, ROOT, Stack, administrator, environment, kept_keys, prepare

RETRIES = "0.5,1,2,4"
"""Seconds between tries of a delivery, so that a receiver's fault is over within the demonstration."""


@dataclass(frozen=True)
class Limits:
    """How long things last, in seconds; where there is None, as long as in production."""

    hold: int | None = None
    """A place waits so long for its payment."""
    take: int | None = None
    """A doctor has so long to take a visit."""
    day: int | None = None
    """A day of a prescription's validity."""

    def settings(self) -> dict[str, str]:
        """The same as settings of the platform."""
        wanted = {
            "CLOUD_HOLD_SECONDS": self.hold, "CLOUD_VISIT_TAKE_SECONDS": self.take,
            "CLOUD_PRESCRIPTION_DAY_SECONDS": self.day,
        }  # fmt: skip
        return {name: str(seconds) for name, seconds in wanted.items() if seconds is not None}

    @staticmethod
    def of_a_demonstration(residents: int) -> "Limits":
        """Short enough to wait for; longer where many `residents` at once make everybody slower."""
        return Limits(hold=8, take=max(20, 2 * residents), day=max(15, residents))


@dataclass(frozen=True)
class Running:
    """A started platform and the programs around it."""

    platform: str
    sms: str
    gateway: str
    environ: Mapping[str, str]
    logs: Path
    limits: Limits

    def invite_operators(self) -> tuple[str, str]:
        """The tokens that the command line gives for the platform's first two operators."""
        names = "--name", "operator", "--name", "second operator"
        first, second = command(("tokens", "operator", *names), self.environ).splitlines()[-2:]
        return first, second

    def invite_regulator(self) -> str:
        """The token that it gives for somebody of the supervising authority."""
        return command(("tokens", "regulator"), self.environ).splitlines()[-1]

    def verify(self, progress: Progress) -> None:
        """Check every chain of the journal, as an auditor would."""
        with progress.step("journal verified", "every sealed entry of every tenant and person is in its chain"):
            command(("verify",), self.environ)

    @property
    def wall(self) -> Wall:
        """The database, as the web workers see it."""
        return Wall(self.environ["DATABASE_URL_APP"])


def started(stack: ExitStack, place: Path, progress: Progress, limits: Limits) -> Running:
    """Start the database, the programs around the platform, web workers and worker; `stack` stops them."""
    place.mkdir(parents=True, exist_ok=True)
    logs = place / "logs"
    logs.mkdir(exist_ok=True)
    with progress.step("database", "migrated; the platform's roles own nothing and bypass no row-level security"):
        addresses = prepare(administrator(stack, place), DATABASE)
        for role in ROLES:
            expect(Wall(addresses[role]).weak(), f"the role {role} may do more than it should")
    with progress.step(
        "the world outside", "SMS and payment gateways, registry, time-stamp authority, each a program of its own"
    ):
        stamps, root = stamp_authority(stack, logs)
        sms, sms_key = program(stack, logs, "sms", "/sandbox/messages?to=none")
        registry, registry_key = program(stack, logs, "registry", "/sandbox/asked")
        gateway, _ = program(stack, logs, "gateway", "/sandbox/log")
    shown = {
        **limits.settings(), "CLOUD_WEBHOOK_SCHEDULE": RETRIES, "CLOUD_BLOBS": str(place.resolve() / "blobs"),
        "CLOUD_SMS_URL": sms, "CLOUD_REGISTRY_URL": registry, "CLOUD_TSA_URL": stamps,
    }  # fmt: skip
    _show(progress, shown)
    secret = {"CLOUD_SMS_KEY": sms_key, "CLOUD_REGISTRY_KEY": registry_key, "CLOUD_TSA_ROOTS": root}
    environ = environment(addresses, kept_keys(place), **shown, **secret)
    platform = stack.enter_context(Stack(environ, logs, host="localhost"))
    with progress.step("web workers", "gunicorn answers /healthz, and /readyz: the schema is as new as the release"):
        worker = platform.begin_worker()
        platform.start_web()
        expect(answers(f"{platform.url}/readyz"), "the platform is not ready")
    with progress.step("worker", "seals, carries and sends"):
        platform.await_worker(worker)
    return Running(platform.url, sms, gateway, environ, logs, limits)


def _show(progress: Progress, settings: Mapping[str, str]) -> None:
    progress.title("The platform; its settings that differ from those of production, without secrets")
    for name, value in sorted(settings.items()):
        progress.note(f"{name}={value}")


def program(stack: ExitStack, logs: Path, name: str, ready: str) -> tuple[str, str]:
    """Start a program of `deploy/sandbox`; returns its address and the key that it asks for."""
    key = secrets.token_hex(16)
    return _started(stack, logs, name, ready, "--api-key", key), key


def stamp_authority(stack: ExitStack, logs: Path) -> tuple[str, str]:
    """Start the time-stamp authority, which asks for no key; returns where it stamps, and its root."""
    url = _started(stack, logs, "tsa", "/sandbox/root")
    return f"{url}/", requests.get(f"{url}/sandbox/root", timeout=10).json()["root"]


def _started(stack: ExitStack, logs: Path, name: str, ready: str, *more: str) -> str:
    port = free_port()
    command = [sys.executable, "-m", f"deploy.sandbox.{name}", "--port", str(port), *more]
    process = Process.start(name, command, {"PATH": "", "PYTHONPATH": str(ROOT)}, logs / f"{name}.log")
    stack.callback(process.stop)
    url = f"http://127.0.0.1:{port}"
    process.wait_until(lambda: answers(url + ready))
    return url
