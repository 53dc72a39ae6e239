"""Doctors in the directory: who may see residents today, as each change of staff, papers and fees says."""

from datetime import timedelta
from typing import Any

import pytest

from app.core.ids import PublicId, new_id
from app.core.relays import Answer, Handler, Incoming
from app.core.scope import Scope
from app.core.unit import run
from tenants.names import OFFER, PLATFORM, PUBLISH_DOCTOR, STAFF_ID
from tenants.service.doctors import take_doctor, take_offer
from tests.days import today
from tests.tenants.conftest import Clock
from tests.tenants.world import Tenant, World, doctor, member, paper


@pytest.fixture
def mark() -> str:
    """A name that nobody else has."""
    return new_id().hex


@pytest.fixture
def hospital(world: World) -> Tenant:
    return world.open("hospital")


def found(world: World, query: str) -> list[dict[str, Any]]:
    """What anybody finds."""
    return world.all(world.stranger(), f"/directory/doctors?{query}")


def names(world: World, query: str) -> list[str]:
    return [one["name"] for one in found(world, query)]


def joined(world: World, tenant: Tenant, **more: Any) -> str:
    """A doctor who joined, as the directory has heard; their member id."""
    _, member_id = world.join(tenant, doctor(**more))
    world.settle(tenant.scope)
    return member_id


def changed(world: World, tenant: Tenant, member_id: str, wanted: dict[str, Any]) -> None:
    """The administrator changes a member, and the directory hears of it."""
    staff = world.all(tenant.administrator, "/staff")
    version = next(one["version"] for one in staff if one["id"] == member_id)
    tenant.administrator.do("PUT", f"/staff/{member_id}", wanted, If_Match=f'"{version}"')
    world.settle(tenant.scope)


def test_a_doctor_is_found_by_subject_name_and_tenant(world: World, hospital: Tenant, mark: str) -> None:
    other = world.open("clinic")
    own = joined(world, hospital, name=mark, title="主任医师", subjects=["03", "04"])
    joined(world, other, name=mark, subjects=["04"])
    assert found(world, f"name={mark}&subject=03") == [
        {
            "id": own, "name": mark, "title": "主任医师", "subjects": ["03", "04"], "text_visits": False,
            "named_subjects": [
                {"code": "03", "name": "内科", "name_en": "Internal medicine"},
                {"code": "04", "name": "外科", "name_en": "Surgery"},
            ],
            "text_visit_fee": None, "tenant": hospital.id, "tenant_name": hospital.name, "tenant_kind": "hospital",
        }
    ]  # fmt: skip
    assert len(found(world, f"name={mark}&subject=04")) == 2
    assert [one["tenant"] for one in found(world, f"name={mark}&subject=04&tenant={other.id}")] == [other.id]
    assert [one["tenant"] for one in found(world, f"name={mark[:8]}&tenant={hospital.id}")] == [hospital.id]
    assert found(world, f"name={mark}&subject=0") == []
    assert found(world, f"subject=03&tenant={other.id}") == []


def test_who_is_no_doctor_is_nobodys_business(world: World, hospital: Tenant, mark: str) -> None:
    nurse = doctor(name=mark, roles=["nurse"], subjects=[])
    world.join(hospital, nurse)
    hospital.administrator.do("POST", "/staff", doctor(name=mark))  # invited, and never came
    world.settle(hospital.scope)
    assert found(world, f"name={mark}") == []


def test_the_directory_follows_each_change_of_the_staff(world: World, hospital: Tenant, mark: str) -> None:
    own = joined(world, hospital, name=mark)
    changed(world, hospital, own, doctor(name=f"{mark}2", title="医师", subjects=["04"]))
    assert found(world, f"name={mark}&subject=03") == []
    assert [(one["name"], one["title"]) for one in found(world, f"name={mark}&subject=04")] == [(f"{mark}2", "医师")]
    changed(world, hospital, own, member(name=mark))
    assert found(world, f"name={mark}") == []
    changed(world, hospital, own, doctor(name=mark))
    assert names(world, f"name={mark}") == [mark]
    hospital.administrator.do("POST", f"/staff/{own}/ending")
    world.settle(hospital.scope)
    assert found(world, f"name={mark}") == []


def test_a_doctor_is_shown_until_the_registrations_last_day(
    world: World, hospital: Tenant, clock: Clock, mark: str
) -> None:
    joined(world, hospital, name=mark, registration_until=today().isoformat())
    assert names(world, f"name={mark}") == [mark]
    clock.ahead = timedelta(days=1)
    assert names(world, f"name={mark}") == []


def test_a_doctor_is_shown_until_the_sites_last_day(world: World, clock: Clock, mark: str) -> None:
    ending = paper("clinic_filing", today(), subjects=["03"])
    joined(world, world.open("clinic", documents=[ending]), name=mark)
    assert names(world, f"name={mark}") == names(world, f"name={mark}&subject=03") == [mark]
    clock.ahead = timedelta(days=1)
    assert names(world, f"name={mark}") == names(world, f"name={mark}&subject=03") == []


def test_subjects_that_the_site_lost_are_not_shown(world: World, clock: Clock, mark: str) -> None:
    papers = [paper("clinic_filing", today(), subjects=["03"]), paper("clinic_filing", subjects=["04"])]
    joined(world, world.open("clinic", documents=papers), name=mark, subjects=["03", "04"])
    clock.ahead = timedelta(days=1)
    assert found(world, f"name={mark}&subject=03") == []
    assert [one["subjects"] for one in found(world, f"name={mark}")] == [["04"]]


def test_a_revoked_license_takes_its_doctors_along(world: World, hospital: Tenant, mark: str) -> None:
    joined(world, hospital, name=mark)
    held = world.all(hospital.administrator, "/licenses")
    license = next(one for one in held if one["kind"] == "medical_institution_license")
    world.decide(f"/licenses/{license['id']}/revocation", {"reason": "x"})
    world.settle(hospital.scope)
    assert found(world, f"name={mark}") == []


def test_a_suspended_tenant_has_no_doctors(world: World, hospital: Tenant, mark: str) -> None:
    joined(world, hospital, name=mark)
    world.decide(f"/tenants/{hospital.id}/suspension", {"reason": "x"})
    world.settle(hospital.scope)
    assert found(world, f"name={mark}") == []
    world.decide(f"/tenants/{hospital.id}/reinstatement", {"reason": "x"})
    world.settle(hospital.scope)
    assert names(world, f"name={mark}") == [mark]


def test_text_visits_are_offered_for_a_fee_where_the_site_may_hold_them(world: World, mark: str) -> None:
    sites = [world.open("hospital"), world.open("clinic")]
    for site in sites:
        own = joined(world, site, name=mark)
        site.administrator.do("PUT", f"/staff-fees/{own}", {"text_visit": 3000})
        world.settle(site.scope)
    offers = {one["tenant"]: (one["text_visits"], one["text_visit_fee"]) for one in found(world, f"name={mark}")}
    assert offers == {sites[0].id: (True, 3000), sites[1].id: (False, None)}


def test_a_fee_may_be_told_before_the_doctor(world: World, hospital: Tenant, mark: str) -> None:
    own = PublicId(STAFF_ID, hospital.scope, new_id())

    def told(type: str, **facts: Any) -> Incoming:
        return Incoming(new_id(), hospital.scope, str(own), type, {"staff": str(own.id), **facts})

    def taken(handler: Handler, relay: Incoming) -> Answer:
        return run(PLATFORM, lambda opened: handler(opened, relay))

    for fee, version, answer in ((2, 2, {}), (1, 1, {"refused": "newer_known"}), (9, 2, {"refused": "newer_known"})):
        assert taken(take_offer, told(OFFER, text_visit=fee, version=version)) == answer
    assert found(world, f"tenant={hospital.id}") == []
    shown = {"name": mark, "title": None, "subjects": ["03"], "registration_until": today().isoformat(), "listed": True}
    for version, answer in ((5, {}), (4, {"refused": "newer_known"})):
        relay = told(PUBLISH_DOCTOR, **{**shown, "name": f"{mark}{version}", "version": version})
        assert taken(take_doctor, relay) == answer
    world.settle()
    assert [(one["id"], one["name"], one["text_visit_fee"]) for one in found(world, f"name={mark}")] == [
        (str(own), f"{mark}5", 2)
    ]


def test_pages_stay_as_they_are_while_doctors_join(world: World, hospital: Tenant, mark: str) -> None:
    known = [joined(world, hospital, name=mark, registration_number=f"D-{number}") for number in range(3)]
    one = world.stranger().do("GET", f"/directory/doctors?name={mark}&limit=2")
    known.append(joined(world, hospital, name=mark))
    two = world.stranger().do("GET", f"/directory/doctors?name={mark}&limit=2&cursor={one['next_cursor']}")
    assert [row["id"] for page in (one, two) for row in page["data"]] == known
    assert two["next_cursor"] is None


OF_STAFF = PublicId(STAFF_ID, PLATFORM, new_id())


@pytest.mark.parametrize(
    "query", ["tenant=x", "subject=", "city=x", f"tenant={OF_STAFF}"], ids=["tenant", "subject", "city", "staff"]
)
def test_what_cannot_be_asked(world: World, query: str) -> None:
    world.stranger().refused(422, "GET", f"/directory/doctors?{query}")


def test_a_tenant_that_is_none_has_no_doctors(world: World) -> None:
    for scope in (Scope.for_person(new_id()), Scope.for_tenant(2**40), PLATFORM):
        assert found(world, f"tenant={PublicId('ten', scope, new_id())}") == []


def test_nobody_gives_themselves_a_title(world: World, hospital: Tenant, mark: str) -> None:
    wanted = doctor(name=mark, roles=["doctor", "tenant_administrator"])
    person, own = world.join(hospital, wanted)
    acting = world.act(person, own)
    version = next(one["version"] for one in world.all(acting, "/staff") if one["id"] == own)
    body = {**wanted, "title": "主任医师"}
    assert acting.refused(403, "PUT", f"/staff/{own}", body, If_Match=f'"{version}"') == "own_clinical_role"
    changed(world, hospital, own, body)
    assert [one["title"] for one in found(world, f"name={mark}")] == ["主任医师"]
