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
from tests.architecture.wellformed import Requests
from tests.platform import Platform

ID = re.compile(r"\b([a-z]{2,12})_[0-9a-v]{30,64}\b")
BROKEN = 500
LEAST_PAGES = 8
"""Of so many lists, at least, somebody here has two pages."""
EMPTY: Mapping[str, str] = {
    "/api/v1/me/password": "says whether there is one, in no word of the person's",
    "/api/v1/doctor/prescriptions": "one doctor's own, and the owners here are systems and a resident",
    "/api/v1/doctor/visits": "one doctor's own, and the owners here are systems and a resident",
    "/api/v1/presences/current": "one clinician's own, and the owners here are systems and a resident",
    "/api/v1/me/recovery-codes": "tells how many are left",
    "/api/v1/shipping-terms": "says whether the pharmacy ships, in no word of anybody's",
    "/api/v1/supervision/counts": "counts alone",
    "/api/v1/supervision/tenants": "what tenants publish in the directory, where the victims have nothing",
    "/api/v1/me/resident": "holds no id; its words are only there once the registry has spoken",
}
"""What shows the victims nothing of their own either, each with the reason."""


def lists(app: Flask) -> list[Door]:
    """Everything that is read without naming an id, but by everybody."""
    mine = (door for door in doors(app) if door.method == "GET" and "<" not in door.path)
    return [door for door in mine if door.permission != PUBLIC]


def read(app: Flask, door: Door, token: str, **query: str | int) -> TestResponse:
    headers = {"Authorization": f"Bearer {token}"}
    return app.test_client(use_cookies=False).get(door.path, headers=headers, query_string=query)


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


def test_what_everybody_reads_tells_of_no_person(app: Flask, victims: Victims) -> None:
    """Tenants stand in public lists, and people of theirs under their own names; residents never do."""
    requests, found, tried = Requests(app), list[str](), 0
    whose = {name.partition("_")[0]: name for name in (str(one.id) for one in victims.things.values())}
    for door in doors(app):
        if door.method == "GET" and "<" not in door.path and door.permission == PUBLIC:
            answer = requests.ask("GET", door.path, {}, lambda kinds: whose.get(kinds, "x"), None)
            tried += 1
            if SECRET in answer.text or victims.resident in set(named_in(answer.text)) or answer.status_code >= BROKEN:
                found.append(f"{door.path}: {answer.text}")
    assert tried > 5
    assert found == []


def second_pages(app: Flask, victims: Victims, every: frozenset[str]) -> Iterator[tuple[Door, str, str]]:
    """Lists of which somebody has more than one page, with their token and the cursor of the second one."""
    owners = [person_token(victims.resident), client_token(victims.tenants[0], every)]
    for door in lists(app):
        for token in owners:
            cursor = (read(app, door, token, limit=1).get_json() or {}).get("next_cursor")
            if cursor:
                yield door, token, cursor
                break


def test_a_cursor_shows_nothing_to_others_and_nothing_elsewhere(
    app: Flask, victims: Victims, every: frozenset[str]
) -> None:
    strangers, found = Strangers(every), list[str]()
    pages = list(second_pages(app, victims, every))
    assert len(pages) >= LEAST_PAGES
    for (door, token, cursor), (other, *_) in zip(pages, [*pages[1:], pages[0]], strict=True):
        assert tells_of(read(app, door, token, cursor=cursor).text, victims)
        for by in strangers.at(door.permission):
            answer = read(app, door, by.token, cursor=cursor)
            if tells_of(answer.text, victims) or answer.status_code >= BROKEN:
                found.append(f"{by.name} at {door.path}: {answer.text}")
        if read(app, other, token, cursor=cursor).status_code not in (400, 403):
            found.append(f"the cursor of {door.path} at {other.path}")
    assert found == []
