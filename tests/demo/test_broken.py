"""A demonstration whose expectations do not come true ends with status 1, says which, and stops what it started."""

import json
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from deploy.demo.operators import joined
from deploy.demo.people import Person, World
from deploy.demo.run import Played, conclude
from deploy.demo.steps import Broken, Progress, expect, until
from deploy.processes import NotReady, Process

SLEEPER = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(600)"]


@contextmanager
def elsewhere(status: int) -> Iterator[World]:
    """A world that answers everything with `status`."""

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", 0)))
            body = json.dumps({"code": "elsewhere"}).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = _answer

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    url = f"http://127.0.0.1:{server.server_address[1]}"
    yield World(url, url)
    server.shutdown()
    server.server_close()


def test_a_failing_expectation_ends_with_status_1(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    started: list[Process] = []

    def play(stack: ExitStack, progress: Progress) -> Played:
        process = Process.start("sleeper", SLEEPER, {}, tmp_path / "log")
        started.append(process)
        stack.callback(process.stop)
        process.wait_until(lambda: process.says("up"))
        with progress.step("pigs fly", "they do"):
            expect(False, "they do not")
        return Played(progress, 0, 0)

    assert conclude(play) == 1
    said = capfd.readouterr()
    assert said.err.strip() == "BROKEN  pigs fly: they do not"
    assert said.out == ""
    assert started[0].popen.poll() is not None


def test_a_world_that_answers_wrongly_ends_with_status_1(capfd: pytest.CaptureFixture[str]) -> None:
    def play(stack: ExitStack, progress: Progress) -> Played:
        joined(stack.enter_context(elsewhere(503)), ("token", "another"), progress)
        return Played(progress, 0, 0)

    assert conclude(play) == 1
    assert "BROKEN  operators join: operator: POST /sign-in-codes answered 503" in capfd.readouterr().err


def test_a_world_that_is_gone_ends_with_status_1(capfd: pytest.CaptureFixture[str]) -> None:
    def play(stack: ExitStack, progress: Progress) -> Played:
        joined(World("http://127.0.0.1:9", "http://127.0.0.1:9"), ("token", "another"), progress)
        return Played(progress, 0, 0)

    assert conclude(play) == 1
    assert capfd.readouterr().err.startswith("\nBROKEN  ")


def test_a_program_that_never_gets_ready_ends_with_status_1(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    def play(stack: ExitStack, progress: Progress) -> Played:
        process = Process.start("mute", [sys.executable, "-c", "print('no')"], {}, tmp_path / "log")
        stack.callback(process.stop)
        process.wait_until(lambda: False)
        return Played(progress, 0, 0)

    assert conclude(play) == 1
    assert "mute is not ready" in capfd.readouterr().err


def test_what_goes_well_ends_with_one_line_of_json(capfd: pytest.CaptureFixture[str]) -> None:
    def play(stack: ExitStack, progress: Progress) -> Played:
        with progress.step("a step", "it works"):
            expect(True, "never said")
        return Played(progress, 3, 2)

    assert conclude(play) == 0
    last: dict[str, Any] = json.loads(capfd.readouterr().out.splitlines()[-1])
    assert last.pop("steps")[0]["name"] == "a step"
    assert last == {"ok": True, "journeys": 2, "tenants": 3}


@pytest.mark.parametrize(("status", "wanted"), [(200, "answered 200, not 404"), (500, "answered 500, not 404")])
def test_what_should_be_refused_must_be_refused_so(status: int, wanted: str) -> None:
    with elsewhere(status) as world, pytest.raises(Broken, match=wanted):
        Person(world, "somebody").refused(404, "GET", "/staff")


def test_waiting_in_vain_says_for_what() -> None:
    with pytest.raises(Broken, match="in vain for rain"):
        until(lambda: None, "rain", 0.1)


def test_a_program_that_ends_is_not_waited_for(tmp_path: Path) -> None:
    process = Process.start("short", [sys.executable, "-c", "print('gone')"], {}, tmp_path / "log")
    with pytest.raises(NotReady, match="gone"):
        process.wait_until(lambda: False, seconds=20)
    process.stop()
