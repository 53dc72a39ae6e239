"""The sandbox SMS gateway as a program."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from tests.identity.phone import KEY, Gateway


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with Gateway(tmp_path_factory.mktemp("sms") / "sms.log") as gateway:
        yield gateway


@pytest.fixture
def gateway(running: Gateway) -> Gateway:
    running.faults()
    return running


def send(gateway: Gateway, body: Any, key: str = KEY) -> requests.Response:
    headers = {"Authorization": f"Bearer {key}"}
    return requests.post(f"{gateway.url}/messages", json=body, headers=headers, timeout=20)


def message(gateway: Gateway, id: str, text: str = "hello") -> dict[str, str]:
    return {"id": id, "to": gateway.phone().number, "template": "greeting", "text": text}


def inbox(gateway: Gateway, to: str) -> list[dict[str, Any]]:
    answer = requests.get(f"{gateway.url}/sandbox/messages", params={"to": to}, timeout=10)
    return list(answer.json()["messages"])


def test_messages_arrive_newest_first(gateway: Gateway) -> None:
    first = message(gateway, "order-1")
    second = {**first, "id": "order-2", "text": "验证码"}
    assert send(gateway, first).status_code == send(gateway, second).status_code == 202
    assert [one["text"] for one in inbox(gateway, first["to"])] == ["验证码", "hello"]
    assert inbox(gateway, gateway.phone().number) == []


def test_the_same_id_is_one_message(gateway: Gateway) -> None:
    wish = message(gateway, "same")
    assert [send(gateway, wish).status_code for _ in range(3)] == [202] * 3
    assert len(inbox(gateway, wish["to"])) == 1
    assert send(gateway, {**wish, "text": "other"}).status_code == 422
    assert len(inbox(gateway, wish["to"])) == 1


@pytest.mark.parametrize("key", ["", "another", KEY + "x"])
def test_the_key_is_asked_for(gateway: Gateway, key: str) -> None:
    wish = message(gateway, f"key-{key}")
    assert send(gateway, wish, key).status_code == 401
    assert inbox(gateway, wish["to"]) == []


@pytest.mark.parametrize(
    "body", [[], "text", {}, {"id": "a", "to": "b"}, {"id": 1, "to": "b", "template": "t", "text": "c"}, None]
)
def test_bad_messages(gateway: Gateway, body: Any) -> None:
    assert send(gateway, body).status_code == 422


@pytest.mark.parametrize("wish", [{"drop": -1}, {"drop": "1"}, {"unknown": 1}, {"drop": True}, []])
def test_bad_faults(gateway: Gateway, wish: Any) -> None:
    assert requests.post(f"{gateway.url}/sandbox/faults", json=wish, timeout=10).status_code == 422


def test_failing_messages_do_not_arrive(gateway: Gateway) -> None:
    gateway.faults(http_500=2)
    wish = message(gateway, "failing")
    assert [send(gateway, wish).status_code for _ in range(2)] == [500, 500]
    assert inbox(gateway, wish["to"]) == []
    assert send(gateway, wish).status_code == 202


def test_dropped_messages_arrive_unanswered(gateway: Gateway) -> None:
    gateway.faults(drop=1)
    wish = message(gateway, "dropped")
    with pytest.raises(requests.ConnectionError):
        send(gateway, wish)
    assert len(inbox(gateway, wish["to"])) == 1
    assert send(gateway, wish).status_code == 202
    assert len(inbox(gateway, wish["to"])) == 1


def test_delayed_answers(gateway: Gateway) -> None:
    gateway.faults(delay_ms=300)
    began = time.monotonic()
    assert send(gateway, message(gateway, "late")).status_code == 202
    assert time.monotonic() - began >= 0.3


def test_two_hundred_at_once(gateway: Gateway) -> None:
    gateway.faults(delay_ms=200)
    to = gateway.phone().number
    wishes = [{"id": f"crowd-{number}", "to": to, "template": "t", "text": "hello"} for number in range(200)]
    with ThreadPoolExecutor(200) as pool:
        answers = list(pool.map(lambda wish: send(gateway, wish).status_code, wishes))
    assert answers == [202] * 200
    assert len(inbox(gateway, to)) == 200


def test_unknown_addresses(gateway: Gateway) -> None:
    assert requests.get(f"{gateway.url}/", timeout=10).status_code == 404
    assert requests.post(f"{gateway.url}/else", json={}, timeout=10).status_code == 404
    assert send(gateway, {"text": "x" * 100_000}).status_code in (413, 422)
