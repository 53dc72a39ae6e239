"""What holds when web processes die, and when there are several of them."""

import re

import pytest
import requests

from app.core.unit import unit
from deploy.stack import Stack
from tests.dummy.models import Note
from tests.edge.caller import Caller


def test_crash_between_commit_and_answer_is_replayed(stack: Stack, north: Caller) -> None:
    def ask() -> requests.Response:
        headers = north.headers({"Idempotency-Key": "k"})
        return requests.post(f"{stack.url}/api/v1/edge-notes", json={"words": "die"}, headers=headers, timeout=20)

    with pytest.raises(requests.ConnectionError):
        ask()
    answer = ask()
    assert (answer.status_code, answer.headers["Idempotency-Replayed"]) == (201, "true")
    with unit(north.tenant) as reading:
        [note] = reading.all(reading.select(Note))
    assert (note.words, answer.json()["version"]) == ("die", 1)


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
