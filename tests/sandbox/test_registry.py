"""The sandbox registry of identities as a program."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from tests.residents.world import KEY, RegistryProgram, new_number


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RegistryProgram]:
    with RegistryProgram(tmp_path_factory.mktemp("registry") / "registry.log") as registry:
        yield registry


@pytest.fixture
def registry(running: RegistryProgram) -> RegistryProgram:
    running.faults()
    return running


def verify(registry: RegistryProgram, body: Any, key: str = KEY) -> requests.Response:
    headers = {"Authorization": f"Bearer {key}"}
    return requests.post(f"{registry.url}/verifications", json=body, headers=headers, timeout=20)


@pytest.mark.parametrize(
    ("name", "result"),
    [("张三", "match"), ("\U00020bb7野", "match"), ("张三不符", "mismatch"), ("张三查无", "not_found")],
)
def test_the_rule(registry: RegistryProgram, name: str, result: str) -> None:
    for _ in range(2):
        answer = verify(registry, {"name": name, "number": new_number()})
        assert (answer.status_code, answer.json()) == (200, {"result": result})


@pytest.mark.parametrize("number", ["110105194912310021", "11010519491231002x", "1", "A" * 18, "11010519491231002X0"])
def test_numbers_that_are_none_are_not_found(registry: RegistryProgram, number: str) -> None:
    assert verify(registry, {"name": "张三", "number": number}).json() == {"result": "not_found"}


def test_the_standards_example_matches(registry: RegistryProgram) -> None:
    assert verify(registry, {"name": "张三", "number": "11010519491231002X"}).json() == {"result": "match"}


@pytest.mark.parametrize("key", ["", "another", KEY + "x"])
def test_the_key_is_asked_for(registry: RegistryProgram, key: str) -> None:
    asked = registry.asked
    assert verify(registry, {"name": "张三", "number": new_number()}, key).status_code == 401
    assert registry.asked == asked


@pytest.mark.parametrize(
    "body", [[], "text", {}, {"name": "a"}, {"name": 1, "number": "b"}, {"name": "", "number": "b"}]
)
def test_bad_questions(registry: RegistryProgram, body: Any) -> None:
    assert verify(registry, body).status_code == 422


@pytest.mark.parametrize("wish", [{"drop": -1}, {"lie": "1"}, {"unknown": 1}, {"drop": True}, []])
def test_bad_faults(registry: RegistryProgram, wish: Any) -> None:
    assert requests.post(f"{registry.url}/sandbox/faults", json=wish, timeout=10).status_code == 422


def test_faults(registry: RegistryProgram) -> None:
    wish = {"name": "张三", "number": new_number()}
    registry.faults(http_500=1, lie=1)
    assert [verify(registry, wish).status_code for _ in range(2)] == [500, 200]
    assert verify(registry, wish).json() == {"result": "match"}
    registry.faults(lie=1)
    assert verify(registry, wish).json() == {"result": "perhaps"}
    registry.faults(drop=1)
    with pytest.raises(requests.ConnectionError):
        verify(registry, wish)
    registry.faults(delay_ms=300)
    began = time.monotonic()
    assert verify(registry, wish).ok
    assert time.monotonic() - began >= 0.3


def test_two_hundred_at_once(registry: RegistryProgram) -> None:
    wish, asked = {"name": "张三", "number": new_number()}, registry.asked
    with ThreadPoolExecutor(200) as pool:
        results = list(pool.map(lambda _: verify(registry, wish).json()["result"], range(200)))
    assert results == ["match"] * 200
    assert registry.asked == asked + 200


def test_unknown_addresses(registry: RegistryProgram) -> None:
    assert requests.get(f"{registry.url}/", timeout=10).status_code == 404
    assert requests.post(f"{registry.url}/else", json={}, timeout=10).status_code == 404
    assert verify(registry, {"name": "x" * 100_000, "number": "1"}).status_code in (413, 422)
