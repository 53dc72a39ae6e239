"""The table of purposes, cell by cell: each reader reads for as long as it says, and no longer."""

from collections.abc import Iterator
from typing import Any

import pytest

from app.core.calendar import local_date
from app.core.errors import Forbidden, NotFound, Problem, WrongState
from app.factory import SLICES
from app.identity.api import Role
from app.purposes_table import table
from app.residents.rules.access_words import PURPOSES
from app.visits.ids import VisitViewer, visit_public_id
from app.visits.queries import visit_of
from prescriptions.queries import prescription_of
from tests.architecture.sources import ROOT
from tests.records.cells import SCENES, prescriber
from tests.records.kept import id_of, prescription, visit
from tests.records.scenes import World, house, resident
from tests.scheduling.clock import Clock

LINES = [line for one in SLICES for line in one.purposes]


def scenes_for(line: Any) -> Iterator[tuple[str, str]]:
    """The longest beginning of who reads it counts: a doctor in an emergency is not any doctor."""
    fitting = [key for key in SCENES if line.thing.startswith(key[0]) and line.who.startswith(key[1])]
    yield from sorted(fitting, key=lambda key: len(key[1]))[-1:]


def test_every_line_has_a_scene_and_no_scene_is_left() -> None:
    played = [key for line in LINES for key in scenes_for(line)]
    assert len(played) == len(LINES)
    assert set(played) == set(SCENES)


@pytest.mark.parametrize("key", sorted(SCENES), ids=" ".join)
def test_it_is_read_until_then_and_no_longer(world: World, clock: Clock, key: tuple[str, str]) -> None:
    cell = SCENES[key](clock)
    cell.read()
    cell.ends()
    with pytest.raises(Problem) as refused:
        (cell.refused or cell.read)()
    assert isinstance(refused.value, Forbidden | NotFound | WrongState)


def test_every_code_has_words_for_the_resident() -> None:
    assert {line.code for line in LINES} - {""} == set(PURPOSES)


def test_the_document_holds_the_table() -> None:
    said = (ROOT / "docs" / "privacy.md").read_text(encoding="utf-8")
    assert table(LINES) in said, "stale: python -m app.cli purposes"


@pytest.mark.parametrize("state", ["canceled", "declined", "not_taken", "stopped", "abandoned"])
def test_a_visit_that_ended_otherwise_is_its_doctors_no_more(world: World, state: str) -> None:
    at = house()
    known = visit_public_id(visit(at, resident(), state))
    with pytest.raises(Forbidden) as refused:
        visit_of(VisitViewer(at.scope, at.viewer.by), known)
    assert refused.value.code == "purpose_ended"


def test_a_duty_is_named_in_the_journal_and_opens_one_visit_to_one_person(world: World) -> None:
    at, who = house(), resident()
    one, other = (visit_public_id(visit(at, who, "stopped")) for _ in range(2))
    actor, _ = world.staff(at, Role.MEDICAL_AFFAIRS)
    colleague, _ = world.staff(at, Role.MEDICAL_AFFAIRS)
    assert actor.refused(403, "GET", f"/visits/{one}") == "forbidden"
    actor.do("POST", f"/visits/{one}/inspections", {"duty": "complaint"})
    assert actor.do("GET", f"/visits/{one}")["complaint"] == "头痛"
    assert actor.refused(403, "GET", f"/visits/{other}") == "forbidden"
    assert colleague.refused(403, "GET", f"/visits/{one}") == "forbidden"
    ((_, facts),) = world.entries(at.scope, "visit.inspected")
    assert facts == {"visit": str(one), "duty": "complaint"}
    ((_, look),) = world.entries(at.scope, "record.read")
    assert look["purpose"] == "duty"
    world.settle(at.scope)
    (access,) = world.person(who).do("GET", "/me/access-log")["data"]
    assert access["sentence"].endswith("北院 医务管理人员 因医疗质量管理职责查看了您的就诊记录")


def test_the_day_on_which_medicines_end_counts(world: World, clock: Clock) -> None:
    at = house()
    row = prescription(at, resident(), "completed")
    assert row.covers_until
    clock.forward(days=(row.covers_until - local_date(clock.now())).days)
    assert prescription_of(prescriber(at), id_of(row)).row.id == row.id
