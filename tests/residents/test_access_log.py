"""A resident reads who looked at their data: once for each look, in their language, and nobody else's."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.core.forgetting import forget_in
from app.core.ids import PublicId, new_id
from app.core.relays import Incoming
from app.core.scope import Scope
from app.core.unit import Caller, Unit, run
from app.identity.api import CLIENT, Role, issue_staff_token
from app.residents.access_models import Access
from app.residents.names import ACCESS_ID
from app.residents.rules.access_words import LANGUAGES, Told, sentence
from app.residents.service.accesses import ACCESS_KEPT, take_look
from app.residents.service.own_looks import look_for_care
from app.visits.ids import visit_public_id
from tenants.api import LOOKED, look
from tenants.models import DirectoryDoctor, DirectoryEntry
from tenants.service.clients import register
from tests.residents.conftest import Clock
from tests.residents.world import World
from tests.scheduling.scenes import Hospital
from tests.tenants.world import Actor
from tests.visits.scenes import BY, Clinic


def looked(hospital: Hospital, actor: str, resident: uuid.UUID, purpose: str = "visit", prefix: str = "vis") -> None:
    """`actor` of the hospital looks at something of the resident's."""
    about = PublicId(prefix, hospital.scope, new_id())
    run(hospital.scope, lambda opened: look(opened, resident, purpose, about), Caller(actor))


def log(world: World, resident: Actor, *hospitals: Hospital, query: str = "") -> list[dict[str, Any]]:
    """What the resident reads once everything has arrived."""
    world.settle(*(hospital.scope for hospital in hospitals))
    read: list[dict[str, Any]] = resident.do("GET", f"/me/access-log{query}")["data"]
    return read


def test_a_doctors_look_in_plain_words(world: World) -> None:
    clinic, resident = Clinic(), world.resident()
    visit = visit_public_id(clinic.asked(resident.id))
    doctor = Actor(world.app, issue_staff_token(clinic.scope, clinic.doctor.id, new_id()), new_id())
    for path in ("", "/messages", ""):
        doctor.do("GET", f"/visits/{visit}{path}")
    (one,) = log(world, resident, clinic.hospital)
    assert {name: one[name] for name in ("who", "role", "name", "institution_name", "purpose", "kind", "subject")} == {
        "who": "staff", "role": "doctor", "name": "陈医生", "institution_name": "示范医院", "purpose": "visit",
        "kind": "visit", "subject": str(visit),
    }  # fmt: skip
    assert one["sentence"].endswith("，示范医院 医师陈医生 因诊疗查看了您的就诊记录")
    world.settle(Scope.for_person(resident.id))
    (entry,) = [e for e in resident.do("GET", "/me/journal?limit=100")["data"] if e["type"] == "access.noted"]
    assert (entry["subject"], entry["actor"]) == (one["id"], f"relay:{clinic.scope}")


def test_of_others_the_role_alone_of_a_system_its_name(world: World) -> None:
    hospital, resident = Hospital(), world.resident()
    client = register(hospital.scope, "理赔核心系统", ["events.read"], BY).client
    looked(hospital, f"staff:{hospital.member(Role.CLAIMS_REVIEWER)}", resident.id, "claim", "ccs")
    looked(hospital, f"client:{PublicId(CLIENT, hospital.scope, client.id)}", resident.id, "claim", "ccs")
    looked(hospital, "system:worker", resident.id, "claim", "ccs")
    platform, system, reviewer = log(world, resident, hospital)
    assert (reviewer["role"], reviewer["name"]) == ("claims_reviewer", None)
    assert "示范医院 理赔审核员 因" in reviewer["sentence"]
    assert (system["who"], system["role"], system["name"]) == ("client", None, "理赔核心系统")
    assert "示范医院 的系统“理赔核心系统” 因" in system["sentence"]
    assert (platform["who"], platform["name"]) == ("platform", None)


@pytest.mark.parametrize(("asked", "said"), [("en-US,zh;q=0.5", "On "), ("zh-CN", "年"), ("fr", "年"), ("", "年")])
def test_the_language_is_the_asked_one_else_the_persons(world: World, asked: str, said: str) -> None:
    hospital, resident = Hospital(), world.resident()
    looked(hospital, f"staff:{hospital.doctor()}", resident.id)
    world.settle(hospital.scope)
    headers = {"Authorization": f"Bearer {resident.token}", **({"Accept-Language": asked} if asked else {})}
    answer = world.app.test_client().get("/api/v1/me/access-log", headers=headers).get_json()
    assert said in answer["data"][0]["sentence"]


def test_pages_and_filters(world: World, clock: Clock) -> None:
    one, other, resident = Hospital(), Hospital(), world.resident()
    looked(one, f"staff:{one.doctor()}", resident.id)
    clock.forward(hours=1)
    between = clock.now().isoformat().replace("+00:00", "Z")
    clock.forward(hours=1)
    looked(other, f"staff:{other.doctor()}", resident.id)
    resident = world.again(resident)
    newest, oldest = log(world, resident, one, other)
    assert newest["at"] > oldest["at"]
    first = resident.do("GET", "/me/access-log?limit=1")
    second = resident.do("GET", f"/me/access-log?limit=1&cursor={first['next_cursor']}")
    assert (first["data"], second["data"], second["next_cursor"]) == ([newest], [oldest], None)
    assert log(world, resident, query=f"?institution={oldest['institution']}") == [oldest]
    assert log(world, resident, query=f"?since={between}") == [newest]
    assert log(world, resident, query=f"?until={between}") == [oldest]


def test_it_is_nobody_elses(world: World) -> None:
    hospital, resident, stranger = Hospital(), world.resident(), world.resident()
    looked(hospital, f"staff:{hospital.doctor()}", resident.id)
    assert log(world, stranger, hospital) == []
    assert world.team().doctor.refused(403, "GET", "/me/access-log") == "forbidden"


def test_a_look_that_is_told_twice_is_one(world: World) -> None:
    person, giver = Scope.for_person(world.person().id), Scope.for_tenant(7)
    payload = {
        "id": str(new_id()), "purpose": "visit", "about": "vis_0", "at": datetime.now(UTC).isoformat(), "who": "staff",
        "role": "nurse", "name": None, "institution_id": None, "institution_name": None,
    }  # fmt: skip
    told = Incoming(new_id(), giver, "look", LOOKED, payload)
    assert [run(person, lambda unit: take_look(unit, told)) for _ in range(2)] == [{}, {"refused": "known_already"}]
    assert len(world.entries(person.require_person(), "access.noted")) == 1


@pytest.mark.parametrize("published", [True, False])
def test_a_look_at_what_the_person_keeps_themself(world: World, published: bool) -> None:
    """Made in the person's own scope: of whom the directory says nothing, nothing is told but where they are from."""
    hospital, resident = Hospital(), world.resident()
    doctor, about = hospital.doctor(), PublicId("vis", hospital.scope, new_id())
    if published:
        run(hospital.scope, lambda opened: publish(opened, doctor))
    care = Caller(f"staff:{doctor}")
    scope = Scope.for_person(resident.id)
    assert [run(scope, lambda opened: look_for_care(opened, "prescription", about), care) for _ in range(2)] == [
        True, False,
    ]  # fmt: skip
    (one,) = log(world, resident)
    assert (one["kind"], one["subject"], one["who"]) == ("care", str(about), "staff")
    words = "示范医院 医师陈医生 因" if published else "一家机构 工作人员 因"
    assert words in one["sentence"]
    assert (one["name"], one["institution_name"]) == (("陈医生", "示范医院") if published else (None, None))


def publish(opened: Unit, doctor: PublicId) -> None:
    """The directory names the doctor and their hospital."""
    number = doctor.scope.require_tenant()
    opened.session.add(
        DirectoryEntry(
            tenant=number, profile_id=new_id(), name="示范医院", kind="hospital", parent=None, state="active",
            licenses=[], source_version=1,
        )
    )  # fmt: skip
    opened.session.add(
        DirectoryDoctor(
            tenant=number, id=doctor.id, name="陈医生", subjects=["03"], listed=True, source_version=1, offer_version=0
        )
    )


def test_it_is_forgotten_after_three_years(world: World, clock: Clock) -> None:
    hospital, resident = Hospital(), world.resident()
    looked(hospital, f"staff:{hospital.doctor()}", resident.id)
    world.settle(hospital.scope)
    scope = Scope.for_person(resident.id)
    clock.ahead = ACCESS_KEPT - timedelta(hours=1)
    assert forget_in(Access)(scope) == 0
    clock.ahead = ACCESS_KEPT + timedelta(hours=1)
    assert forget_in(Access)(scope) == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_codes_of_a_newer_process_have_words_too(language: str) -> None:
    told = Told(datetime(2026, 11, 22, 2, 15, tzinfo=UTC), "staff", "new_role", None, "示范医院", "new", "new")
    expected = {
        "zh-CN": "2026年11月22日 10:15，示范医院 工作人员 因业务办理查看了您的资料",
        "en": "On 22 November 2026 at 10:15, a member of the staff of 示范医院 looked at your data "
        "in the course of their work.",
    }
    assert sentence(told, language) == expected[language]
    assert ACCESS_ID == "acc"
