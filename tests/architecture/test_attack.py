"""Every endpoint, attacked with every kind of id by everybody whose it is not, and by tokens that have died.

They get nothing, and cannot tell what is not theirs from what is not there. What is added later is attacked too.
"""

import re
from collections.abc import Callable, Iterator, Mapping

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.core.access import PUBLIC
from app.core.ids import PublicId, new_id
from app.core.scope import Scope, ScopeKind
from app.edge.permissions import Door, doors
from tests.architecture.specimens import NOT_IDS, SPECIMENS
from tests.architecture.victims import Stranger, Strangers, Thing, Victims, colleague, dead_tokens
from tests.architecture.wellformed import Ids, Requests
from tests.platform import Platform

VARIABLE = re.compile(r"<(?:[^:<>]+:)?([^<>]+)>")
OF_THE_REQUEST = frozenset({"X-Request-Id", "Date"})
REFUSED, UNREADABLE = 400, frozenset({400, 406, 413, 415, 422, 428})
Named = Mapping[str, str]


@pytest.fixture(scope="module")
def requests(app: Flask) -> Requests:
    """Whoever asks."""
    return Requests(app)


@pytest.fixture(scope="module")
def strangers(every: frozenset[str], platform: Platform) -> Strangers:
    """By whom it is made."""
    return Strangers(every)


def parameters(door: Door) -> list[str]:
    """The names of the ids in a path."""
    return [name for name in VARIABLE.findall(door.path) if name not in NOT_IDS]


def taking_ids(app: Flask) -> list[Door]:
    return [door for door in doors(app) if parameters(door)]


def of_nothing(scope: Scope) -> Ids:
    """For bodies: ids in `scope` of nothing."""
    return lambda prefixes: str(PublicId(prefixes.partition("|")[0], scope, new_id()))


def seen(answer: TestResponse) -> tuple[object, ...]:
    """Everything by which a caller can tell one answer from another."""
    headers = sorted((name, value) for name, value in answer.headers if name not in OF_THE_REQUEST)
    return answer.status_code, tuple(headers), re.sub(r'"request_id":"[^"]*"', "", answer.text)


def pairs(door: Door, victims: Victims, scope: Scope) -> Iterator[tuple[Named, Named]]:
    """Paths to what is there, each with one to nothing: the victim's own id, and its row as if it were the caller's."""
    things = {name: victims.things[name] for name in parameters(door)}
    yield each(things, lambda one: str(one.id)), each(things, Thing.beside)
    yield each(things, lambda one: one.claimed(scope)), each(things, lambda one: one.like(scope))


def each(things: Mapping[str, Thing], name: Callable[[Thing], str]) -> Named:
    return {key: name(one) for key, one in things.items()}


def faults(requests: Requests, door: Door, victims: Victims, by: Stranger) -> Iterator[str]:
    """What `by` gets at `door` beyond a refusal, and what they can tell apart."""
    for theirs, nothing in pairs(door, victims, by.scope):
        got, empty = (
            requests.ask(door.method, door.path, named, of_nothing(by.scope), by.token) for named in (theirs, nothing)
        )
        if got.status_code < REFUSED:
            yield f"{by.name} succeeds at {door.method} {door.path}: {got.status_code}"
        elif seen(got) != seen(empty):
            yield f"{by.name} at {door.method} {door.path}: {got.text} where it is, {empty.text} where nothing is"


def test_there_is_something_of_every_kind(app: Flask) -> None:
    asked = {name for door in doors(app) for name in parameters(door)}
    assert sorted(asked - set(SPECIMENS)) == [], "tests/architecture/specimens.py: say in SPECIMENS how to make one"


def test_strangers_learn_nothing_by_an_id(
    app: Flask, requests: Requests, victims: Victims, strangers: Strangers
) -> None:
    found = [
        fault
        for door in taking_ids(app)
        for by in strangers.at(door.permission)
        for fault in faults(requests, door, victims, by)
    ]
    assert found == []


def test_colleagues_in_other_roles_learn_nothing_by_an_id(app: Flask, requests: Requests, victims: Victims) -> None:
    found, tried = list[str](), 0
    for door in taking_ids(app):
        scope = victims.things[parameters(door)[-1]].id.scope
        if scope.kind is ScopeKind.TENANT and door.permission != PUBLIC:
            found += faults(requests, door, victims, colleague(scope, door.permission))
            tried += 1
    assert tried
    assert found == []


def test_the_attack_reaches_what_it_attacks(
    app: Flask, requests: Requests, victims: Victims, strangers: Strangers
) -> None:
    """A request that is refused for its form tells nothing about whose the thing is."""
    unreadable = list[str]()
    for door in taking_ids(app):
        *_, system = strangers.at(door.permission)
        named = each({name: victims.things[name] for name in parameters(door)}, lambda one: str(one.id))
        answer = requests.ask(door.method, door.path, named, of_nothing(system.scope), system.token)
        if answer.status_code in UNREADABLE and door.permission != PUBLIC:
            unreadable.append(f"{door.method} {door.path}: {answer.text}")
    assert unreadable == [], "tests/architecture/wellformed.py: say in NAMED what such a field holds"


def test_a_token_that_has_died_opens_nothing(
    app: Flask, requests: Requests, victims: Victims, every: frozenset[str]
) -> None:
    dead, found = dict(dead_tokens(every)), list[str]()
    for door in doors(app):
        if door.permission != PUBLIC:
            found += alive(requests, door, victims, dead)
    assert len(dead) > len(found) == 0, found


def alive(requests: Requests, door: Door, victims: Victims, dead: Named) -> Iterator[str]:
    """What `door` still gives to the bearers of these tokens, or to nobody at all."""
    named = each({name: victims.things[name] for name in parameters(door)}, lambda one: str(one.id))
    answers = {
        name: seen(requests.ask(door.method, door.path, named, of_nothing(victims.resident), token))
        for name, token in {**dead, "nobody": None}.items()
    }
    yield from (f"{name}: {door.method} {door.path}" for name, answer in answers.items() if answer[0] != 401)
    if len({answers[name] for name in dead}) > 1:
        yield f"{door.method} {door.path} tells why a token has died"
