"""What a tenant's systems hear: by hooks, from the feed, and again from dead letters."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic, sleep
from typing import Any

import pytest

from app.core.http import Client, Policy
from app.core.ids import PublicId, new_id
from app.core.send.deliver import Sender
from tenants.names import DELIVERY_ID, EVENTS
from tests.core.journal.scenes import eventually
from tests.tenants.hooks import Receiver, echo
from tests.tenants.test_webhook_endpoints import ENDPOINTS, make, verify
from tests.tenants.world import Tenant, World, member

NO_RETRY = (0.0,)
SECONDS = 20


@contextmanager
def sender() -> Iterator[Sender]:
    with Client(Policy.loopback()) as client:
        yield Sender(client, NO_RETRY, lambda: False)


def send(tenant: Tenant, done: Callable[[], bool]) -> None:
    """Send what is due until `done`; raises TimeoutError."""
    deadline = monotonic() + SECONDS
    with sender() as sending:
        while not done():
            sending.send(tenant.scope)
            if monotonic() > deadline:
                raise TimeoutError
            sleep(0.01)


def deliveries(tenant: Tenant, state: str) -> list[dict[str, Any]]:
    listed = tenant.administrator.do("GET", f"/deliveries?state={state}&limit=100")["data"]
    return list(listed)


def invite(world: World, tenant: Tenant, count: int = 1) -> None:
    for _ in range(count):
        tenant.administrator.do("POST", "/staff", member())
    world.settle(tenant.scope)


@pytest.fixture
def hearing(world: World, clinic: Tenant, hooks: Receiver) -> tuple[str, str]:
    """An endpoint that is proven, and its secret."""
    endpoint, secret = make(clinic, hooks.url, ["staff.invited", "staff.ended"])
    assert verify(clinic, endpoint) == (200, "active")
    return endpoint, secret


def test_events_are_heard_after_verification_only(world: World, clinic: Tenant, hooks: Receiver) -> None:
    endpoint, secret = make(clinic, hooks.url)
    invite(world, clinic)
    assert deliveries(clinic, "pending") == []
    verify(clinic, endpoint)
    invite(world, clinic)
    send(clinic, lambda: len(deliveries(clinic, "delivered")) == 1)
    assert [one.verified(secret)["type"] for one in hooks.events] == ["staff.invited"]


def test_feed_and_hooks_say_the_same_byte_for_byte(
    world: World, clinic: Tenant, hooks: Receiver, hearing: tuple[str, str]
) -> None:
    invite(world, clinic, 3)
    send(clinic, lambda: len(deliveries(clinic, "delivered")) == 3)
    feed = clinic.administrator.ask("GET", "/events?limit=100").data
    for message in hooks.events:
        assert message.verified(hearing[1])
        assert feed.count(message.body) == 1
    assert [one.headers["webhook-id"] for one in hooks.events] == [one.event["id"] for one in hooks.events]


def test_the_feed_goes_on_where_it_was_left(world: World, clinic: Tenant) -> None:
    invite(world, clinic, 5)
    seen, after = list[int](), 0
    while page := clinic.administrator.do("GET", f"/events?after={after}&limit=2"):
        if not page["data"]:
            break
        assert len(page["data"]) <= 2
        seen += [event["seq"] for event in page["data"]]
        after = page["next_after"]
        assert after == seen[-1]
    assert seen == sorted(set(seen))
    assert clinic.administrator.do("GET", f"/events?after={after}") == {"data": [], "next_after": after}
    invite(world, clinic)
    assert [one["type"] for one in clinic.administrator.do("GET", f"/events?after={after}")["data"]] == [
        "staff.invited"
    ]


def test_the_feed_shows_public_events_of_the_own_tenant_only(
    world: World, clinic: Tenant, pharmacy: Tenant, hearing: tuple[str, str]
) -> None:
    invite(world, clinic)
    clinic.administrator.do("POST", f"{ENDPOINTS}/{hearing[0]}/disabling")
    world.settle(clinic.scope)
    feed = clinic.administrator.do("GET", "/events?limit=100")["data"]
    assert {one["type"] for one in feed} == {"tenant.opened", "staff.joined", "staff.invited"}
    assert {one["type"] for one in feed} <= set(EVENTS)
    others = pharmacy.administrator.do("GET", "/events?limit=100")["data"]
    assert not {one["id"] for one in feed} & {one["id"] for one in others}


@pytest.mark.parametrize("query", ["after=-1", "after=x", "limit=0", "limit=101", "after=9007199254740992", "seq=1"])
def test_questions_that_the_feed_refuses(world: World, clinic: Tenant, query: str) -> None:
    assert clinic.administrator.refused(422, "GET", f"/events?{query}") == "invalid_input"


def test_a_disabled_endpoint_hears_nothing(
    world: World, clinic: Tenant, hooks: Receiver, hearing: tuple[str, str]
) -> None:
    invite(world, clinic)
    assert len(deliveries(clinic, "pending")) == 1
    clinic.administrator.do("POST", f"{ENDPOINTS}/{hearing[0]}/disabling")
    send(clinic, lambda: len(deliveries(clinic, "canceled")) == 1)
    invite(world, clinic)
    assert deliveries(clinic, "pending") == []
    assert hooks.events == []


def test_a_dead_letter_is_listed_and_sent_again_under_its_id(
    world: World, clinic: Tenant, hooks: Receiver, hearing: tuple[str, str]
) -> None:
    hooks.answer = lambda message: (503, {}, b"no")
    invite(world, clinic)
    send(clinic, lambda: len(deliveries(clinic, "exhausted")) == 1)
    letter = clinic.administrator.do("GET", "/deliveries")["data"][0]
    assert (letter["endpoint"], letter["tries"], letter["delivered_at"]) == (hearing[0], 2, None)
    assert letter["event"] == hooks.events[0].event["id"]
    told = clinic.administrator.do("GET", f"/deliveries/{letter['id']}")
    assert told["delivery"] == letter
    assert [(one["number"], one["outcome"], one["status"], one["answer"]) for one in told["attempts"]] == [
        (1, "status_503", 503, "no"), (2, "status_503", 503, "no"),
    ]  # fmt: skip
    assert all(one["started_at"] <= one["finished_at"] for one in told["attempts"])
    hooks.answer = echo
    again = f"/deliveries/{letter['id']}/resending"
    assert clinic.administrator.do("POST", again)["state"] == "pending"
    assert clinic.administrator.refused(409, "POST", again) == "delivery_not_exhausted"
    send(clinic, lambda: len(deliveries(clinic, "delivered")) == 1)
    assert {one.headers["webhook-id"] for one in hooks.events} == {letter["event"]}
    assert {one.body for one in hooks.events} == {hooks.events[0].body}
    assert clinic.administrator.do("GET", "/deliveries")["data"] == []


def test_ways_that_fail_before_they_send_count_as_nothing_done(
    world: World, clinic: Tenant, hooks: Receiver, hearing: tuple[str, str]
) -> None:
    invite(world, clinic)
    with world.platform.connection() as administrator:
        administrator.execute("UPDATE webhook_endpoints SET types = 'null' WHERE tenant_id = %s", [clinic.scope.tenant])
    with sender() as sending:
        assert sending.send(clinic.scope) == 1
        eventually(lambda: sending.send(clinic.scope) == 0)
        opened, until = 0, monotonic() + 1
        while monotonic() < until:
            opened += sending.send(clinic.scope)
    assert opened == 0
    assert hooks.events == []


def test_a_dead_letter_of_a_disabled_endpoint_is_not_sent_again(
    world: World, clinic: Tenant, hooks: Receiver, hearing: tuple[str, str]
) -> None:
    hooks.answer = lambda message: (503, {}, b"")
    invite(world, clinic)
    send(clinic, lambda: len(deliveries(clinic, "exhausted")) == 1)
    clinic.administrator.do("POST", f"{ENDPOINTS}/{hearing[0]}/disabling")
    letter = deliveries(clinic, "exhausted")[0]["id"]
    assert clinic.administrator.refused(409, "POST", f"/deliveries/{letter}/resending") == "endpoint_not_active"


def test_another_tenants_dead_letter_is_not_there(
    world: World, clinic: Tenant, pharmacy: Tenant, hooks: Receiver, hearing: tuple[str, str]
) -> None:
    hooks.answer = lambda message: (503, {}, b"")
    invite(world, clinic)
    send(clinic, lambda: len(deliveries(clinic, "exhausted")) == 1)
    letter = deliveries(clinic, "exhausted")[0]["id"]
    unknown = str(PublicId(DELIVERY_ID, pharmacy.scope, new_id()))
    for id in (letter, unknown, "dlv_0"):
        assert pharmacy.administrator.refused(404, "POST", f"/deliveries/{id}/resending") == "not_found"
        assert pharmacy.administrator.refused(404, "GET", f"/deliveries/{id}") == "not_found"
    assert pharmacy.administrator.do("GET", "/deliveries")["data"] == []
