"""Proxies of adults: named, agreed, held to their reach, ended by either at once."""

from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest

from app.core.calendar import years_after
from app.core.scope import Scope
from app.identity.roles import ACTING
from app.residents.family.rules import LONGEST, Kind, Reach, acting_as
from app.residents.family.timers import keep_time
from tests.days import today
from tests.residents.conftest import Clock
from tests.residents.family.scenes import acting, born, named, public, registered
from tests.residents.world import World, new_number
from tests.tenants.world import Actor, at_once


def wish(proxy: Actor, reach: str = "read", until: date | None = None) -> dict[str, Any]:
    return {"person": public(proxy.id), "reach": reach, "until": (until or today() + timedelta(days=30)).isoformat()}


def test_named_agreed_and_ended_by_the_person(world: World) -> None:
    person, proxy = world.resident("赵奶奶"), world.resident("赵小花")
    offered = person.do("POST", "/me/representatives", wish(proxy))
    assert (offered["state"], offered["name"]) == ("offered", None)
    world.settle(Scope.for_person(person.id))
    (asked,) = proxy.do("GET", "/me/represented")["data"]
    assert (asked["name"], asked["state"]) == ("赵奶奶", "offered")
    assert proxy.refused(409, "POST", f"/me/represented/{asked['id']}/tokens") == "representation_state"
    assert proxy.do("POST", f"/me/represented/{asked['id']}/acceptance")["state"] == "active"
    for_person = acting(world, proxy, asked)
    assert for_person.do("GET", "/me/resident")["name"] == "赵奶奶"
    (mine,) = person.do("GET", "/me/representatives")["data"]
    assert (mine["state"], mine["name"]) == ("active", "赵小花")
    (sign_in,) = [one for one in person.do("GET", "/me/sign-ins")["data"] if one["actor"]]
    assert sign_in["actor"] == public(proxy.id)
    assert person.do("POST", f"/me/representatives/{mine['id']}/ending")["end_reason"] == "ended_by_person"
    assert for_person.refused(401, "GET", "/me/resident") == "unauthenticated"
    assert proxy.refused(409, "POST", f"/me/represented/{asked['id']}/tokens") == "representation_state"
    world.settle(Scope.for_person(person.id))
    assert [one["state"] for one in proxy.do("GET", "/me/represented")["data"]] == ["ended"]


def test_ended_by_the_proxy(world: World) -> None:
    person, proxy = world.resident(), world.resident()
    represented = named(world, person, proxy)
    for_person = acting(world, proxy, represented)
    ended = proxy.do("POST", f"/me/represented/{represented['id']}/ending")
    assert (ended["state"], ended["end_reason"], ended["name"]) == ("ended", "ended_by_actor", "张三")
    assert for_person.refused(401, "GET", "/me") == "unauthenticated"
    assert proxy.do("GET", "/me/represented")["data"] == [ended]


@pytest.mark.parametrize(
    ("reach", "opened", "closed"),
    [
        ("read", {"visits.read", "residents.read"}, {"me.read", "appointments.write", "bills.pay", "visits.request"}),
        ("book", {"appointments.write", "visits.read"}, {"bills.pay", "visits.request", "residents.write"}),
        ("pay", {"bills.pay", "settlements.write"}, {"appointments.write", "visits.request", "residents.write"}),
        (
            "everything",
            {"visits.request", "bills.pay", "residents.write"},
            {"me.write", "family.write", "exports.read"},
        ),
    ],
)
def test_reaches(reach: str, opened: set[str], closed: set[str]) -> None:
    allowed = ACTING[acting_as(Kind.PROXY, Reach(reach))]
    assert opened <= allowed and not closed & allowed


CREDENTIALS = [
    "affiliations", "app-grants", "authenticators", "devices", "passkeys", "password", "recovery-codes",
    "security-notices", "sign-ins",
]  # fmt: skip


def test_whoever_acts_reads_no_credentials_and_a_proxy_takes_nothing_along(world: World) -> None:
    person, proxy = world.resident(), world.resident()
    for_person = acting(world, proxy, named(world, person, proxy))
    for_child = acting(world, proxy, registered(proxy))
    for path in CREDENTIALS:
        assert person.ask("GET", f"/me/{path}").status_code == 200
        assert [one.refused(403, "GET", f"/me/{path}") for one in (for_person, for_child)] == ["forbidden"] * 2
    assert for_person.refused(403, "POST", "/me/exports") == "forbidden"
    assert for_child.ask("POST", "/me/exports").status_code == 202
    assert not any("credentials.read" in permissions for permissions in ACTING.values())


def test_a_reader_reads_and_no_more(world: World) -> None:
    person, proxy = world.resident(), world.resident()
    for_person = acting(world, proxy, named(world, person, proxy, "read"))
    for path in ("allergies", "appointments", "visits", "prescriptions"):
        assert for_person.do("GET", f"/me/{path}")["data"] == []
    assert for_person.refused(403, "GET", "/me") == "forbidden"
    body = {"group": "J01CA", "name": "青霉素"}
    assert for_person.refused(403, "POST", "/me/allergies", body) == "forbidden"


def test_who_can_be_named(world: World) -> None:
    person, proxy, minor = world.resident(), world.resident(), world.resident(number=new_number(born(17)))
    assert person.refused(404, "POST", "/me/representatives", wish(world.person())) == "not_found"
    assert person.refused(404, "POST", "/me/representatives", wish(minor)) == "not_found"
    assert person.refused(422, "POST", "/me/representatives", wish(person)) == "own_proxy"
    assert minor.refused(403, "POST", "/me/representatives", wish(proxy)) == "not_of_age"
    for until in (today(), years_after(today(), LONGEST) + timedelta(days=1)):
        assert person.refused(422, "POST", "/me/representatives", wish(proxy, until=until)) == "proxy_term"
    assert proxy.do("GET", "/me/represented")["data"] == []


def test_whoever_names_a_proxy_has_just_proved_who_they_are(world: World, clock: Clock) -> None:
    person, proxy = world.resident(), world.resident()
    clock.forward(minutes=16)
    assert person.refused(403, "POST", "/me/representatives", wish(proxy)) == "fresh_sign_in_required"
    assert world.again(person).do("POST", "/me/representatives", wish(proxy))["state"] == "offered"


def test_what_nobody_agreed_to_ends_and_so_does_what_has_had_its_time(world: World, clock: Clock) -> None:
    person, proxy, other = world.resident(), world.resident(), world.resident()
    represented = named(world, person, proxy)
    person.do("POST", "/me/representatives", wish(other))
    clock.forward(days=15)
    assert keep_time(Scope.for_person(person.id)) == 1
    reasons = {one["end_reason"] for one in world.again(person).do("GET", "/me/representatives")["data"]}
    assert reasons == {None, "not_accepted"}
    clock.forward(days=16)
    path = f"/me/represented/{represented['id']}/tokens"
    assert world.again(proxy).refused(409, "POST", path) == "representation_state"
    assert keep_time(Scope.for_person(person.id)) == 1


def test_a_grant_that_ends_while_it_is_used_leaves_no_token(world: World) -> None:
    """Many exchanges and one ending at once: whatever came of them, nothing opens afterwards."""
    person, proxy = world.resident(), world.resident()
    represented = named(world, person, proxy)
    (mine,) = person.do("GET", "/me/representatives")["data"]
    exchange = partial(proxy.ask, "POST", f"/me/represented/{represented['id']}/tokens")
    end = partial(person.ask, "POST", f"/me/representatives/{mine['id']}/ending")
    answers = at_once(exchange, exchange, end, exchange)
    made = [one.json["access_token"] for one in answers if one.status_code == 201 and one.json]
    assert {one.status_code for one in answers} <= {200, 201, 409}
    assert [Actor(world.app, token).ask("GET", "/me").status_code for token in made] == [401] * len(made)
