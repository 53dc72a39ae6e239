"""A resident reads which hooks carried their data out: one line for each delivery that may have reached somebody."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.core.http import Client, Policy
from app.core.ids import PublicId, new_id
from app.core.journal.models import Entry
from app.core.journal.seal import seal
from app.core.looks import READ
from app.core.relays import Answer, Incoming
from app.core.scope import Scope
from app.core.send.carried import CARRIED
from app.core.send.deliver import Sender
from app.core.send.message import EVENT
from app.core.send.models import Delivery
from app.core.send.parcels import Trip
from app.core.send.turns import LEASE, endpoints_with_work, turn
from app.core.unit import Caller, Unit, run, unit
from app.factory import SLICES
from app.identity.api import CLIENT
from app.residents.rules.access_words import LANGUAGES
from app.residents.rules.hook_words import ANY_EVENT, EVENTS, Sent, sentence
from app.residents.service.hooks import take_hook
from app.visits.ids import visit_public_id
from tenants.service.deliveries import delivery_of
from tenants.service.feed import events
from tests.receiver import Receiver, hear
from tests.residents.conftest import Clock
from tests.residents.world import World
from tests.tenants.world import Actor
from tests.visits.scenes import BY, Clinic

TYPE = "visit.taken"
OF_NOBODY = (
    "tenant.", "license.", "staff.", "client.", "app.", "shift.", "presence.", "practice.", "home_consent.",
    "home_consent_request.",
)  # fmt: skip
"""Events of institutions, their papers, people and systems."""
AT = datetime(2026, 11, 22, 2, 15, tzinfo=UTC)


@pytest.fixture
def client() -> Iterator[Client]:
    with Client(Policy.loopback()) as made:
        yield made


def taken(world: World, url: str) -> tuple[Clinic, Actor, str]:
    """A hospital that hears, a resident, and the visit that its doctor took."""
    clinic, resident = Clinic(), world.resident()
    hear(clinic.scope, url, [TYPE])
    visit = visit_public_id(clinic.taken(world.platform, person=resident.id))
    while seal(clinic.scope, frozenset({TYPE}), world.platform.sealing):
        pass
    return clinic, resident, str(visit)


def send(scope: Scope, client: Client) -> None:
    """One try of what is due, as a worker's."""
    before = tried(scope)
    assert Sender(client, (60.0, 60.0), lambda: True).send(scope) == 1
    until(lambda: tried(scope) > before and "sending" not in states(scope))


def rows(scope: Scope) -> list[Delivery]:
    with unit(scope) as reading:
        return reading.all(reading.select(Delivery))


def looks_of(scope: Scope) -> int:
    with unit(scope) as reading:
        return len(reading.all(reading.select(Entry).where(Entry.type == READ)))


def states(scope: Scope) -> set[str]:
    return {one.state for one in rows(scope)}


def tried(scope: Scope) -> list[int]:
    return [one.tries for one in rows(scope)]


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def log(world: World, resident: Actor, clinic: Clinic) -> list[dict[str, Any]]:
    world.settle(clinic.scope)
    read: list[dict[str, Any]] = resident.do("GET", "/me/access-log")["data"]
    return [one for one in read if one["purpose"] == "hook"]


def test_a_delivery_is_told_in_plain_words(world: World, receiver: Receiver, client: Client) -> None:
    clinic, resident, visit = taken(world, receiver.url)
    send(clinic.scope, client)
    (heard,) = receiver.wait(1)
    (one,) = log(world, resident, clinic)
    assert (one["event"], one["host"], one["subject"], one["kind"]) == (TYPE, "127.0.0.1", visit, "visit")
    assert (one["who"], one["institution_name"]) == ("client", None)
    assert one["arrived_at"] == one["at"]
    assert one["sentence"].endswith("，平台向一家机构 的系统 127.0.0.1 发送了消息“医师已接诊”（已送达）")
    assert str(resident.id) not in heard.body


def test_tries_are_one_line_that_says_when_it_arrived(
    world: World, receiver: Receiver, client: Client, clock: Clock
) -> None:
    receiver.behavior = lambda heard, before: 500 if before < 2 else 204
    clinic, resident, _ = taken(world, receiver.url)
    send(clinic.scope, client)
    (one,) = log(world, resident, clinic)
    assert one["arrived_at"] is None
    assert "尚未确认送达" in one["sentence"]
    clock.forward(minutes=2)
    send(clinic.scope, client)
    assert log(world, resident, clinic) == [one]
    clock.forward(minutes=2)
    send(clinic.scope, client)
    (last,) = log(world, resident, clinic)
    assert last["at"] == one["at"] < last["arrived_at"]
    world.settle(Scope.for_person(resident.id))
    noted = [e for e in resident.do("GET", "/me/journal?limit=100")["data"] if e["type"] == "access.noted"]
    assert {entry["subject"] for entry in noted} == {one["id"]}
    assert len(noted) == 2


def test_what_never_left_is_not_told(world: World, receiver: Receiver, client: Client) -> None:
    clinic, resident, _ = taken(world, receiver.url)
    receiver.stop()
    send(clinic.scope, client)
    assert log(world, resident, clinic) == []
    receiver.start()


@pytest.mark.parametrize("active", [True, False])
def test_what_a_dead_sender_may_have_sent_is_told(world: World, clock: Clock, active: bool) -> None:
    clinic, resident, _ = taken(world, "http://127.0.0.1:9/")
    with unit(clinic.scope) as reading:
        (endpoint,) = endpoints_with_work(reading)

    def lease(unit: Unit) -> int:
        return len(turn(unit, endpoint, Trip(), (60.0,), load=1))

    assert run(clinic.scope, lease) == 1
    if not active:
        with world.platform.connection() as admin:
            admin.execute("UPDATE webhook_endpoints SET state = 'disabled' WHERE id = %s", [endpoint])
    assert log(world, resident, clinic) == []
    clock.forward(seconds=LEASE.total_seconds() + 1)
    assert run(clinic.scope, lease) == int(active)
    (one,) = log(world, world.again(resident), clinic)
    assert one["arrived_at"] is None


def test_what_is_told_twice_or_too_late_changes_nothing(world: World) -> None:
    person, giver = Scope.for_person(world.person().id), Scope.for_tenant(7)
    told = {
        "id": str(new_id()), "version": 1, "at": AT.isoformat(), "event": TYPE, "about": "vis_0", "host": "a.example",
        "arrived": True,
    }  # fmt: skip
    late = {**told, "version": 2, "arrived": False, "at": (AT + timedelta(days=1)).isoformat()}

    def take(payload: dict[str, Any]) -> Answer:
        return run(person, lambda unit: take_hook(unit, Incoming(new_id(), giver, "hok", CARRIED, payload)))

    assert [take(payload) for payload in (told, told, late)] == [
        {},
        {"refused": "known_already"},
        {"refused": "known_already"},
    ]


def test_who_reads_the_feed_is_told_once_a_day(world: World, clock: Clock) -> None:
    """One line for each reader, resident and local day, however many events and pages; nobody else hears of it."""
    clinic, resident, _ = taken(world, "http://127.0.0.1:9/")
    other, nobody = world.resident(), world.resident()
    clinic.taken(world.platform, person=other.id)
    world.settle(clinic.scope)

    def read(by: Caller = BY) -> list[str]:
        page = events(clinic.scope, 0, 100, frozenset({TYPE, "visit.paid"}), by)
        return [event["id"] for event in page.data]

    def fed(person: Actor) -> list[dict[str, Any]]:
        world.settle(clinic.scope)
        log = world.again(person).do("GET", "/me/access-log")["data"]
        return [one for one in log if one["purpose"] == "feed"]

    seen = read()
    assert read() == seen
    (one,), (theirs,) = fed(resident), fed(other)
    assert looks_of(clinic.scope) == 1
    assert (one["kind"], one["subject"]) == ("event", seen[0])
    assert one["sentence"].endswith("查看了与您有关的业务消息")
    assert theirs["subject"] in seen[1:]
    clock.forward(hours=24)
    read()
    read(Caller(f"client:{PublicId(CLIENT, clinic.scope, new_id())}"))
    assert (len(fed(resident)), len(fed(nobody))) == (3, 0)


def test_a_delivery_that_is_looked_into_is_told(world: World) -> None:
    clinic, resident, _ = taken(world, "http://127.0.0.1:9/")
    (delivery,) = rows(clinic.scope)
    for _ in range(2):
        delivery_of(clinic.scope, delivery.id, BY)
    world.settle(clinic.scope)
    (one,) = resident.do("GET", "/me/access-log")["data"]
    assert (one["purpose"], one["subject"]) == ("feed", str(PublicId(EVENT, clinic.scope, delivery.entry_id)))


def test_every_event_is_somebodys_and_has_words_or_is_nobodys() -> None:
    public = {event for one in SLICES for event in one.events}
    assert {event for event in public if not event.startswith(OF_NOBODY)} == set(EVENTS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_is_its_own(language: str) -> None:
    said = {
        sentence(Sent(AT, event, institution, "a.example", arrived), language)
        for event in (*EVENTS, "new.event")
        for institution in ("示范医院", None)
        for arrived in (True, False)
    }
    assert len(said) == (len(EVENTS) + 1) * 4
    assert not [one for one in said if "None" in one]
    words = ANY_EVENT.zh if language == "zh-CN" else ANY_EVENT.en
    assert words in sentence(Sent(AT, "new.event", None, "a.example", False), language)
