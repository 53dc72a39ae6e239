"""Nothing of a tenant's or a person's stands in what others read without naming an id: lists, searches, feeds, events.

What is added later is looked at too.
"""

import re
from collections.abc import Iterator, Mapping

from flask import Flask
from werkzeug.test import TestResponse

from app.core.access import PUBLIC
from app.core.ids import MalformedId, PublicId
from app.core.scope import Scope
from app.edge.permissions import Door, doors
from tests.architecture.cast import SECRET, client_token, person_token
from tests.architecture.victims import Strangers, Victims
from tests.platform import Platform

ID = re.compile(r"\b([a-z]{2,12})_[0-9a-v]{30,64}\b")
BROKEN = 500
EMPTY: Mapping[str, str] = {
    "/api/v1/doctor/prescriptions": "one doctor's own, and the owners here are systems and a resident",
    "/api/v1/doctor/visits": "one doctor's own, and the owners here are systems and a resident",
    "/api/v1/me/recovery-codes": "tells how many are left",
    "/api/v1/me/resident": "holds no id; its words are only there once the registry has spoken",
}
"""What shows the victims nothing of their own either, each with the reason."""


def lists(app: Flask) -> list[Door]:
    """Everything that is read without naming an id, but by everybody."""
    mine = (door for door in doors(app) if door.method == "GET" and "<" not in door.path)
    return [door for door in mine if door.permission != PUBLIC]


def read(app: Flask, door: Door, token: str) -> TestResponse:
    return app.test_client(use_cookies=False).get(door.path, headers={"Authorization": f"Bearer {token}"})


def named_in(text: str) -> Iterator[Scope]:
    """The scopes of everything whose id stands in `text`."""
    for found in ID.finditer(text):
        try:
            yield PublicId.parse(found[0], found[1]).scope
        except MalformedId:
            continue


def tells_of(text: str, victims: Victims) -> bool:
    """Whether there is an id of theirs in `text`, or one of their words."""
    return SECRET in text or not {victims.resident, *victims.tenants}.isdisjoint(named_in(text))


def test_strangers_read_nothing_of_others(
    app: Flask, victims: Victims, every: frozenset[str], platform: Platform
) -> None:
    strangers, found = Strangers(every), list[str]()
    for door in lists(app):
        for by in strangers.at(door.permission):
            answer = read(app, door, by.token)
            if tells_of(answer.text, victims) or answer.status_code >= BROKEN:
                found.append(f"{by.name} at {door.path}: {answer.text}")
    assert found == []


def test_the_victims_read_what_the_strangers_do_not(app: Flask, victims: Victims, every: frozenset[str]) -> None:
    """What shows nothing to anybody would let everything pass."""
    owners = [person_token(victims.resident), *(client_token(scope, every) for scope in victims.tenants)]
    silent = {door.path for door in lists(app) if not any(_shows(app, door, token, victims) for token in owners)}
    assert silent == set(EMPTY), f"{silent}: make something in tests/architecture/shown.py, or say in EMPTY why not"


def _shows(app: Flask, door: Door, token: str, victims: Victims) -> bool:
    answer = read(app, door, token)
    assert answer.status_code < BROKEN, (door.path, answer.text)
    return tells_of(answer.text, victims)
