"""Families of these tests, and tokens with which somebody acts for another."""

import itertools
import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

from app.core.ids import PublicId
from app.core.scope import Scope
from app.residents.rules.ages import birthday
from tests.days import today
from tests.residents.world import World, new_number
from tests.tenants.world import Actor

_days = itertools.count()


def born(years: int) -> date:
    """The birth date of somebody who became `years` old within the last year; another one each time, so that numbers
    made of it are nobody else's.
    """
    day = today() - timedelta(days=1 + next(_days) % 340)
    if (day.month, day.day) == (2, 29):
        return born(years)  # in another year it would be the 28th, which is somebody else's
    return day.replace(year=day.year - years)


def turned(day: date, years: int) -> timedelta:
    """From now until an hour into the birthday of somebody born on `day`."""
    begins = datetime.combine(birthday(day, years), datetime.min.time(), UTC) - timedelta(hours=7)
    return begins - datetime.now(UTC)


def scope_of(person: str) -> Scope:
    """The scope of a person's public id."""
    return PublicId.parse(person, "per").scope


def registered(guardian: Actor, number: str = "", name: str = "张小宝") -> dict[str, Any]:
    """A child of the guardian's, as they read it."""
    made: dict[str, Any] = guardian.do("POST", "/me/children", {"name": name, "number": number or new_number(born(6))})
    return made


def acting(world: World, actor: Actor, represented: dict[str, Any]) -> Actor:
    """`actor` with a token for somebody."""
    token = actor.do("POST", f"/me/represented/{represented['id']}/tokens")["access_token"]
    return Actor(world.app, token, scope_of(represented["person"]).require_person())


def named(world: World, person: Actor, proxy: Actor, reach: str = "everything") -> dict[str, Any]:
    """What `proxy` reads of `person`, who named them and whom they agreed to act for."""
    until = (today() + timedelta(days=30)).isoformat()
    person.do("POST", "/me/representatives", {"person": public(proxy.id), "reach": reach, "until": until})
    world.settle(Scope.for_person(person.id))
    (offered,) = [one for one in proxy.do("GET", "/me/represented")["data"] if one["person"] == public(person.id)]
    agreed: dict[str, Any] = proxy.do("POST", f"/me/represented/{offered['id']}/acceptance")
    return agreed


def public(person: uuid.UUID) -> str:
    """A person's public id."""
    return str(PublicId("per", Scope.for_person(person), person))
