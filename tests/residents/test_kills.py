"""A web process that is killed while the registry is asked leaves nobody verified and nothing in the way."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import requests

from deploy.stack import Stack
from tests.residents.world import KEY, RegistryProgram, World, new_number
from tests.tenants.world import Actor

SECONDS = 20


def verify(stack: Stack, person: Actor, number: str) -> int:
    """The status of a verification; 0 where no answer came."""
    headers = {"Authorization": f"Bearer {person.token}"}
    body = {"name": "张三", "number": number}
    try:
        return requests.post(
            f"{stack.url}/api/v1/me/resident/verification", json=body, headers=headers, timeout=SECONDS
        ).status_code
    except requests.ConnectionError:
        return 0


def asked_again(registry: RegistryProgram, before: int) -> bool:
    """Whether the registry is asked within the time."""
    deadline = time.monotonic() + SECONDS
    while registry.asked == before:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def test_killed_while_the_registry_is_asked(world: World, registry: RegistryProgram, logs: Path) -> None:
    person, number, before = world.person(), new_number(), registry.asked
    registry.faults(delay_ms=3000)
    asking = {"CLOUD_REGISTRY_URL": registry.url, "CLOUD_REGISTRY_KEY": KEY}
    with world.platform.stack(logs, **asking) as stack, ThreadPoolExecutor(1) as pool:
        web = stack.start_web()
        answer = pool.submit(verify, stack, person, number)
        assert asked_again(registry, before)
        web.kill()
        assert answer.result(SECONDS) == 0
        assert person.do("GET", "/me/resident")["state"] == "unverified"
        registry.faults()
        stack.start_web()
        assert verify(stack, person, number) == 200
        log = "".join(file.read_text() for file in logs.iterdir())
    assert person.do("GET", "/me/resident")["state"] == "verified"
    assert [entry[0] for entry in world.entries(person.id, "resident.verification_tried", "resident.verified")] == [
        "resident.verification_tried", "resident.verification_tried", "resident.verified",
    ]  # fmt: skip
    assert "/api/v1/me/resident/verification" in log
    assert number not in log and "张三" not in log
