"""A connection leads elsewhere: each settlement is settled and reversed at one address, by a key that is good there."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest

from deploy.demo.partners import Scheme
from insurance.connectors.scheme import REVERSE, SETTLE
from tests.insurance.scenes import Insured, Insurer, World
from tests.insurance.settlements.liars import KEY, Liar, lying, signed
from tests.insurance.settlements.settlement_scenes import Pharmacy, asked, confirmed, read
from tests.insurance.settlements.test_unanswered import borne
from tests.platform import new_tenant
from tests.visits.test_races import at_once

OTHER_KEY = "another key of an institution"


def numbers(liar: Liar, question: str) -> list[str]:
    """The settlements about which a scheme was asked `question`."""
    bodies = [json.loads(body) for _, body in liar.asked]
    return [body["input"]["settlement"] for body in bodies if body["infno"] == question]


@dataclass(frozen=True)
class Move:
    """A pharmacy's connection, which leads to one scheme first."""

    chemist: Pharmacy
    who: Insured
    coverage: Any
    former: Liar
    later: Liar
    path: str

    def trial(self) -> dict[str, Any]:
        """A supply's."""
        return asked(self.who, self.chemist.order(self.who, new_tenant()), self.coverage)

    def to(self, liar: Liar, version: int, key: str = KEY) -> tuple[int, str | None]:
        """Lead the connection there; the status, and the code of a refusal."""
        body = {"url": liar.url, "key": key}
        answer = self.chemist.administrator.ask("PUT", self.path, body, If_Match=f'"{version}"')
        return answer.status_code, (answer.json or {}).get("code")


@pytest.fixture
def move(world: World, scheme: Scheme, insurer: Insurer, chemist: Pharmacy, liar: Liar) -> Iterator[Move]:
    body = {"insurer": insurer.id, "url": liar.url, "institution": "I1", "key": KEY}
    made = chemist.administrator.do("POST", "/scheme-connections", body)
    who = world.resident()
    with lying() as later:
        for one in (liar, later):
            borne(one)
        path = f"/scheme-connections/{made['id']}"
        yield Move(chemist, who, world.covered(who, insurer), liar, later, path)


@pytest.mark.parametrize("asking", ["committing", "reversing"])
def test_the_address_stays_while_something_is_settled_or_reversed(world: World, move: Move, asking: str) -> None:
    trial = move.trial()
    if asking == "committing":
        move.former.says(None, status=503)
    confirmed(move.who, trial, "any")
    if asking == "reversing":
        move.chemist.ends(trial["subject"])
        world.settle(move.chemist.scope)
        move.former.refuses("not_today")
        move.chemist.drive()
    assert read(move.who, trial)["state"] == asking
    assert move.to(move.later, 1) == (409, "scheme_being_asked")
    assert move.to(move.former, 1, OTHER_KEY) == (200, None), "another key alone"
    stamp = partial(signed, key=OTHER_KEY)
    if asking == "committing":
        borne(move.former)
        move.former.stamp = stamp
    else:
        move.former.says({"reversed": True}, stamp=stamp)
    move.chemist.drive()
    assert read(move.who, trial)["state"] == {"committing": "committed", "reversing": "reversed"}[asking]
    assert move.to(move.later, 2) == (200, None)
    assert move.later.asked == []


def test_what_was_settled_is_reversed_where_it_was_settled(world: World, move: Move) -> None:
    trial = move.trial()
    confirmed(move.who, trial, "any")
    assert move.to(move.former, 1, OTHER_KEY) == move.to(move.later, 2) == (200, None)
    newer = move.trial()
    confirmed(move.who, newer, "any")
    for one in (trial, newer):
        move.chemist.ends(one["subject"])
    move.former.says({"reversed": True}, stamp=partial(signed, key=OTHER_KEY))
    move.later.says({"reversed": True})
    world.settle(move.chemist.scope)
    move.chemist.drive()
    assert [read(move.who, one)["state"] for one in (trial, newer)] == ["reversed"] * 2
    assert (numbers(move.former, REVERSE), numbers(move.later, REVERSE)) == ([trial["id"]], [newer["id"]])
    move.chemist.books()


def test_a_change_while_something_is_settled_settles_it_once(world: World, move: Move) -> None:
    version, places = 1, [move.former, move.later]
    for _ in range(4):
        trial, found = move.trial(), list[tuple[int, str | None]]()
        there = places[version % 2]

        def lead(there: Liar = there, version: int = version, found: Any = found) -> None:
            found.append(move.to(there, version))

        assert at_once([partial(confirmed, move.who, trial, "any"), lead, move.chemist.drive]) == {"done": 3}
        move.chemist.drive()
        assert read(move.who, trial)["state"] == "committed"
        assert found[0] in [(200, None), (409, "scheme_being_asked")]
        version += found[0][0] == 200
        assert {trial["id"] in numbers(one, SETTLE) for one in places} == {True, False}
    move.chemist.books()
