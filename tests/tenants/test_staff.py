"""Who is on the staff: roles, registrations, leaving, acting."""

from datetime import timedelta
from functools import partial

import pytest

from app.core.ids import PublicId, new_id
from app.core.relays import Answer, Incoming
from app.core.scope import Scope
from app.core.unit import run, unit
from app.identity.api import Role, permissions_of
from app.identity.service.tokens import authenticate, issue_staff_token
from tenants.names import AFFILIATE, STAFF_ID
from tenants.service.membership import take_affiliation
from tenants.service.staff import grants
from tests.days import today
from tests.tenants.conftest import Clock
from tests.tenants.world import Actor, Tenant, World, at_once, doctor, member


def path(member_id: str) -> str:
    return f"/staff/{member_id}"


def listed(tenant: Tenant, member_id: str) -> dict[str, object]:
    staff = tenant.administrator.do("GET", "/staff?limit=100")["data"]
    return next(one for one in staff if one["id"] == member_id)


@pytest.mark.parametrize(
    ("wanted", "rule"),
    [
        (doctor(registration_number=None), ("/registration_number", "registration_missing")),
        (doctor(registration_until=None), ("/registration_number", "registration_missing")),
        (doctor(subjects=[]), ("/subjects", "subjects_missing")),
        (doctor(subjects=["03", "99"]), ("/subjects", "subject_not_of_site")),
        (member(roles=["claims_reviewer"]), ("/roles", "role_not_of_kind")),
        (member(roles=["platform_operator"]), ("/roles", "role_not_of_kind")),
        (member(roles=["resident"]), ("/roles", "role_not_of_kind")),
    ],
)
def test_roles_that_a_clinic_cannot_give(
    world: World, clinic: Tenant, wanted: dict[str, object], rule: tuple[str, str]
) -> None:
    _, other = world.join(clinic, member())
    before = clinic.administrator.do("GET", "/staff")["data"]
    assert clinic.administrator.rules("POST", "/staff", wanted) == {rule}
    assert clinic.administrator.rules("PUT", path(other), wanted, If_Match='"2"') == {rule}
    assert clinic.administrator.do("GET", "/staff")["data"] == before


def test_the_last_day_of_a_registration_is_included(world: World, clinic: Tenant) -> None:
    _, other = world.join(clinic, member())
    ended, rule = doctor(registration_until=str(today() - timedelta(days=1))), "registration_expired"
    assert clinic.administrator.rules("POST", "/staff", ended) == {("/registration_until", rule)}
    assert clinic.administrator.rules("PUT", path(other), ended, If_Match='"2"') == {("/registration_until", rule)}
    assert clinic.administrator.do("POST", "/staff", doctor(registration_until=str(today())))["member"]["id"]


def test_a_subject_ends_with_the_license_that_named_it(world: World, clock: Clock) -> None:
    ending = {"kind": "clinic_filing", "number": "E", "issuer": "x", "subjects": ["03"], "valid_until": str(today())}
    clinic = world.open("clinic", documents=[ending])
    assert clinic.administrator.do("POST", "/staff", doctor())
    clock.ahead = timedelta(days=1)
    again = world.act(world.again(clinic.person), clinic.administrator_id)
    assert again.rules("POST", "/staff", doctor()) == {("/subjects", "subject_not_of_site")}


def test_changing_needs_the_version_that_was_seen(world: World, clinic: Tenant) -> None:
    _, nurse = world.join(clinic, member())
    change = path(nurse)
    wanted = member("王五", ["registrar"])
    assert clinic.administrator.refused(428, "PUT", change, wanted) == "if_match_required"
    assert clinic.administrator.refused(412, "PUT", change, wanted, If_Match='"1"') == "stale_version"
    assert clinic.administrator.refused(400, "PUT", change, wanted, If_Match="*") == "malformed_if_match"
    changed = clinic.administrator.do("PUT", change, wanted, If_Match='"2"')
    assert (changed["name"], changed["roles"], changed["version"]) == ("王五", ["registrar"], 3)
    assert clinic.administrator.refused(412, "PUT", change, wanted, If_Match='"2"') == "stale_version"


def test_of_two_changes_at_once_one_is_stale(world: World, clinic: Tenant) -> None:
    _, other = world.join(clinic, member())
    names = ("甲", "乙")

    def put(name: str) -> int:
        wanted = member(name, ["registrar"])
        return clinic.administrator.ask("PUT", path(other), wanted, If_Match='"2"').status_code

    assert sorted(at_once(*[lambda name=name: put(name) for name in names])) == [200, 412]
    assert listed(clinic, other)["version"] == 3


def test_nobody_makes_themselves_a_clinician(world: World, clinic: Tenant) -> None:
    own = path(clinic.administrator_id)
    wanted = doctor(roles=["doctor", "tenant_administrator"])
    assert clinic.administrator.refused(403, "PUT", own, wanted, If_Match='"1"') == "own_clinical_role"
    assert clinic.administrator.do("PUT", own, member(roles=["tenant_administrator", "registrar"]), If_Match='"1"')
    both = doctor(roles=["doctor", "tenant_administrator"])
    person, joined = world.join(clinic, both)
    self_made = world.act(person, joined)
    for longer in ({"registration_until": "2100-12-31"}, {"subjects": ["03", "04"]}, {"registration_number": "D-2"}):
        assert self_made.refused(403, "PUT", path(joined), {**both, **longer}, If_Match='"2"') == "own_clinical_role"
    assert clinic.administrator.do("PUT", path(joined), {**both, "subjects": ["04"]}, If_Match='"2"')


def test_nobody_invites_themselves_to_a_clinical_role(world: World, clinic: Tenant) -> None:
    token = clinic.administrator.do("POST", "/staff", doctor())["token"]
    accepting = ("POST", "/staff-invitations/acceptance", {"token": token})
    assert clinic.person.refused(409, *accepting) == "already_member"
    other, joined = world.join(clinic, member())
    world.act(other, joined).do("POST", f"/staff/{clinic.administrator_id}/ending")
    assert clinic.person.refused(403, *accepting) == "own_clinical_role"


def test_a_tenant_keeps_an_administrator(world: World, clinic: Tenant) -> None:
    own = path(clinic.administrator_id)
    assert clinic.administrator.refused(409, "POST", f"{own}/ending") == "last_administrator"
    demoted = member(roles=["registrar"])
    assert clinic.administrator.refused(409, "PUT", own, demoted, If_Match='"1"') == "last_administrator"
    assert listed(clinic, clinic.administrator_id)["version"] == 1


@pytest.mark.parametrize("how", ["ending", "demotion", "both"])
def test_of_two_administrators_that_leave_at_once_one_stays(world: World, clinic: Tenant, how: str) -> None:
    other, joined = world.join(clinic, member())
    pair = [(clinic.administrator, clinic.administrator_id, 1), (world.act(other, joined), joined, 2)]

    def leave(actor: Actor, id: str, version: int, ending: bool) -> int:
        if ending:
            return actor.ask("POST", f"{path(id)}/ending").status_code
        return actor.ask("PUT", path(id), member(roles=["registrar"]), If_Match=f'"{version}"').status_code

    ending = {"ending": (True, True), "demotion": (False, False), "both": (True, False)}[how]
    calls = [partial(leave, *one, end) for one, end in zip(pair, ending, strict=True)]
    assert sorted(at_once(*calls)) == [200, 409]


def test_who_leaves_is_out_at_once_and_reads_so(world: World, clinic: Tenant) -> None:
    person, joined = world.join(clinic, member())
    tokens = [world.act(person, joined), world.act(person, joined)]
    ended = clinic.administrator.do("POST", f"{path(joined)}/ending")
    assert ended["state"] == "ended"
    for token in tokens:
        assert token.refused(401, "GET", "/staff") == "unauthenticated"
    assert person.refused(404, "POST", f"/me/affiliations/{joined}/tokens") == "not_found"
    world.settle(clinic.scope)
    assert [one["state"] for one in person.do("GET", "/me/affiliations")["data"]] == ["ended"]
    assert clinic.administrator.refused(409, "POST", f"{path(joined)}/ending") == "affiliation_not_active"
    gone = clinic.administrator.refused(409, "PUT", path(joined), member(), If_Match='"3"')
    assert gone == "affiliation_not_active"


def test_a_role_that_is_taken_is_gone_for_tokens_that_are_out(world: World, clinic: Tenant) -> None:
    person, joined = world.join(clinic, member())
    acting = world.act(person, joined)
    assert acting.do("GET", "/staff")
    clinic.administrator.do("PUT", path(joined), member(roles=["integrator"]), If_Match='"2"')
    assert acting.refused(403, "GET", "/staff") == "forbidden"
    assert acting.do("GET", "/api-clients") == {"data": [], "next_cursor": None}


def test_a_clinical_role_rests_when_the_registration_ends(world: World, clinic: Tenant, clock: Clock) -> None:
    person, joined = world.join(clinic, doctor(registration_until=str(today())))
    _, also = world.join(clinic, doctor(roles=["doctor", "registrar"], registration_until=str(today())))

    def granted(member_id: str) -> frozenset[str] | None:
        """As the slices ask for it, and as a token of theirs tells it at each use."""
        mine = PublicId.parse(member_id, STAFF_ID).id
        with unit(clinic.scope) as reading:
            asked = grants(reading, mine)
        assert authenticate(issue_staff_token(clinic.scope, mine, person.id)).permissions == asked
        return asked

    assert granted(joined) == permissions_of([Role.DOCTOR])
    clock.ahead = timedelta(days=1)
    assert granted(joined) == frozenset()
    assert granted(also) == permissions_of([Role.REGISTRAR])


def test_a_person_acts_for_the_tenant_that_they_chose(world: World, clinic: Tenant, pharmacy: Tenant) -> None:
    person, here = world.join(clinic, member())
    _, there = world.join(pharmacy, member(), person)
    world.settle(clinic.scope, pharmacy.scope)
    known = person.do("GET", "/me/affiliations")["data"]
    told = {(one["id"], one["tenant"], one["tenant_kind"]) for one in known}
    assert told == {(here, clinic.id, "clinic"), (there, pharmacy.id, "pharmacy")}
    assert world.act(person, here).do("GET", "/tenants/current")["id"] == clinic.id
    assert world.act(person, there).do("GET", "/tenants/current")["id"] == pharmacy.id
    clinic.administrator.do("POST", f"{path(here)}/ending")
    assert world.act(person, there).do("GET", "/tenants/current")["id"] == pharmacy.id


def test_nobody_acts_as_somebody_else(world: World, clinic: Tenant) -> None:
    stranger = world.person()
    by_person = PublicId(STAFF_ID, Scope.for_person(stranger.id), new_id())
    unknown = PublicId(STAFF_ID, Scope.for_tenant(2**52), new_id())
    for id in (clinic.administrator_id, str(by_person), str(unknown), "sta_0"):
        assert stranger.refused(404, "POST", f"/me/affiliations/{id}/tokens") == "not_found"


def test_another_tenants_staff_is_not_there(world: World, clinic: Tenant, pharmacy: Tenant) -> None:
    stranger, theirs = pharmacy.administrator, clinic.administrator_id
    assert stranger.refused(404, "POST", f"{path(theirs)}/ending") == "not_found"
    assert stranger.refused(404, "PUT", path(theirs), member(), If_Match='"1"') == "not_found"
    assert theirs not in [one["id"] for one in stranger.do("GET", "/staff")["data"]]
    assert listed(clinic, theirs)["state"] == "active"


def test_what_a_person_knows_of_an_affiliation_never_goes_back(world: World, clinic: Tenant) -> None:
    person, joined = world.join(clinic, member())
    world.settle(clinic.scope)
    scope = Scope.for_person(person.id)

    def told(state: str, version: int) -> Answer:
        payload = {
            "staff": str(PublicId.parse(joined, STAFF_ID).id), "tenant_name": clinic.name, "tenant_kind": "clinic",
            "roles": [], "state": state, "version": version,
        }  # fmt: skip
        relay = Incoming(new_id(), clinic.scope, joined, AFFILIATE, payload)
        return run(scope, lambda opened: take_affiliation(opened, relay))

    assert told("ended", 9) == {}
    for version in (8, 9):
        assert told("active", version) == {"refused": "newer_known"}
    assert [one["state"] for one in person.do("GET", "/me/affiliations")["data"]] == ["ended"]
