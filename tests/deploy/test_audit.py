"""Dependencies are held against known faults, where somebody is named who knows them."""

import json
import shutil
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from deploy.stack import ROOT

FAULTY, NUMBER = "flask", "OSV-TEST-1"
FAULT = {
    "id": NUMBER, "summary": "a fault", "details": "a fault",
    "affected": [{"package": {"name": FAULTY, "ecosystem": "PyPI"}, "versions": [], "ranges": []}],
}  # fmt: skip


class Advisories(BaseHTTPRequestHandler):
    """Knows one fault."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        known = {"vulns": [FAULT]} if asked["package"]["name"] == FAULTY else {}
        answer = json.dumps(known).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def advisories() -> Iterator[str]:
    """The address of an advisory service."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Advisories) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/v1/query"
        server.shutdown()


def planned(*words: str) -> list[str]:
    """The commands that `make check` would run."""
    make = shutil.which("make")
    assert make
    done = subprocess.run([make, "-n", "check", *words], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def test_a_check_that_is_told_whom_to_ask_fails_on_a_known_fault(advisories: str) -> None:
    (audit,) = [line for line in planned(f"ADVISORIES={advisories}") if line.endswith("-r requirements.txt")]
    done = subprocess.run(audit.split(), cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert NUMBER in done.stdout


def test_a_check_that_is_told_nothing_asks_nobody() -> None:
    assert [line for line in planned() if "pip_audit" in line] == []
