"""Ids of others, named in bodies and queries by people whose they are not: nothing comes of it, and nothing is learnt.

The kinds of ids are read off the description of the API, so that a field of tomorrow is attacked too.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.core.access import PUBLIC
from app.core.ids import PublicId
from app.core.scope import Scope, ScopeKind
from app.edge.permissions import Door, doors
from tests.architecture.cast import client_token, person_token
from tests.architecture.named_specimens import NAMED, PUBLISHED, STATED, made_for_nobody_here, verified_person
from tests.architecture.specimens import SPECIMENS
from tests.architecture.test_attack import REFUSED, UNREADABLE, each, parameters, seen
from tests.architecture.victims import Stranger, Strangers, Thing, Victims
from tests.architecture.wellformed import NOTHING, Ids, Requests
from tests.platform import Platform

FORBIDDEN, INVALID, BROKEN = 403, 422, 500


class Naming:
    """Who name what where."""

    def __init__(self, app: Flask, victims: Victims, every: frozenset[str]) -> None:
        self.requests, self.victims, self.every = Requests(app), victims, every
        self.strangers, person = Strangers(every), verified_person()
        self.strangers.resident = Stranger("another resident", person_token(person), person)
        self.theirs = {prefix: Thing(made_for_nobody_here(prefix)) for prefix in sorted(NAMED)}
        self.places = [(door, kind) for door in doors(app) for kind in self.requests.kinds(door.method, door.path)]

    @property
    def attacked(self) -> Iterator[tuple[Door, str]]:
        """Where naming what is another's must come to nothing."""
        return (place for place in self.places if at(place[0]) not in PUBLISHED)

    def by(self, door: Door) -> list[Stranger]:
        """Those who come as far as the body: anybody, or to whom the thing in the path belongs."""
        if names := parameters(door):
            return [self._owner(self.victims.things[names[-1]].id.scope, SPECIMENS[names[-1]].kind)]
        if door.permission == PUBLIC:
            return [Stranger("anybody", "", self.strangers.resident.scope)]
        return self.strangers.at(door.permission)

    def _owner(self, scope: Scope, kind: ScopeKind) -> Stranger:
        if kind is ScopeKind.PERSON:
            return Stranger("its resident", person_token(self.victims.resident), self.victims.resident)
        return Stranger("a system of its tenant", client_token(scope, self.every), scope)

    def ask(self, door: Door, by: Stranger, kind: str, id: str) -> TestResponse:
        """Name `id` wherever an id of its kind may stand; other ids name nothing."""
        named = each({name: self.victims.things[name] for name in parameters(door)}, lambda one: str(one.id))
        stated = STATED.get(at(door), NOTHING)
        return self.requests.ask(door.method, door.path, named, self._naming(kind, id), by.token or None, stated)

    def _naming(self, kind: str, id: str) -> Ids:
        return lambda prefixes: id if kind in prefixes.split("|") else self.theirs[prefixes.partition("|")[0]].beside()

    def body(self, door: Door, kind: str, id: str) -> Any:
        """The body of such a request; None where it has none."""
        stated = STATED.get(at(door), NOTHING)
        return self.requests.sent(door.method, door.path, self._naming(kind, id), stated).get("json")


def at(door: Door) -> str:
    return f"{door.method} {door.path}"


@pytest.fixture(scope="module")
def everywhere(app: Flask, victims: Victims, every: frozenset[str], platform: Platform) -> Naming:
    return Naming(app, victims, every)


def test_there_is_something_of_every_kind(app: Flask) -> None:
    requests = Requests(app)
    met = {kind for door in doors(app) for kind in requests.kinds(door.method, door.path)}
    assert len(met) > 5
    assert sorted(met - set(NAMED)) == [], "tests/architecture/named_specimens.py: say in NAMED how to make one"


def test_naming_what_is_anothers_comes_to_nothing(everywhere: Naming) -> None:
    """It does not succeed, and is answered as what is not there: the id itself, and its row as if it were one's own."""
    found = list[str]()
    for door, kind in everywhere.attacked:
        theirs = everywhere.theirs[kind]
        for by in everywhere.by(door):
            for id, empty in ((str(theirs.id), theirs.beside()), (theirs.claimed(by.scope), theirs.like(by.scope))):
                got, nothing = (everywhere.ask(door, by, kind, one) for one in (id, empty))
                if got.status_code < REFUSED and door.method != "GET":
                    found.append(f"{by.name} succeeds at {at(door)} with a {kind}: {got.text}")
                if seen(got) != seen(nothing):
                    found.append(f"{by.name} at {at(door)} with a {kind}: {got.text} and {nothing.text}")
    assert found == []


def test_the_attack_reaches_what_it_attacks(everywhere: Naming) -> None:
    """A request that is refused for something else tells nothing of whose the named thing is."""
    unread = list[str]()
    for door, kind in everywhere.attacked:
        theirs = str(everywhere.theirs[kind].id)
        body = everywhere.body(door, kind, theirs)
        answers = [everywhere.ask(door, by, kind, theirs) for by in everywhere.by(door)]
        if not any(is_about(theirs, body, one) for one in answers):
            unread.append(f"{at(door)} with a {kind}: {[one.text for one in answers]}")
    assert unread == [], "tests/architecture/named_specimens.py: say in STATED what its other fields must be"


def is_about(id: str, body: Any, answer: TestResponse) -> bool:
    """Whether the request came as far as the thing called `id`: a fault may lie in naming it, not in something else."""
    if answer.status_code == INVALID:
        faults = {fault["pointer"] for fault in answer.get_json().get("errors", [])}
        return faults <= set(pointers(body, id))
    return answer.status_code not in (FORBIDDEN, *UNREADABLE) and answer.status_code < BROKEN


def pointers(value: Any, id: str, so_far: str = "") -> Iterator[str]:
    """Where `id` stands in a body."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, one in inner:
        yield from pointers(one, id, f"{so_far}/{name}")
    if value == id:
        yield so_far


def test_who_publishes_is_published(everywhere: Naming) -> None:
    assert set(PUBLISHED) <= {at(door) for door, _ in everywhere.places}
    assert set(STATED) <= {at(door) for door, _ in everywhere.places}
    assert all(PublicId.parse(str(thing.id), kind) for kind, thing in everywhere.theirs.items())
