"""Doctors of another institution: where that one is a tenant, it says itself whether they may practise online here."""

from typing import Any

import pytest

from app.core.calendar import local_date
from app.core.ids import PublicId
from app.core.ports import fill
from app.core.unit import unit
from tenants.home_consent_rules import ConsentState, may_become, may_decide, spelled_alike
from tenants.names import EVENTS, STAFF_ID
from tenants.service.practice import doctor_may_visit_online
from tests.tenants.world import Actor, Tenant, World, doctor, member

DAYS = {"number": "备-1", "authority": "示范市卫健委", "valid_from": "2026-01-01", "valid_until": "2099-12-31"}
REQUESTS = "/home-consent-requests"


@pytest.fixture(scope="module")
def home(made: World) -> Tenant:
    """Where doctors are mainly registered."""
    fill(made.ports)
    return made.open("clinic")


@pytest.fixture(scope="module")
def site(made: World, home: Tenant) -> Tenant:
    """Where they want to practise besides."""
    return made.open("hospital")


@pytest.fixture(scope="module")
def officer(made: World, home: Tenant) -> Actor:
    """Medical affairs at home."""
    return made.act(*made.join(home, member(roles=["medical_affairs"])))


def hired(world: World, site: Tenant, institution: str) -> str:
    wanted = doctor(home_institution=institution, registration_authority="示范市卫健委")
    return world.join(site, wanted)[1]


def asked(world: World, site: Tenant, home: Tenant, staff: str) -> dict[str, Any]:
    consent: dict[str, Any] = site.administrator.do("POST", "/home-consents", {**DAYS, "staff": staff})
    world.settle(site.scope, home.scope)
    return consent


def against(site: Tenant, staff: str) -> str | None:
    """Why the doctor may not practise online at the site now."""
    with unit(site.scope) as reading:
        known = PublicId.parse(staff, STAFF_ID)
        return doctor_may_visit_online(reading, known.id, "03", local_date(reading.now))


def state(site: Tenant) -> str:
    """Of the newest consent, as the site reads it."""
    return str(site.administrator.do("GET", "/home-consents")["data"][0]["state"])


def test_which_way_a_consent_goes() -> None:
    moves = {(a.value, b.value) for a in ConsentState for b in ConsentState if may_become(a, b)}
    assert moves == {
        ("recorded", "withdrawn"), ("asked", "given"), ("asked", "declined"), ("asked", "withdrawn"),
        ("given", "withdrawn"),
    }  # fmt: skip
    decisions = {(a.value, b.value) for a in ConsentState for b in ConsentState if may_decide(a, b)}
    assert decisions == {("asked", "given"), ("asked", "declined"), ("given", "withdrawn")}


def test_each_step_of_a_consent_is_a_public_event() -> None:
    of_homes = {f"home_consent_request.{one}" for one in ConsentState if one is not ConsentState.RECORDED}
    steps = {f"home_consent.{one}" for one in ConsentState} | of_homes
    assert steps == {event for event in EVENTS if event.startswith("home_consent")}


def test_until_its_home_consents_a_doctor_does_not_practise_at_a_further_site(
    world: World, home: Tenant, site: Tenant, officer: Actor
) -> None:
    staff = hired(world, site, home.name)
    consent = asked(world, site, home, staff)
    assert (consent["state"], consent["institution"]) == ("asked", home.name)
    again = {**DAYS, "staff": staff}
    assert site.administrator.refused(409, "POST", "/home-consents", again) == "home_consent_asked"
    (request,) = officer.do("GET", f"{REQUESTS}?state=asked")["data"]
    shown = (request["site_name"], request["doctor_name"], request["registration_number"], request["number"])
    assert shown == (site.name, "陈医生", "D-1", "备-1")
    assert against(site, staff) == "home_consent_missing"
    path = f"{REQUESTS}/{request['id']}"
    assert officer.refused(409, "POST", f"{path}/withdrawal") == "home_consent_request_state"
    own = world.act(*world.join(home, doctor(roles=["doctor", "medical_affairs"])))
    assert own.refused(403, "POST", f"{path}/approval") == "own_clinical_role"
    assert officer.do("POST", f"{path}/approval")["state"] == "given"
    assert against(site, staff) == "home_consent_missing", "the answer is on its way"
    world.settle(home.scope, site.scope)
    assert (state(site), against(site, staff)) == ("given", None)
    assert officer.refused(409, "POST", f"{path}/declining") == "home_consent_request_state"
    home.administrator.do("POST", f"{path}/withdrawal")
    world.settle(home.scope, site.scope)
    assert (state(site), against(site, staff)) == ("withdrawn", "home_consent_missing")


def test_what_is_declined_or_answered_too_late_opens_nothing(
    world: World, home: Tenant, site: Tenant, officer: Actor
) -> None:
    staff = hired(world, site, home.name)
    first = asked(world, site, home, staff)
    newest = officer.do("GET", REQUESTS)["data"][0]["id"]
    officer.do("POST", f"{REQUESTS}/{newest}/declining")
    world.settle(home.scope, site.scope)
    path = f"/home-consents/{first['id']}/withdrawal"
    assert site.administrator.refused(409, "POST", path) == "home_consent_declined"
    assert (state(site), against(site, staff)) == ("declined", "home_consent_missing")
    last = asked(world, site, home, staff)
    newest = officer.do("GET", REQUESTS)["data"][0]["id"]
    officer.do("POST", f"{REQUESTS}/{newest}/approval")
    site.administrator.do("POST", f"/home-consents/{last['id']}/withdrawal")
    world.settle(home.scope, site.scope, home.scope)
    assert (state(site), against(site, staff)) == ("withdrawn", "home_consent_missing"), "the answer came too late"
    assert officer.do("GET", f"{REQUESTS}?state=withdrawn")["data"][0]["id"] == newest


@pytest.mark.parametrize(
    ("one", "other"),
    [("示范医院（东）", "示范医院(东) "), ("City Clinic, West", "city clinic·WEST"), ("Ａ医院", "a　医\u200b院")],
)
def test_one_institution_spelled_in_two_ways(one: str, other: str) -> None:
    assert spelled_alike(one) == spelled_alike(other) != spelled_alike(one + "2")


@pytest.mark.parametrize("answer", ["declining", "withdrawal"])
def test_no_spelling_and_no_paper_goes_round_the_home(
    world: World, home: Tenant, site: Tenant, officer: Actor, answer: str
) -> None:
    staff = hired(world, site, f" {home.name[:2]}（{home.name[2:]}）".swapcase())
    consent = asked(world, site, home, staff)
    assert consent["state"] == "asked"
    path = f"{REQUESTS}/{officer.do('GET', REQUESTS)['data'][0]['id']}"
    if answer == "withdrawal":
        officer.do("POST", f"{path}/approval")
    officer.do("POST", f"{path}/{answer}")
    world.settle(home.scope, site.scope)
    moved = doctor(home_institution="省人民医院（不在本平台）", registration_authority="示范市卫健委")
    site.administrator.do("PUT", f"/staff/{staff}", moved, If_Match='"2"')
    paper = {**DAYS, "staff": staff}
    assert site.administrator.refused(409, "POST", "/home-consents", paper) == "home_institution_against"
    assert against(site, staff) == "home_consent_missing"


def test_a_site_that_did_without_may_record_paper_of_another(world: World, home: Tenant, site: Tenant) -> None:
    staff = hired(world, site, home.name)
    consent = asked(world, site, home, staff)
    site.administrator.do("POST", f"/home-consents/{consent['id']}/withdrawal")
    moved = doctor(home_institution="省人民医院（不在本平台）", registration_authority="示范市卫健委")
    site.administrator.do("PUT", f"/staff/{staff}", moved, If_Match='"2"')
    assert asked(world, site, home, staff)["state"] == "recorded"


def test_what_stands_on_paper_is_one_institutions_and_of_several_with_a_name_one_is_said(
    world: World, home: Tenant, site: Tenant
) -> None:
    staff = hired(world, site, "省人民医院（不在本平台）")
    assert (asked(world, site, home, staff)["state"], against(site, staff)) == ("recorded", None)
    moved = doctor(home_institution=home.name, registration_authority="示范市卫健委")
    site.administrator.do("PUT", f"/staff/{staff}", moved, If_Match='"2"')
    assert against(site, staff) == "home_consent_missing", "it was another institution's word"
    other = world.open("clinic", name=home.name)
    body = {**DAYS, "staff": staff}
    assert site.administrator.refused(422, "POST", "/home-consents", body) == "home_ambiguous"
    assert site.administrator.rules("POST", "/home-consents", {**body, "home": site.id}) == {("/home", "home_unknown")}
    assert site.administrator.do("POST", "/home-consents", {**body, "home": other.id})["state"] == "asked"
    world.settle(site.scope, other.scope)
    assert len(other.administrator.do("GET", REQUESTS)["data"]) == 1
