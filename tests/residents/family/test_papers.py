"""Papers at the platform's desk: guardianships that the registry does not know, and courts that end one."""

import uuid
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from app.core.ids import PublicId, new_id
from app.core.unit import Unit, run, unit
from app.identity.api import issue_staff_token
from app.residents.family.timers import keep_time
from app.residents.names import CIVIL_PAPER_ID
from tenants.api import PLATFORM
from tenants.models import Staff
from tests.core.journal.scenes import rows
from tests.residents.conftest import Clock
from tests.residents.family.scenes import acting, born, public, registered, scope_of
from tests.residents.world import World, new_number
from tests.tenants.world import Actor


@pytest.fixture
def operator(world: World) -> Actor:
    return world.member(PLATFORM, "platform_operator")


def guardianship(number: str = "", paper: str = "household_register") -> dict[str, Any]:
    return {
        "kind": "guardianship", "name": "张小无亲", "number": number or new_number(born(4)), "paper": paper,
        "paper_number": "H-1",
    }  # fmt: skip


def test_a_guardianship_on_paper(world: World, operator: Actor) -> None:
    guardian = world.resident("王五")
    paper = guardian.do("POST", "/me/civil-papers", guardianship())
    (waiting,) = [one for one in operator.do("GET", "/civil-papers?limit=100")["data"] if one["id"] == paper["id"]]
    assert (waiting["asker"], waiting["name"], waiting["paper_number"]) == ("王五", "张小无亲", "H-1")
    assert operator.do("POST", f"/civil-papers/{paper['id']}/acceptance")["state"] == "accepted"
    (child,) = guardian.do("GET", "/me/represented")["data"]
    assert acting(world, guardian, child).do("GET", "/me/resident")["name"] == "张小无亲"
    assert operator.refused(409, "POST", f"/civil-papers/{paper['id']}/acceptance") == "paper_decided"
    assert [one["state"] for one in guardian.do("GET", "/me/civil-papers")["data"]] == ["accepted"]


def test_nobody_accepts_their_own(world: World, operator: Actor) -> None:
    guardian = world.resident()
    paper = guardian.do("POST", "/me/civil-papers", guardianship())["id"]
    with unit(PLATFORM) as reading:
        (member,) = reading.all(reading.select(Staff).where(Staff.person_id == operator.id))
    member_id = run(PLATFORM, partial(_employed, like=member, person=guardian.id))
    own = Actor(world.app, issue_staff_token(PLATFORM, member_id, guardian.id), guardian.id)
    assert own.refused(403, "POST", f"/civil-papers/{paper}/acceptance") == "own_paper"
    assert operator.do("POST", f"/civil-papers/{paper}/acceptance")["state"] == "accepted"


def _employed(opened: Unit, like: Staff, person: uuid.UUID) -> uuid.UUID:
    """Another affiliation, as that of `like`, of a person."""
    values = {column.key: getattr(like, column.key) for column in Staff.__table__.columns}
    return opened.add(Staff(**{**values, "id": new_id(), "person_id": person})).id


def test_a_paper_that_is_refused_opens_nothing(world: World, operator: Actor) -> None:
    guardian = world.resident()
    paper = guardian.do("POST", "/me/civil-papers", guardianship())["id"]
    refused = operator.do("POST", f"/civil-papers/{paper}/rejection", {"reason": "not_genuine"})
    assert (refused["state"], refused["reason"]) == ("rejected", "not_genuine")
    known = PublicId.parse(paper, CIVIL_PAPER_ID).id
    rows(world.platform, "UPDATE civil_papers SET state = 'refused' WHERE id = %s", known)  # by the release before
    assert [one["state"] for one in guardian.do("GET", "/me/civil-papers")["data"]] == ["rejected"]
    assert guardian.do("GET", "/me/represented")["data"] == []


def test_what_papers_say_what(world: World) -> None:
    guardian = world.resident()
    assert guardian.refused(422, "POST", "/me/civil-papers", guardianship(paper="notarial_will")) == "paper_kind"
    for _ in range(5):
        guardian.do("POST", "/me/civil-papers", guardianship())
    assert guardian.refused(409, "POST", "/me/civil-papers", guardianship()) == "too_many_papers"


def test_nobody_else_decides_or_reads(world: World) -> None:
    guardian, team = world.resident(), world.team("hospital", ("tenant_administrator",))
    paper = guardian.do("POST", "/me/civil-papers", guardianship())["id"]
    for somebody in (guardian, team.doctor):
        assert somebody.refused(403, "POST", f"/civil-papers/{paper}/acceptance") == "forbidden"
    another = world.member(team.scope, "platform_operator")
    assert another.refused(404, "POST", f"/civil-papers/{paper}/acceptance") == "not_found"
    assert world.resident().do("GET", "/me/civil-papers")["data"] == []


def test_a_court_ends_a_guardianship_at_once(world: World, operator: Actor) -> None:
    numbers = {"child_number": new_number(born(4)), "guardian_number": new_number()}
    guardian = world.resident(number=numbers["guardian_number"])
    child = registered(guardian, numbers["child_number"])
    for_child = acting(world, guardian, child)
    assert guardian.refused(409, "POST", f"/me/represented/{child['id']}/ending") == "not_to_be_ended"
    assert operator.do("POST", "/guardianship-endings", numbers) == {"state": "ended"}
    assert for_child.refused(401, "GET", "/me") == "unauthenticated"
    (kept,) = guardian.do("GET", "/me/represented")["data"]
    assert (kept["state"], kept["end_reason"], kept["person"]) == ("ended", "court", public(for_child.id))
    unknown = {**numbers, "child_number": new_number(born(3))}
    assert operator.refused(404, "POST", "/guardianship-endings", unknown) == "not_found"


def test_what_a_court_ended_begins_again_by_a_paper_alone(world: World, operator: Actor, clock: Clock) -> None:
    """The registry goes on to say whose parent somebody is; it is asked in vain, for as long as the child is one."""
    child_number, number = new_number(born(4)), new_number()
    guardian = world.resident(number=number)
    child = registered(guardian, child_number)
    operator.do("POST", "/guardianship-endings", {"child_number": child_number, "guardian_number": number})
    again = {"name": "张小宝", "number": child_number}
    assert guardian.refused(409, "POST", "/me/children", again) == "guardianship_ended"
    clock.forward(days=4 * 366)
    keep_time(scope_of(child["person"]))
    guardian = world.again(guardian)
    assert guardian.refused(409, "POST", "/me/children", again) == "guardianship_ended"
    clock.ahead = timedelta(0)
    paper = guardian.do("POST", "/me/civil-papers", {**guardianship(child_number, "court_ruling"), "name": "张小宝"})
    assert operator.do("POST", f"/civil-papers/{paper['id']}/acceptance")["state"] == "accepted"
    assert acting(world, guardian, guardian.do("GET", "/me/represented")["data"][0]).do("GET", "/me")
