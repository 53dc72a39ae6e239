"""Research reads of exactly those who consented to it here, without who they are; each of them reads that it did."""

import json
from datetime import timedelta

import pytest

from app.core.calendar import day_begins, local_date
from app.core.errors import Forbidden, NotFound, WrongState
from app.core.ids import PublicId
from app.core.unit import database
from app.identity.api import STAFF, Role
from app.records.service.projects import project_id
from app.records.service.research import CATEGORIES, ExtractLine, extract
from app.residents.rules.consents import Category, Purpose
from app.residents.service import consents
from tests.records.kept import DIAGNOSIS, prescription, visit
from tests.records.research import OVER, registered
from tests.records.scenes import House, Somebody, World, house, resident
from tests.scheduling.clock import Clock
from tests.scheduling.scenes import died


def kept(at: House) -> Somebody:
    """A resident with a completed visit and a signed prescription of the institution's."""
    who = resident()
    visit(at, who, "completed", ago=OVER)
    prescription(at, who, ago=OVER)
    return who


def read(at: House, project: PublicId, category: Category = Category.DIAGNOSES) -> list[ExtractLine]:
    """What a fresh researcher of the institution reads."""
    return list(extract(at.acting(at.member(Role.RESEARCHER)), project, category, "").data)


def test_exactly_those_who_consented_to_it_here(world: World) -> None:
    north, south = house(), house(name="南院")
    willing, other_purpose, other_place, other_category, back, dead = people = [kept(north) for _ in range(6)]
    visit(south, willing, "completed", ago=OVER)
    willing.consents(north, Category.DIAGNOSES, Purpose.RESEARCH)
    other_purpose.consents(north, Category.DIAGNOSES)
    other_place.consents(south, Category.DIAGNOSES, Purpose.RESEARCH)
    other_category.consents(north, Category.PRESCRIPTIONS, Purpose.RESEARCH)
    consents.revoke(back.consents(north, Category.DIAGNOSES, Purpose.RESEARCH).id, back.by)
    dead.consents(north, Category.DIAGNOSES, Purpose.RESEARCH)
    died(dead.scope)
    project = project_id(registered(north).row)
    (line,) = read(north, project)
    assert (line.birth_year, line.month, line.diagnoses, line.medicines) == (
        1960, f"{local_date(database().clock.now() - OVER):%Y-%m}", [DIAGNOSIS.code], None,
    )  # fmt: skip
    (medicine,) = read(north, project, Category.PRESCRIPTIONS)
    assert (medicine.diagnoses, [one.group for one in medicine.medicines or ()]) == (None, ["C08CA01"])
    assert medicine.pseudonym != line.pseudonym, "another resident"
    looked = {one.id for one in people if world.entries(one.scope, "record.read")}
    assert looked == {willing.id, other_category.id}
    with pytest.raises(NotFound):
        read(south, project)


def test_a_pseudonym_is_of_one_resident_in_one_project(world: World) -> None:
    at = house()
    one, other = kept(at), kept(at)
    visit(at, one, "completed", ago=OVER)
    for who in (one, other):
        who.consents(at, Category.DIAGNOSES, Purpose.RESEARCH)
    first, second = (read(at, project_id(registered(at).row)) for _ in range(2))
    assert sorted(len([x for x in first if x.pseudonym == name]) for name in {x.pseudonym for x in first}) == [1, 2]
    assert {x.pseudonym for x in first} & {x.pseudonym for x in second} == set()


def test_a_month_is_read_once_it_is_over(world: World, clock: Clock) -> None:
    """Whoever read each day would learn the day of each new line."""
    at = house()
    who = resident()
    for category in CATEGORIES:
        who.consents(at, category, Purpose.RESEARCH, days=90)
    first = day_begins(local_date(database().clock.now()).replace(day=1))
    clock.set(first + timedelta(minutes=1))
    visit(at, who, "completed")
    prescription(at, who)
    clock.set(day_begins(local_date(first + OVER).replace(day=1)) - timedelta(minutes=1))
    project = project_id(registered(at).row)
    assert [read(at, project, category) for category in CATEGORIES] == [[], []]
    clock.forward(minutes=2)
    assert [len(read(at, project, category)) for category in CATEGORIES] == [1, 1]


def test_nobody_is_named_and_everybody_is_told(world: World) -> None:
    at = house()
    who = kept(at)
    for category in CATEGORIES:
        who.consents(at, category, Purpose.RESEARCH)
    researcher, _ = world.staff(at, Role.RESEARCHER)
    affairs, _ = world.staff(at, Role.MEDICAL_AFFAIRS)
    ends_on = (local_date(database().clock.now()) + timedelta(days=9)).isoformat()
    body = {"name": "高血压用药研究", "approval": "伦审2026-1", "ends_on": ends_on}
    project = affairs.do("POST", "/research-projects", body)
    assert researcher.do("GET", "/research-projects")["data"] == [project]
    assert [facts for _, facts in world.entries(at.scope, "research_project.registered")] == [{"ends_on": ends_on}]
    path = f"/research-projects/{project['id']}/extract-readings"
    said = [researcher.do("POST", f"{path}?category={category}") for category in CATEGORIES]
    text = json.dumps(said, ensure_ascii=False)
    for hidden in (str(who.id), who.number, "张三", "高血压病", "北院", "陈医生", "vis_", "prx_", "苯磺酸"):
        assert hidden not in text
    assert [len(one["data"]) for one in said] == [1, 1]
    for wrong in ("category=visits", "limit=1"):
        assert researcher.refused(422, "POST", f"{path}?{wrong}") == "invalid_input"
    assert [facts["purpose"] for _, facts in world.entries(at.scope, "record.read")] == ["research"] * 2
    log = world.person(who).do("GET", "/me/access-log")["data"]
    assert {(one["purpose"], one["kind"], one["subject"]) for one in log} == {
        ("research", "research_extract", project["id"])
    }
    assert log[0]["sentence"].endswith("北院 工作人员 因经批准的医学研究查看了您去标识化的诊疗数据")
    assert affairs.refused(403, "POST", path) == "forbidden"


def test_by_a_project_that_runs_and_that_somebody_else_answers_for(world: World, clock: Clock) -> None:
    at = house()
    row = registered(at).row
    project = project_id(row)
    with pytest.raises(Forbidden) as refused:
        extract(at.acting(PublicId(STAFF, at.scope, row.registered_by)), project, Category.DIAGNOSES, "")
    assert refused.value.code == "own_research_project"
    affairs, _ = world.staff(at, Role.MEDICAL_AFFAIRS)
    ended = registered(at)
    assert affairs.do("POST", f"/research-projects/{project_id(ended.row)}/ending")["state"] == "ended"
    clock.forward(days=31)
    for known in (project, project_id(ended.row)):
        with pytest.raises(WrongState) as over:
            read(at, known)
        assert over.value.code == "research_project_over"
