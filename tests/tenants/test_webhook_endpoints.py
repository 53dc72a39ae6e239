"""Webhook endpoints: where they may be, what they may hear, how many, and how they prove themselves."""

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from time import monotonic

import pytest

from app.core.http import Policy
from app.core.ids import PublicId, new_id
from tenants.api import OUTSIDE, Outside
from tenants.names import ENDPOINT_ID
from tests.core.journal.scenes import eventually
from tests.tenants.hooks import Message, Receiver, Reply, echo
from tests.tenants.world import Tenant, World, at_once, member, recorded

ENDPOINTS = "/webhook-endpoints"
TYPES = ["staff.invited"]


@pytest.fixture
def production(world: World) -> Iterator[None]:
    """The application reaches out as in production."""
    before = world.app.extensions[OUTSIDE]
    world.app.extensions[OUTSIDE] = Outside(Policy.production())
    yield
    world.app.extensions[OUTSIDE] = before


@pytest.fixture
def hurried(world: World) -> Iterator[None]:
    """The application waits half a second for a receiver."""
    before, policy = world.app.extensions[OUTSIDE], replace(Policy.loopback(), total_timeout=0.5)
    world.app.extensions[OUTSIDE] = Outside(policy)
    yield
    world.app.extensions[OUTSIDE] = before


def make(tenant: Tenant, url: str, types: list[str] | None = None) -> tuple[str, str]:
    made = tenant.administrator.do("POST", ENDPOINTS, {"url": url, "types": types or TYPES})
    return made["endpoint"]["id"], made["secret"]


def state(tenant: Tenant, endpoint: str) -> str:
    listed = tenant.administrator.do("GET", f"{ENDPOINTS}?limit=100")["data"]
    return next(str(one["state"]) for one in listed if one["id"] == endpoint)


def verify(tenant: Tenant, endpoint: str) -> tuple[int, str]:
    answer = tenant.administrator.ask("POST", f"{ENDPOINTS}/{endpoint}/verification")
    assert answer.json
    return answer.status_code, answer.json.get("code", answer.json.get("state"))


def test_urls_that_production_refuses(world: World, clinic: Tenant, production: None) -> None:
    rules = {
        "http://his.example.com/hooks": "scheme",
        "ftp://his.example.com/hooks": "scheme",
        "https://127.0.0.1/hooks": "ip_literal",
        "https://8.8.8.8/hooks": "ip_literal",
        "https://[::1]/hooks": "ip_literal",
        "https://0x7f.1/hooks": "ip_literal",
        "https://localhost/hooks": "blocked_name",
        "https://his/hooks": "blocked_name",
        "https://his.internal/hooks": "blocked_name",
        "https://127.0.0.1.nip.io/hooks": "blocked_name",
        "https://u:p@his.example.com/hooks": "userinfo",
        "https://his.example.com:8080/hooks": "port",
        "his.example.com/hooks": "malformed",
        "https://his.example.com/ho oks": "malformed",
    }
    bodies = {url: {"url": url, "types": TYPES} for url in rules}
    assert {url: clinic.administrator.rules("POST", ENDPOINTS, body) for url, body in bodies.items()} == {
        url: {("/url", f"destination_{rule}")} for url, rule in rules.items()
    }
    assert clinic.administrator.do("GET", ENDPOINTS)["data"] == []


def test_a_public_https_url_may_be_one(world: World, clinic: Tenant, production: None) -> None:
    endpoint, _ = make(clinic, "https://HIS.Example.com:443/hooks?a=1")
    assert clinic.administrator.do("GET", ENDPOINTS)["data"][0]["url"] == "https://his.example.com/hooks?a=1"
    assert state(clinic, endpoint) == "unverified"


@pytest.mark.parametrize("type", ["nothing.happened", "webhook_endpoint.created", "delivery.resent", "sign_in.made"])
def test_only_public_events_can_be_heard(world: World, clinic: Tenant, hooks: Receiver, type: str) -> None:
    body = {"url": hooks.url, "types": ["staff.invited", type]}
    assert clinic.administrator.rules("POST", ENDPOINTS, body) == {("/types", "unknown_event_type")}


def test_what_endpoints_and_deliveries_do_is_in_no_catalogue(world: World) -> None:
    assert world.heard.public
    assert not [type for type in world.heard.public if type.startswith(("webhook_endpoint.", "delivery."))]


def test_a_type_that_is_named_twice_is_heard_once(world: World, clinic: Tenant, hooks: Receiver) -> None:
    make(clinic, hooks.url, ["staff.joined", "staff.invited", "staff.joined"])
    assert clinic.administrator.do("GET", ENDPOINTS)["data"][0]["types"] == ["staff.invited", "staff.joined"]


def test_two_at_once_do_not_make_eleven(world: World, clinic: Tenant, hooks: Receiver) -> None:
    body = {"url": hooks.url, "types": TYPES}
    for _ in range(9):
        clinic.administrator.do("POST", ENDPOINTS, body)
    answers = at_once(*[lambda: clinic.administrator.ask("POST", ENDPOINTS, body).status_code] * 3)
    assert sorted(answers) == [201, 409, 409]
    assert clinic.administrator.refused(409, "POST", ENDPOINTS, body) == "too_many_endpoints"
    assert len(clinic.administrator.do("GET", f"{ENDPOINTS}?limit=100")["data"]) == 10


def test_a_disabled_endpoint_leaves_its_place(world: World, clinic: Tenant, hooks: Receiver) -> None:
    known = [make(clinic, hooks.url)[0] for _ in range(10)]
    clinic.administrator.do("POST", f"{ENDPOINTS}/{known[0]}/disabling")
    make(clinic, hooks.url)
    assert verify(clinic, known[0]) == (409, "too_many_endpoints")
    assert verify(clinic, known[1]) == (200, "active")


def test_the_secret_is_shown_once(world: World, clinic: Tenant, hooks: Receiver) -> None:
    body = {"url": hooks.url, "types": TYPES}
    one = clinic.administrator.ask("POST", ENDPOINTS, body, Idempotency_Key="once")
    two = clinic.administrator.ask("POST", ENDPOINTS, body, Idempotency_Key="once")
    assert one.json
    assert two.json == {"endpoint": one.json["endpoint"], "former_until": None}
    assert one.json["secret"] not in clinic.administrator.ask("GET", ENDPOINTS).text


def test_an_endpoint_that_answers_its_signed_challenge_is_active(world: World, clinic: Tenant, hooks: Receiver) -> None:
    endpoint, secret = make(clinic, hooks.url)
    assert verify(clinic, endpoint) == (200, "active")
    assert verify(clinic, endpoint) == (200, "active")
    one, two = hooks.heard
    assert one.verified(secret)["type"] == "endpoint.verification"
    assert one.headers["webhook-id"] != two.headers["webhook-id"]
    assert one.event["data"]["nonce"] != two.event["data"]["nonce"]
    assert clinic.administrator.do("GET", ENDPOINTS)["data"][0]["version"] == 2


def nonce(message: Message) -> bytes:
    return json.dumps({"nonce": message.event["data"]["nonce"]}).encode()


UNPROVEN: dict[str, Reply | str] = {
    "wrong nonce": (200, {}, b'{"nonce": "x"}'),
    "no nonce": (200, {}, b"{}"),
    "null": (200, {}, b'{"nonce": null}'),
    "not JSON": (200, {}, b"ok"),
    "a list": (200, {}, b"[]"),
    "nothing": (204, {}, b""),
    "too long": (200, {}, b" " * 200_000),
    "broken off": (200, {"content-length": "1000"}, b"{"),
}


@pytest.mark.parametrize("answer", UNPROVEN.values(), ids=UNPROVEN.keys())
def test_an_endpoint_that_answers_something_else_is_not(
    world: World, clinic: Tenant, hooks: Receiver, hurried: None, answer: Reply
) -> None:
    hooks.answer = lambda message: answer
    endpoint, _ = make(clinic, hooks.url)
    assert verify(clinic, endpoint) == (409, "endpoint_unproven")
    assert state(clinic, endpoint) == "unverified"
    hooks.answer = echo
    assert verify(clinic, endpoint) == (200, "active")


@pytest.mark.parametrize("status", [500, 404, 302, 307])
def test_the_right_nonce_with_another_status_proves_nothing(
    world: World, clinic: Tenant, hooks: Receiver, status: int
) -> None:
    hooks.answer = lambda message: (status, {"location": hooks.url}, nonce(message))
    endpoint, _ = make(clinic, hooks.url)
    assert verify(clinic, endpoint) == (409, "endpoint_unproven")
    assert len(hooks.heard) == 1


def test_a_receiver_that_hangs_or_is_not_there_proves_nothing(
    world: World, clinic: Tenant, hooks: Receiver, hurried: None
) -> None:
    gone = threading.Event()

    def hang(message: Message) -> Reply:
        gone.wait(10)
        return 200, {}, b"{}"

    hooks.answer = hang
    endpoint, _ = make(clinic, hooks.url)
    assert verify(clinic, endpoint) == (409, "endpoint_unproven")
    gone.set()
    nowhere, _ = make(clinic, "http://127.0.0.1:9/hooks")
    assert verify(clinic, nowhere) == (409, "endpoint_unproven")


@pytest.fixture
def holding(hooks: Receiver) -> Iterator[threading.Event]:
    """The receiver holds every challenge until the event is set, then proves itself."""
    free = threading.Event()

    def hold(message: Message) -> Reply:
        free.wait(30)
        return 200, {}, nonce(message)

    hooks.answer = hold
    yield free
    free.set()


def test_few_are_asked_at_once_and_one_of_a_tenant(
    world: World, clinic: Tenant, pharmacy: Tenant, hooks: Receiver, holding: threading.Event
) -> None:
    third = world.open("clinic")
    (one, _), (another, _), (two, _), (three, _) = (
        make(tenant, hooks.url) for tenant in (clinic, clinic, pharmacy, third)
    )
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(verify, clinic, one)
        eventually(lambda: len(hooks.heard) == 1)
        assert verify(clinic, another) == (503, "outside_busy")
        second = threads.submit(verify, pharmacy, two)
        eventually(lambda: len(hooks.heard) == 2)
        began = monotonic()
        answer = third.administrator.ask("POST", f"{ENDPOINTS}/{three}/verification")
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
        assert monotonic() - began < 2
        holding.set()
        assert [first.result(), second.result()] == [(200, "active")] * 2
    assert verify(third, three) == (200, "active")
    assert len(hooks.heard) == 3


def test_a_proof_has_ten_seconds(world: World) -> None:
    assert Outside(Policy.production()).patience.total_timeout == 10


def test_the_same_key_sends_another_challenge(world: World, clinic: Tenant, hooks: Receiver) -> None:
    endpoint, _ = make(clinic, hooks.url)
    for _ in range(2):
        asked = clinic.administrator.ask("POST", f"{ENDPOINTS}/{endpoint}/verification", Idempotency_Key="once")
        assert asked.status_code == 200
    assert len(hooks.heard) == 2


def test_the_answer_says_why_nothing_was_proven(world: World, clinic: Tenant, hooks: Receiver) -> None:
    answers: dict[str, Reply] = {"status 404": (404, {}, b""), "another nonce, or none": (200, {}, b"{}")}
    endpoint, _ = make(clinic, hooks.url)
    for why, answer in answers.items():
        hooks.answer = saying(answer)
        assert why_not(clinic, endpoint).endswith(f": {why}")
    nowhere, _ = make(clinic, "http://127.0.0.1:9/hooks")
    assert why_not(clinic, nowhere).endswith(": connect_failed")


def saying(answer: Reply) -> Callable[[Message], Reply]:
    return lambda message: answer


def why_not(tenant: Tenant, endpoint: str) -> str:
    answer = tenant.administrator.ask("POST", f"{ENDPOINTS}/{endpoint}/verification")
    assert answer.json
    return str(answer.json["detail"])


def test_who_may_not_read_events_makes_and_proves_nothing(world: World, clinic: Tenant, hooks: Receiver) -> None:
    deaf = world.client(clinic, "webhooks.manage")
    body = {"url": hooks.url, "types": TYPES}
    assert deaf.refused(403, "POST", ENDPOINTS, body) == "forbidden"
    endpoint, _ = make(clinic, hooks.url)
    assert deaf.refused(403, "POST", f"{ENDPOINTS}/{endpoint}/verification") == "forbidden"
    assert hooks.heard == []
    hearing = world.client(clinic, "webhooks.manage", "events.read")
    assert hearing.do("POST", ENDPOINTS, body)["endpoint"]["state"] == "unverified"


def test_endpoints_end_with_the_client_that_made_them(world: World, clinic: Tenant, hooks: Receiver) -> None:
    mine, _ = make(clinic, hooks.url)
    client = world.client(clinic, "webhooks.manage", "events.read")
    body = {"url": hooks.url, "types": TYPES}
    theirs = [client.do("POST", ENDPOINTS, body)["endpoint"]["id"] for _ in range(2)]
    assert verify(clinic, theirs[0]) == verify(clinic, mine) == (200, "active")
    client_id = clinic.administrator.do("GET", "/api-clients")["data"][0]["id"]
    for _ in range(2):
        clinic.administrator.do("POST", f"/api-clients/{client_id}/revocation")
    assert [state(clinic, endpoint) for endpoint in (mine, *theirs)] == ["active", "disabled", "disabled"]
    world.settle(clinic.scope)
    assert recorded(clinic.scope).count("webhook_endpoint.disabled") == 2


def test_endpoints_end_with_the_member_who_made_them(world: World, clinic: Tenant, hooks: Receiver) -> None:
    person, member_id = world.join(clinic, member(roles=["integrator"]))
    body = {"url": hooks.url, "types": TYPES}
    endpoint = world.act(person, member_id).do("POST", ENDPOINTS, body)["endpoint"]["id"]
    assert verify(clinic, endpoint) == (200, "active")
    clinic.administrator.do("POST", f"/staff/{member_id}/ending")
    assert state(clinic, endpoint) == "disabled"
    world.settle(clinic.scope)
    assert recorded(clinic.scope).count("webhook_endpoint.disabled") == 1


def test_an_endpoint_that_is_disabled_while_it_is_asked_stays_so(world: World, clinic: Tenant, hooks: Receiver) -> None:
    endpoint, _ = make(clinic, hooks.url)

    def disable_meanwhile(message: Message) -> Reply:
        clinic.administrator.do("POST", f"{ENDPOINTS}/{endpoint}/disabling")
        return 200, {}, nonce(message)

    hooks.answer = disable_meanwhile
    assert verify(clinic, endpoint) == (409, "endpoint_changed")
    assert state(clinic, endpoint) == "disabled"
    hooks.answer = echo
    assert verify(clinic, endpoint) == (200, "active")


def test_another_tenants_endpoint_is_not_there(world: World, clinic: Tenant, pharmacy: Tenant, hooks: Receiver) -> None:
    endpoint, _ = make(clinic, hooks.url)
    unknown = str(PublicId(ENDPOINT_ID, pharmacy.scope, new_id()))
    for id in (endpoint, unknown, "whe_0"):
        for how in ("verification", "disabling"):
            assert pharmacy.administrator.refused(404, "POST", f"{ENDPOINTS}/{id}/{how}") == "not_found"
    assert pharmacy.administrator.do("GET", ENDPOINTS)["data"] == []
    assert hooks.heard == []
