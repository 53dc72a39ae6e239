"""A connection leads elsewhere: each settlement is settled and reversed at one address, by a key that is good there."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from structlog.testing import capture_logs

from app.core.ids import PublicId
from app.core.unit import Caller, Unit, run
from app.edge.exporting import Whose
from deploy.demo.partners import Scheme
from insurance.closing import CLOSING
from insurance.connectors.scheme import REVERSE, SETTLE
from insurance.models import Settlement
from insurance.rules.reversals import PATIENCE, RARELY, ReversedBy
from insurance.service import reversals
from insurance.service.driving import drive_due
from tests.insurance.scenes import Insured, Insurer, World
from tests.insurance.settlements.liars import KEY, Liar, lying, signed
from tests.insurance.settlements.settlement_scenes import Pharmacy, asked, confirmed, read
from tests.insurance.settlements.test_unanswered import ALARMED, asked_for, borne, driven, put_off
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


def left(world: World, move: Move) -> dict[str, Any]:
    """A settlement made at an address that was left and is dead: nobody asks there for its reversal any more."""
    trial = move.trial()
    confirmed(move.who, trial, "any")
    assert move.to(move.later, 1) == (200, None)
    move.chemist.ends(trial["subject"])
    world.settle(move.chemist.scope)
    move.former.says(None, status=503)
    assert in_the_way(move) == ["open_settlement"]
    asked_last(move.chemist, trial["id"])
    return trial


def asked_last(chemist: Pharmacy, id: str) -> None:
    """The scheme is asked for as long as it is before people are told."""
    with capture_logs() as logs:
        chemist.drive()
        assert chemist.settlement(id).given_up_at is None
        asked_for(chemist, id, PATIENCE)
        chemist.drive()
    told = [line["event"] for line in logs if line["event"].startswith("settlement_")]
    assert sorted(told) == ["settlement_given_up", "settlement_unanswered", "settlement_unanswered"]


def in_the_way(move: Move) -> list[str]:
    """What keeps the resident from being forgotten."""
    return [one.code for one in CLOSING.blockers(Whose(move.who.actor.id, (move.chemist.number,)))]


def waiting(world: World) -> int:
    """The operators' figure of reversals that wait for people."""
    text = world.app.test_client().get("/metrics").text
    (value,) = re.findall(r'^given_up\{table="settlements"\} (\S+)$', text, re.MULTILINE)
    return int(float(value))


def test_what_a_dead_address_never_reverses_is_noted_once(world: World, move: Move) -> None:
    before, trial = waiting(world), left(world, move)
    supervisor, path = move.chemist.supervisor(world), f"/given-up-reversals/{trial['id']}"
    (shown,) = supervisor.do("GET", "/given-up-reversals")["data"]
    assert (shown["id"], shown["scheme_url"], shown["scheme_settlement"]) == (trial["id"], move.former.url, "S1")
    assert (waiting(world), in_the_way(move)) == (before + 1, [])
    assert move.to(move.former, 2) == (200, None), "it holds no address"
    word = {"reversed_by": "scheme_confirmed", "reference": "YB-2026/0017"}
    assert move.chemist.clerk.refused(403, "POST", f"{path}/word", word) == "forbidden"
    assert supervisor.refused(422, "POST", f"{path}/word", word | {"reference": "a b"}) == "invalid_input"
    done = supervisor.do("POST", f"{path}/word", word)
    assert (done["state"], done["reversed_by"], done["reference"]) == ("reversed", *word.values())
    for act, body in (("word", word), ("attempts", None)):
        assert supervisor.refused(409, "POST", f"{path}/{act}", body) == "reversal_not_given_up"
    asked_before = len(move.former.asked)
    move.chemist.drive()
    assert (len(move.former.asked), waiting(world), read(move.who, trial)["state"]) == (
        asked_before, before, "reversed",
    )  # fmt: skip
    move.chemist.books()


def test_what_was_given_up_is_asked_for_anew_where_it_was_settled(world: World, move: Move) -> None:
    trial = left(world, move)
    supervisor, path = move.chemist.supervisor(world), f"/given-up-reversals/{trial['id']}"
    assert supervisor.do("POST", f"{path}/attempts")["given_up_at"] is None
    move.chemist.drive()
    assert supervisor.do("GET", "/given-up-reversals")["data"][0]["id"] == trial["id"], "given up again"
    move.former.says({"reversed": True})
    known, by = PublicId.parse(trial["id"], "stl"), Caller("system:test")
    word = reversals.Word(ReversedBy.PAID_BACK, "2026112200017")
    acts = [partial(reversals.retry, known, by), partial(reversals.note, known, word, by)] * 2
    assert at_once(acts) == {"done": 1, "reversal_not_given_up": 3}
    move.chemist.drive()
    now = move.chemist.settlement(trial["id"])
    noted = now.reversed_by == "paid_back"
    assert (now.state, len(numbers(move.former, REVERSE))) == ("reversed", 3 + (not noted))
    assert numbers(move.later, REVERSE) == []
    move.chemist.books()


def test_what_was_given_up_is_asked_on_rarely_and_holds_up_nothing(world: World, move: Move) -> None:
    before, trial = put_off(world), left(world, move)
    first = move.chemist.settlement(trial["id"])
    assert (first.due_at, put_off(world)) == (first.given_up_at and first.given_up_at + RARELY, before)
    assert {line["log_level"] for line in driven(move.chemist, ALARMED)} == {"warning"}, "people know"
    now = move.chemist.settlement(trial["id"])
    assert (now.given_up_at, now.version) == (first.given_up_at, first.version)
    newer = move.trial()
    move.later.says(None, status=503)
    confirmed(move.who, newer, "any")
    borne(move.later)

    def due(opened: Unit) -> None:
        for row in opened.all(opened.select(Settlement).with_for_update()):
            row.due_at = opened.now - timedelta(hours=row.given_up_at is not None)

    run(move.chemist.scope, due)
    drive_due(move.chemist.scope)
    assert [read(move.who, one)["state"] for one in (trial, newer)] == ["reversing", "committed"]
    move.former.says({"reversed": True})
    word = reversals.Word(ReversedBy.PAID_BACK, "2026112200017")
    note = partial(reversals.note, PublicId.parse(trial["id"], "stl"), word, Caller("system:test"))
    assert at_once([note, move.chemist.drive])["done"] >= 1
    now = move.chemist.settlement(trial["id"])
    assert (now.state, now.given_up_at, now.due_at, now.version) == ("reversed", None, None, first.version + 1)
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
