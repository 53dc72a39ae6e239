"""From an HTTP request to a signed hook, through every machine in between."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from standardwebhooks import Webhook

from app.core.scope import Scope
from app.core.unit import Unit, run
from app.identity.api import register_client
from deploy.stack import Stack
from tests.platform import Platform, new_tenant
from tests.receiver import Receiver, hear

PERMISSIONS = ("notes.read", "notes.write")


@pytest.fixture
def running(platform: Platform, logs: Path) -> Iterator[Stack]:
    with platform.stack(logs) as stack:
        stack.start_web()
        stack.start_worker()
        yield stack


def token(stack: Stack, scope: Scope) -> str:
    def work(unit: Unit) -> tuple[str, str]:
        client, secret = register_client(unit, "test", PERMISSIONS)
        return str(client), secret

    answer = requests.post(
        f"{stack.url}/oauth/token",
        data={"grant_type": "client_credentials"},
        auth=run(scope, work),
        timeout=10,
    )
    assert answer.status_code == 200, answer.text
    return str(answer.json()["access_token"])


def test_from_request_to_hook(running: Stack, receiver: Receiver) -> None:
    north, south = new_tenant(), new_tenant()
    secret = hear(south, receiver.url, ["note.taken"])
    answer = requests.post(
        f"{running.url}/api/v1/dummy-notes",
        json={"taker": south.tenant, "words": "hello"},
        headers={"Authorization": f"Bearer {token(running, north)}", "Idempotency-Key": "one"},
        timeout=10,
    )
    assert answer.status_code == 201, answer.text
    heard = receiver.wait(1)[0]
    event = Webhook(secret).verify(heard.body, heard.headers)
    assert event["type"] == "note.taken"
    assert event["data"] == {"source": answer.json()["id"]}
