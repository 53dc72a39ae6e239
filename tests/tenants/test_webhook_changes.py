"""An endpoint that is changed, gets new secrets and is deleted: what hears in between, and with which signatures."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from app.core.http import Client, Policy
from app.core.ids import PublicId
from app.core.send.deliver import Sender
from app.core.send.models import Endpoint
from app.core.unit import database, run
from tests.core.journal.scenes import eventually
from tests.tenants.conftest import Clock
from tests.tenants.hooks import Message, Receiver, receiving
from tests.tenants.test_webhook_endpoints import ENDPOINTS, TYPES, make, state, verify
from tests.tenants.world import Tenant, World, member, recorded

HOLDS = "webhook-signature"


def shown(tenant: Tenant, endpoint: str) -> dict[str, Any]:
    listed = tenant.administrator.do("GET", ENDPOINTS)["data"]
    return next(one for one in listed if one["id"] == endpoint)


def put(tenant: Tenant, endpoint: str, url: str, types: list[str]) -> dict[str, Any]:
    tag = f'"{shown(tenant, endpoint)["version"]}"'
    body = {"url": url, "types": types}
    changed: dict[str, Any] = tenant.administrator.do("PUT", f"{ENDPOINTS}/{endpoint}", body, If_Match=tag)
    return changed


def rotate(tenant: Tenant, endpoint: str, **more: Any) -> Any:
    return tenant.administrator.do("POST", f"{ENDPOINTS}/{endpoint}/secret-rotation", more)


def happen(world: World, tenant: Tenant, hooks: Receiver) -> Message:
    """Somebody is invited, and `hooks` hears of it."""
    before = len(hooks.events)
    tenant.administrator.do("POST", "/staff", member())
    world.settle(tenant.scope)
    with Client(Policy.loopback()) as client:
        Sender(client, (0.1,), lambda: False).send(tenant.scope)
        eventually(lambda: len(hooks.events) > before and not under_way(tenant))
    return hooks.events[-1]


def under_way(tenant: Tenant) -> bool:
    return any(tenant.administrator.do("GET", f"/deliveries?state={one}")["data"] for one in ("pending", "sending"))


def holds(message: Message, secret: str) -> bool:
    try:
        message.verified(secret)
    except WebhookVerificationError:
        return False
    return True


def test_types_change_at_once_and_only_what_was_seen(world: World, clinic: Tenant, hooks: Receiver) -> None:
    endpoint, _ = make(clinic, hooks.url)
    assert verify(clinic, endpoint) == (200, "active")
    changed = put(clinic, endpoint, hooks.url, ["staff.joined", "staff.joined"])
    assert (changed["types"], changed["state"], changed["next_url"]) == (["staff.joined"], "active", None)
    path, body = f"{ENDPOINTS}/{endpoint}", {"url": hooks.url, "types": TYPES}
    assert clinic.administrator.refused(412, "PUT", path, body, If_Match='"2"') == "stale_version"
    assert clinic.administrator.refused(428, "PUT", path, body) == "if_match_required"
    assert clinic.administrator.rules("PUT", path, {"url": "x", "types": TYPES}, If_Match='"3"')
    wrong = clinic.administrator.rules("PUT", path, {"url": hooks.url, "types": ["x.y"]}, If_Match='"3"')
    assert wrong == {("/types", "unknown_event_type")}
    deaf = world.client(clinic, "webhooks.manage")
    assert deaf.refused(403, "PUT", path, body, If_Match='"3"') == "forbidden"


def test_a_new_address_hears_once_it_is_proven(world: World, clinic: Tenant, hooks: Receiver) -> None:
    endpoint, secret = make(clinic, hooks.url)
    assert verify(clinic, endpoint) == (200, "active")
    with receiving() as other:
        other.answer = lambda message: (500, {}, b"")
        changed = put(clinic, endpoint, other.url, TYPES)
        assert (changed["url"], changed["next_url"], changed["state"]) == (hooks.url, other.url, "active")
        assert verify(clinic, endpoint) == (409, "endpoint_unproven")
        assert holds(happen(world, clinic, hooks), secret)
        other.answer = hooks.answer
        assert verify(clinic, endpoint) == (200, "active")
        moved = shown(clinic, endpoint)
        assert (moved["url"], moved["next_url"]) == (other.url, None)
        heard = len(hooks.heard)
        assert holds(happen(world, clinic, other), secret)
        assert len(hooks.heard) == heard
    world.settle(clinic.scope)
    assert [one for one in recorded(clinic.scope) if one.startswith("webhook_endpoint.")] == [
        "webhook_endpoint.created", "webhook_endpoint.active", "webhook_endpoint.changed", "webhook_endpoint.moved",
    ]  # fmt: skip


def test_a_wish_is_taken_back_and_what_hears_nothing_moves_at_once(
    world: World, clinic: Tenant, hooks: Receiver
) -> None:
    endpoint, _ = make(clinic, "http://127.0.0.1:9/old")
    assert put(clinic, endpoint, hooks.url, TYPES)["url"] == hooks.url
    assert verify(clinic, endpoint) == (200, "active")
    assert put(clinic, endpoint, "http://127.0.0.1:9/new", TYPES)["next_url"] == "http://127.0.0.1:9/new"
    assert put(clinic, endpoint, hooks.url, TYPES)["next_url"] is None
    clinic.administrator.do("POST", f"{ENDPOINTS}/{endpoint}/disabling")
    changed = put(clinic, endpoint, "http://127.0.0.1:9/new", TYPES)
    assert (changed["url"], changed["state"]) == ("http://127.0.0.1:9/new", "disabled")


def test_a_change_while_it_is_proven_wins(world: World, clinic: Tenant, hooks: Receiver) -> None:
    endpoint, _ = make(clinic, hooks.url)
    answer = hooks.answer

    def change_meanwhile(message: Message) -> Any:
        put(clinic, endpoint, "http://127.0.0.1:9/new", TYPES)
        return answer(message)

    hooks.answer = change_meanwhile
    assert verify(clinic, endpoint) == (409, "endpoint_changed")
    assert state(clinic, endpoint) == "unverified"


def test_both_secrets_sign_for_a_day(world: World, clinic: Tenant, hooks: Receiver, clock: Clock) -> None:
    endpoint, first = make(clinic, hooks.url)
    assert verify(clinic, endpoint) == (200, "active")
    made = rotate(clinic, endpoint)
    second = made["secret"]
    assert first != second and made["former_until"]
    assert clinic.administrator.refused(409, "POST", f"{ENDPOINTS}/{endpoint}/secret-rotation", {}) == (
        "secret_rotated_recently"
    )
    event = happen(world, clinic, hooks)
    assert (holds(event, first), holds(event, second)) == (True, True)
    assert verify(clinic, endpoint) == (200, "active")
    assert (holds(hooks.heard[-1], first), holds(hooks.heard[-1], second)) == (True, True)
    again = clinic.administrator.ask("GET", ENDPOINTS).text
    assert first not in again and second not in again
    clock.ahead = timedelta(hours=24)
    acting = world.act(world.again(clinic.person), clinic.administrator_id)
    clinic = replace(clinic, administrator=acting)
    signed = len(hooks.heard)
    assert verify(clinic, endpoint) == (200, "active")
    assert len(hooks.heard) == signed + 1
    assert len(hooks.heard[-1].headers[HOLDS].split()) == 1
    assert rotate(clinic, endpoint)["secret"] not in (first, second)


def test_a_forced_rotation_ends_the_oldest(world: World, clinic: Tenant, hooks: Receiver) -> None:
    endpoint, first = make(clinic, hooks.url)
    assert verify(clinic, endpoint) == (200, "active")
    second = rotate(clinic, endpoint)["secret"]
    third = rotate(clinic, endpoint, force=True)["secret"]
    event = happen(world, clinic, hooks)
    assert [holds(event, secret) for secret in (first, second, third)] == [False, True, True]


def test_the_rotated_secret_is_shown_once(world: World, clinic: Tenant, hooks: Receiver) -> None:
    endpoint, _ = make(clinic, hooks.url)
    path = f"{ENDPOINTS}/{endpoint}/secret-rotation"
    one, two = (clinic.administrator.ask("POST", path, {}, Idempotency_Key="once") for _ in range(2))
    assert one.json and two.json
    assert two.json == {name: value for name, value in one.json.items() if name != "secret"}
    assert two.headers["Idempotency-Omitted"] == "secret"
    assert Webhook(one.json["secret"]).sign("x", database().clock.now(), "x")


def test_a_secret_that_cannot_be_read_is_told_and_replaced(world: World, clinic: Tenant, hooks: Receiver) -> None:
    endpoint, _ = make(clinic, hooks.url)
    known = PublicId.parse(endpoint, "whe")

    def spoil(opened: Any) -> None:
        row = opened.get(Endpoint, known.id, lock=True)
        row.secret = row.secret[:-1] + bytes([row.secret[-1] ^ 1])

    run(clinic.scope, spoil)
    assert verify(clinic, endpoint) == (409, "secret_unreadable")
    assert hooks.heard == []
    made = rotate(clinic, endpoint)
    assert made["former_until"] is None
    assert verify(clinic, endpoint) == (200, "active")
    assert holds(hooks.heard[-1], made["secret"])


def test_a_deleted_endpoint_is_gone(world: World, clinic: Tenant, hooks: Receiver, platform: Any) -> None:
    endpoint, _ = make(clinic, hooks.url)
    assert verify(clinic, endpoint) == (200, "active")
    path = f"{ENDPOINTS}/{endpoint}"
    one, two = (clinic.administrator.ask("DELETE", path, Idempotency_Key="once") for _ in range(2))
    assert one.json == two.json and one.json and one.json["state"] == "deleted"
    assert clinic.administrator.do("GET", ENDPOINTS)["data"] == []
    body = {"url": hooks.url, "types": TYPES}
    for method, where, sent, more in (
        ("DELETE", path, None, {}), ("PUT", path, body, {"If_Match": '"3"'}),
        ("POST", f"{path}/verification", None, {}), ("POST", f"{path}/disabling", None, {}),
        ("POST", f"{path}/secret-rotation", {}, {}),
    ):  # fmt: skip
        assert clinic.administrator.refused(404, method, where, sent, **more) == "not_found"
    heard = len(hooks.heard)
    clinic.administrator.do("POST", "/staff", member())
    world.settle(clinic.scope)
    with Client(Policy.loopback()) as client:
        assert Sender(client, (0.1,), lambda: False).send(clinic.scope) == 0
    assert len(hooks.heard) == heard
    with platform.connection() as connection:
        query = "SELECT secret FROM webhook_endpoints WHERE id = %s"
        assert connection.execute(query, [PublicId.parse(endpoint, "whe").id]).fetchone() == (b"",)


def test_a_deleted_endpoint_leaves_its_place_and_stays_deleted(world: World, clinic: Tenant, hooks: Receiver) -> None:
    known = [make(clinic, hooks.url)[0] for _ in range(9)]
    client = world.client(clinic, "webhooks.manage", "events.read")
    theirs = client.do("POST", ENDPOINTS, {"url": hooks.url, "types": TYPES})["endpoint"]["id"]
    client.do("DELETE", f"{ENDPOINTS}/{theirs}")
    make(clinic, hooks.url)
    client_id = clinic.administrator.do("GET", "/api-clients")["data"][0]["id"]
    clinic.administrator.do("POST", f"/api-clients/{client_id}/revocation")
    assert len(clinic.administrator.do("GET", ENDPOINTS)["data"]) == len(known) + 1


@pytest.mark.parametrize("how", ["PUT", "DELETE", "rotation"])
def test_another_tenants_endpoint_is_not_there(
    world: World, clinic: Tenant, pharmacy: Tenant, hooks: Receiver, how: str
) -> None:
    endpoint, _ = make(clinic, hooks.url)
    path = f"{ENDPOINTS}/{endpoint}"
    asked: dict[str, tuple[str, str, Any, dict[str, str]]] = {
        "PUT": ("PUT", path, {"url": hooks.url, "types": TYPES}, {"If_Match": '"1"'}),
        "DELETE": ("DELETE", path, None, {}),
        "rotation": ("POST", f"{path}/secret-rotation", {}, {}),
    }
    method, where, body, more = asked[how]
    assert pharmacy.administrator.refused(404, method, where, body, **more) == "not_found"
    assert shown(clinic, endpoint)["version"] == 1
