"""Asking the registry: only a well-formed answer is believed, and nobody waits long."""

import json
import time
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from app.core.http import Client, Policy
from app.residents.connectors.registry import AskRegistry, Registry, RegistryUnavailable, Verdict
from app.settings import Settings, UnsafeSettings
from deploy.stack import environment, new_keys
from tests.production import PRODUCTION
from tests.residents.conftest import asking_at
from tests.residents.world import KEY, RegistryProgram, new_number

ADDRESSES = {name: f"postgresql://{name}@db.example.com/cloud" for name in ("app", "sealer", "discovery")}


@pytest.mark.parametrize(
    ("name", "verdict"), [("张三", Verdict.MATCH), ("张不符", Verdict.MISMATCH), ("张查无", Verdict.NOT_FOUND)]
)
def test_verdicts(ask: AskRegistry, name: str, verdict: Verdict) -> None:
    assert ask(name, new_number()) is verdict


def test_a_closed_connection_is_asked_again_once(ask: AskRegistry, registry: RegistryProgram) -> None:
    asked = registry.asked
    registry.faults(drop=1)
    assert ask("张三", new_number()) is Verdict.MATCH
    assert registry.asked == asked + 2
    registry.faults(drop=2)
    with pytest.raises(RegistryUnavailable):
        ask("张三", new_number())


def test_nobody_waits_long(registry: RegistryProgram) -> None:
    registry.faults(delay_ms=3000)
    with Client(replace(Policy.loopback(), total_timeout=0.3)) as client:
        began = time.monotonic()
        with pytest.raises(RegistryUnavailable, match="timed_out"):
            Registry(client, registry.url, KEY)("张三", new_number())
    assert time.monotonic() - began < 2


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b""), (200, b"match"), (200, b"[]"), (200, b'"match"'), (200, b'{"result": "MATCH"}'), (200, b"null"),
        (200, b'{"result": ["match"]}'), (200, b'{"result": true}'), (200, b'{"verdict": "match"}'), (200, b"\xff"),
        (201, b'{"result": "match"}'), (302, b'{"result": "match"}'), (404, b'{"result": "match"}'),
        (200, json.dumps({"result": {"match": 1}}).encode()),
    ],
)  # fmt: skip
def test_a_registry_that_lies(status: int, body: bytes) -> None:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(status)
            self.send_header("location", "http://127.0.0.1:1/")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    with asking_at(f"http://127.0.0.1:{server.server_address[1]}") as ask, pytest.raises(RegistryUnavailable):
        ask("张三", new_number())
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    "given",
    [
        {"CLOUD_REGISTRY_URL": "http://registry.example.com", "CLOUD_REGISTRY_KEY": "secret"},
        {"CLOUD_REGISTRY_URL": "https://registry.example.com"},
    ],
)
def test_unsafe_settings(given: dict[str, str]) -> None:
    with pytest.raises(UnsafeSettings, match="CLOUD_REGISTRY"):
        Settings.from_environment(environment(ADDRESSES, new_keys(), **PRODUCTION, **given))


def test_safe_settings() -> None:
    given = {"CLOUD_REGISTRY_URL": "https://registry.example.com/", "CLOUD_REGISTRY_KEY": "hidden"}
    whole = environment(ADDRESSES, new_keys(), **PRODUCTION, **given)
    settings = Settings.from_environment(whole)
    assert settings.registry_url == "https://registry.example.com"
    assert "hidden" not in repr(settings)
