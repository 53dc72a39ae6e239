"""What holds when web processes die, and when there are several of them."""

import os
import re
import signal
import time
from functools import partial
from pathlib import Path

import pytest
import requests

from app.core.unit import unit
from app.edge.requests import MAX_BODY
from deploy.stack import Stack
from tests.dummy.models import Note
from tests.edge.caller import Caller
from tests.platform import Platform


def test_crash_between_commit_and_answer_is_replayed(stack: Stack, north: Caller) -> None:
    def ask() -> requests.Response:
        headers = north.headers({"Idempotency-Key": "k", "Connection": "close"})  # else the server's end waits for more
        return requests.post(f"{stack.url}/api/v1/edge-notes", json={"words": "die"}, headers=headers, timeout=20)

    with pytest.raises(requests.ConnectionError):
        ask()
    answer = ask()
    assert (answer.status_code, answer.headers["Idempotency-Replayed"]) == (201, "true")
    with unit(north.tenant) as reading:
        [note] = reading.all(reading.select(Note))
    assert (note.words, answer.json()["version"]) == ("die", 1)


def test_a_body_that_is_too_large_ends_its_connection_and_says_so(stack: Stack, north: Caller) -> None:
    headers = north.headers({"Idempotency-Key": "k", "Content-Type": "application/json"})
    with requests.Session() as browser:
        asked = partial(browser.post, f"{stack.url}/api/v1/edge-notes", headers=headers, timeout=20)
        large = {"words": "x" * (MAX_BODY + 100_000)}
        refused, next_one = asked(json=large), asked(json={"words": "one"})
    assert (refused.status_code, refused.headers["Connection"]) == (413, "close")
    assert (next_one.status_code, next_one.headers["Connection"]) == (201, "keep-alive")


def newest(log: Path, known: list[int]) -> int:
    """The worker that a server begins after those that are `known`, as soon as it says so."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        begun = [int(pid) for pid in re.findall(r"Booting worker with pid: (\d+)", log.read_text())]
        if len(begun) > len(known):
            return begun[len(known)]
        time.sleep(0.001)
    raise TimeoutError("no further worker began")


def test_a_worker_that_is_told_to_end_while_it_begins_ends(platform: Platform, logs: Path) -> None:
    """Otherwise a server that stops then waits its whole grace for it."""
    told: list[int] = []
    with platform.stack(logs, CLOUD_WEB_WORKERS="1") as stack:
        web = stack.start_web()
        for _ in range(4):
            told.append(newest(web.log, told))
            os.kill(told[-1], signal.SIGTERM)
        assert newest(web.log, told) not in told


def counted(stack: Stack) -> float:
    text = requests.get(f"{stack.url}/metrics", timeout=10).text
    found = re.search(r'http_requests_total\{method="GET",rule="/api/v1/edge-notes",status="4xx"\} (\S+)', text)
    return float(found[1]) if found else 0.0


def test_metrics_count_all_processes_and_outlive_them(stack: Stack, north: Caller) -> None:
    for _ in range(40):  # a connection each, so that both processes get some
        assert requests.get(f"{stack.url}/api/v1/edge-notes", timeout=10).status_code == 401
    assert counted(stack) == 40
    headers = north.headers({"Idempotency-Key": "k"})
    with pytest.raises(requests.ConnectionError):
        requests.post(f"{stack.url}/api/v1/edge-notes", json={"words": "die"}, headers=headers, timeout=20)
    requests.get(f"{stack.url}/api/v1/edge-notes", timeout=10)
    assert counted(stack) == 41
