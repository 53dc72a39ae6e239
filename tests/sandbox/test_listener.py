"""The listener takes what the platform signed, each message once, and nothing else."""

import base64
import hmac
import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook

from app.core.send.message import headers
from app.core.send.secrets import new_secret
from deploy.demo.listening import Listener
from deploy.processes import free_port
from deploy.sandbox.integrator.hooks import Forged
from deploy.sandbox.listener.inbox import Inbox
from deploy.stack import ROOT
from tests.sandbox.standin import CLIENT, StandIn
from tests.tables import let_through

SECRET = new_secret()


def message(id: str = "evt_1", at: datetime | None = None, secret: str = SECRET, **event: Any) -> tuple[Any, bytes]:
    body = json.dumps({"id": id, "type": "staff.invited", "data": {}, **event}).encode()
    return dict(headers(id, body, at or datetime.now(UTC), [secret])), body


@pytest.fixture
def inbox() -> Inbox:
    return Inbox(SECRET)


def test_a_message_is_taken_once(inbox: Inbox) -> None:
    for _ in range(3):
        assert inbox.take(*message()) == (200, {})
    assert inbox.take(*message("evt_2")) == (200, {})
    assert [event["id"] for event in inbox.shown()["events"]] == ["evt_1", "evt_2"]
    assert inbox.shown()["arrivals"] == ["evt_1"] * 3 + ["evt_2"]


def test_a_challenge_is_answered_with_its_nonce_and_not_kept(inbox: Inbox) -> None:
    asked = message(type="endpoint.verification", data={"nonce": "n"})
    assert inbox.take(*asked) == (200, {"nonce": "n"})
    assert inbox.shown() == {"events": [], "arrivals": [], "refused": 0}


def test_a_receiver_that_is_down_hears_it_later(inbox: Inbox) -> None:
    inbox.refusals = 2
    assert [inbox.take(*message())[0] for _ in range(3)] == [503, 503, 200]
    assert inbox.shown()["refused"] == 2
    assert len(inbox.shown()["events"]) == 1


def test_the_feed_brings_what_was_missed_and_nothing_twice(inbox: Inbox) -> None:
    inbox.take(*message())
    for id in ("evt_1", "evt_2"):
        inbox.catch_up({"id": id, "type": "staff.invited", "data": {}})
    inbox.take(*message("evt_2"))
    assert [event["id"] for event in inbox.shown()["events"]] == ["evt_1", "evt_2"]
    assert inbox.shown()["arrivals"] == ["evt_1", "evt_2", "evt_2"]


@pytest.fixture(scope="module")
def desk() -> Iterator[StandIn]:
    with StandIn() as made:
        yield made


def test_the_program_proves_its_endpoint_and_hears_what_was_and_what_comes(desk: StandIn, tmp_path: Path) -> None:
    missed, other = desk.event("staff.invited", "sta_1"), desk.event("staff.joined", "sta_1")
    listener = Listener.start(desk.url, CLIENT, ["staff.invited"], tmp_path)
    assert (desk.endpoints[-1].state, desk.endpoints[-1].types) == ("active", ["staff.invited"])
    listener.refuse(1)
    coming = desk.event("staff.invited", "sta_2")
    assert [desk.deliver(coming) for _ in range(3)] == [503, 200, 200]
    assert desk.deliver({**other, "id": "evt_forged"}, secret=new_secret()) == 401
    heard = listener.heard()
    assert heard == {"events": [missed, coming], "arrivals": [missed["id"], *[coming["id"]] * 2], "refused": 1}
    listener.process.stop()


@pytest.mark.parametrize("reachable", [True, False])
def test_a_start_that_fails_tells_why_and_ends(desk: StandIn, reachable: bool) -> None:
    words = [sys.executable, "-m", "deploy.sandbox.listener", "--client-id", "nobody", "--types", "staff.invited"]
    url = desk.url if reachable else f"http://127.0.0.1:{free_port()}"
    done = subprocess.run(
        [*words, "--platform", url, "--port", "0"],
        env={"CLIENT_SECRET": "wrong"}, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (1, "")
    assert ("POST /oauth/token was refused: invalid_client: " in done.stderr) is reachable
    assert "Traceback" not in done.stderr


def test_without_a_secret_everything_is_forged() -> None:
    at, body = datetime.now(UTC), b'{"id": "evt_1", "type": "staff.invited", "data": {}}'
    signed = hmac.new(b"", f"evt_1.{int(at.timestamp())}.".encode() + body, "sha256").digest()
    stamped = {
        "webhook-id": "evt_1", "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": f"v1,{base64.b64encode(signed).decode()}",
    }  # fmt: skip
    with pytest.raises(Forged):
        Inbox().take(stamped, body)


def test_what_another_secret_signed_is_forged(inbox: Inbox) -> None:
    with pytest.raises(Forged):
        inbox.take(*message(secret=new_secret()))
    assert inbox.shown()["events"] == []


@pytest.mark.parametrize("minutes", [-10, 10])
def test_what_was_signed_long_ago_or_ahead_is_forged(inbox: Inbox, minutes: int) -> None:
    with pytest.raises(Forged):
        inbox.take(*message(at=datetime.now(UTC) + timedelta(minutes=minutes)))


@pytest.mark.parametrize("header", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_changed_headers_are_forged(inbox: Inbox, header: str) -> None:
    def take(value: str | None) -> None:
        given, body = message()
        given.pop(header)
        inbox.take(given if value is None else {**given, header: value}, body)

    assert let_through(take, [None, "", "x", "\n", "9" * 400], Forged) == set()


def test_a_body_that_is_no_event_is_forged(inbox: Inbox) -> None:
    def take_signed(body: str) -> None:
        now = datetime.now(UTC)
        signed = Webhook(SECRET).sign("evt_1", now, body)
        stamped = {"webhook-id": "evt_1", "webhook-timestamp": str(int(now.timestamp())), "webhook-signature": signed}
        inbox.take(stamped, body.encode())

    given, _ = message()
    bodies = ["", "[]", '"x"', "null", "{"]
    assert let_through(lambda body: inbox.take(given, body), [b"\xff", *map(str.encode, bodies)], Forged) == set()
    assert let_through(take_signed, bodies, Forged) == set()
