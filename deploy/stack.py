"""A whole platform on one machine: database, web workers, worker; for the demonstration, development and tests."""

import base64
import json
import os
import secrets
import sys
from collections.abc import Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from app.core.roles import init
from app.identity.api import new_issuer, new_root
from deploy import postgres, processes
from deploy.processes import Process, Starter, answers, free_port
from migrations.run import upgrade

DATABASE = "cloud_hospital_local"
"""A local platform's own database: where `DATABASE_URL` names a real server, its `cloud_hospital` is never touched."""
ROOT = processes.ROOT


def administrator(exit_stack: ExitStack, place: Path, *, durable: bool = True) -> str:
    """The address of a database administrator: `DATABASE_URL`, or that of an own server in `place`."""
    given = os.environ.get("DATABASE_URL")
    if given:
        return given
    server = exit_stack.enter_context(postgres.start(place / "postgres", durable=durable))
    return server.url


def prepare(admin: str, database: str = DATABASE) -> dict[str, str]:
    """Make the database with its roles and bring it to the newest schema; returns each role's address.

    Roles that are there get new passwords: the processes of a former start have ended.
    """
    addresses = init(admin, database, new_passwords=True)
    upgrade(addresses["owner"])
    return addresses


@dataclass(frozen=True)
class Keys:
    """The secrets of a development platform."""

    ring: str = field(repr=False)
    blind: str = field(repr=False)
    checkpoints: str = field(repr=False)
    root: str = field(repr=False)
    """Of signers' certificates; a development platform keeps beside the others what belongs offline."""
    authority: str = field(repr=False)


def environment(addresses: Mapping[str, str], keys: Keys, **more: str) -> dict[str, str]:
    """The environment of a development process."""
    return {
        "PATH": os.environ.get("PATH", ""),
        "PYTHONPATH": str(ROOT),
        "CLOUD_ENVIRONMENT": "development",
        "DATABASE_URL_APP": addresses["app"],
        "DATABASE_URL_SEALER": addresses["sealer"],
        "DATABASE_URL_DISCOVERY": addresses["discovery"],
        "CLOUD_KEYS": keys.ring,
        "CLOUD_BLIND_KEY": keys.blind,
        "CLOUD_CHECKPOINT_KEYS": keys.checkpoints,
        "CLOUD_SIGNING_AUTHORITY": keys.authority,
        "CLOUD_BLOBS": str(ROOT / "var" / "blobs"),
        **more,
    }


def new_keys() -> Keys:
    """Fresh keys: a ring of one, one for blind indexes, one that signs checkpoints, and a certificate authority."""
    now = datetime.now(UTC)
    root = new_root(now)
    return Keys(f"1:{_random_key()}", _random_key(), f"1:{_signing_key()}", root.decode(), new_issuer(root, now))


def kept_keys(place: Path) -> Keys:
    """The keys kept in `place`, made at first use and readable by their owner alone."""
    file = place / "keys.json"
    file.touch(mode=0o600)
    known = json.loads(file.read_text() or "{}")
    keys = Keys(**(asdict(new_keys()) | known))  # a place of an earlier release lacks what came later
    if asdict(keys) != known:
        file.write_text(json.dumps(asdict(keys)))
    return keys


def _random_key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def _signing_key() -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    return base64.b64encode(key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())).decode()


@dataclass
class Stack(AbstractContextManager["Stack"]):
    """The platform's own processes over one prepared database."""

    environ: Mapping[str, str]
    logs: Path
    port: int = field(default_factory=free_port)
    wake: int = field(default_factory=free_port)
    start: Starter = Process.start
    host: str = "127.0.0.1"
    """By which name the web workers are called; browsers make passkeys for a name alone, as `localhost`."""
    _processes: list[Process] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where the web workers listen."""
        return f"http://{self.host}:{self.port}"

    def start_web(self) -> Process:
        """Start gunicorn and wait until it answers."""
        environ = {**self.environ, "CLOUD_BIND": f"127.0.0.1:{self.port}", "CLOUD_WAKE": f"127.0.0.1:{self.wake}"}
        environ.setdefault("CLOUD_ISSUER", self.url)
        command = [sys.executable, "-m", "gunicorn", "--config", str(ROOT / "deploy/gunicorn.conf.py")]
        web = self._start("web", [*command, "--chdir", str(ROOT)], environ)
        web.wait_until(lambda: web.says("Booting worker") and answers(f"{self.url}/healthz"))
        return web

    def start_worker(self) -> Process:
        """Start a worker and wait until its loops run."""
        return self.await_worker(self.begin_worker())

    def begin_worker(self) -> Process:
        """Start a worker, which needs no web worker, and wait for nothing."""
        environ = {**self.environ, "CLOUD_WAKE_LISTEN": f"127.0.0.1:{self.wake}"}
        environ.setdefault("CLOUD_ISSUER", self.url)
        return self._start("worker", [sys.executable, "-m", "app.cli", "worker"], environ)

    def await_worker(self, worker: Process) -> Process:
        """Wait until the loops of a worker run that was begun here."""
        worker.wait_until(lambda: worker.says("worker_ready"))
        return worker

    def _start(self, name: str, command: list[str], environ: Mapping[str, str]) -> Process:
        self.logs.mkdir(parents=True, exist_ok=True)
        log = self.logs / f"{name}-{len(self._processes)}.log"
        log.unlink(missing_ok=True)
        process = self.start(name, command, environ, log)
        self._processes.append(process)
        return process

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        """Stop what was started, last first."""
        for process in reversed(self._processes):
            process.stop()
