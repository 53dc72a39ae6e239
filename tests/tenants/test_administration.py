"""Administrators: what they may not give themselves, who is out at once, and as what somebody acted."""

import json
import time
from threading import Event
from typing import Any

import pytest
from sqlalchemy import select

from app.core.journal.models import Entry
from app.core.scope import Scope
from app.core.unit import unit
from app.identity.oidc.service.apps import find
from tests.tenants.test_sign_ins import is_out
from tests.tenants.world import Actor, Tenant, World, at_once, doctor, member

REQUESTS_AFTER = 5


def staff(id: str, how: str) -> str:
    return f"/staff/{id}/{how}"


def entries(scope: Scope, type: str) -> list[dict[str, Any]]:
    """What the journal says of everything of that type, oldest first."""
    mine = select(Entry.text).where(Entry.tenant_id == scope.tenant, Entry.type == type).order_by(Entry.seq)
    with unit(scope) as reading:
        return [json.loads(text) for text in reading.session.scalars(mine)]


@pytest.mark.parametrize("role", ["medical_affairs", "preparer", "nurse", "pharmacist", "department_head"])
def test_nobody_gives_themselves_a_role_in_care(world: World, clinic: Tenant, role: str) -> None:
    wanted = doctor(roles=["tenant_administrator", role], subjects=[])
    own = f"/staff/{clinic.administrator_id}"
    assert clinic.administrator.refused(403, "PUT", own, wanted, If_Match='"1"') == "own_clinical_role"
    person, joined = world.join(clinic, wanted)
    other = world.act(person, joined)
    assert other.do("PUT", own, wanted, If_Match='"1"')["roles"] == sorted(wanted["roles"])


def test_a_suspended_member_is_out_at_once_and_comes_back_with_new_tokens(world: World, clinic: Tenant) -> None:
    person, joined = world.join(clinic, doctor(roles=["doctor", "tenant_administrator"]))
    former = world.act(person, joined)
    assert clinic.administrator.do("POST", staff(joined, "suspension"))["state"] == "suspended"
    assert is_out(former)
    assert person.refused(404, "POST", f"/me/affiliations/{joined}/tokens") == "not_found"
    again = {"token": clinic.administrator.do("POST", "/staff", member(roles=["registrar"]))["token"]}
    assert person.refused(409, "POST", "/staff-invitations/acceptance", again) == "already_member"
    assert clinic.administrator.refused(409, "POST", staff(joined, "suspension")) == "affiliation_not_active"
    world.settle(clinic.scope)
    assert [one["state"] for one in person.do("GET", "/me/affiliations")["data"]] == ["suspended"]
    in_the_way = person.do("GET", "/me/erasure")["blockers"]
    assert {"code": "affiliation", "subject": joined} in in_the_way, "who comes back does not erase themself"
    assert clinic.administrator.do("POST", staff(joined, "reinstatement"))["state"] == "active"
    assert is_out(former)
    assert world.act(person, joined).do("GET", "/staff")
    assert clinic.administrator.refused(409, "POST", staff(joined, "reinstatement")) == "affiliation_not_suspended"


def test_who_is_suspended_can_be_removed(world: World, clinic: Tenant) -> None:
    _, joined = world.join(clinic, member())
    clinic.administrator.do("POST", staff(joined, "suspension"))
    assert clinic.administrator.do("POST", staff(joined, "ending"))["state"] == "ended"
    assert clinic.administrator.refused(409, "POST", staff(joined, "reinstatement")) == "affiliation_not_suspended"


def test_the_last_administrator_is_not_suspended(world: World, clinic: Tenant) -> None:
    own = staff(clinic.administrator_id, "suspension")
    assert clinic.administrator.refused(409, "POST", own) == "last_administrator"
    other, joined = world.join(clinic, member())
    pair = (clinic.administrator, own), (world.act(other, joined), staff(joined, "suspension"))
    assert sorted(at_once(*[lambda one=one: one[0].ask("POST", one[1]).status_code for one in pair])) == [200, 409]


def test_a_suspended_doctor_is_not_found(world: World, clinic: Tenant) -> None:
    _, joined = world.join(clinic, doctor())
    listed = f"/directory/doctors?tenant={clinic.id}"
    shown = []
    for how in ("suspension", "reinstatement"):
        clinic.administrator.do("POST", staff(joined, how))
        world.settle(clinic.scope)
        shown.append([one["id"] for one in world.all(world.stranger(), listed)])
    assert shown == [[], [joined]]


@pytest.mark.parametrize("how", ["ending", "suspension"])
def test_no_request_that_begins_after_a_removal_succeeds(world: World, clinic: Tenant, how: str) -> None:
    """Four streams of requests and one of new tokens run while the account is removed."""
    person, joined = world.join(clinic, member())
    acting, removed = world.act(person, joined), Event()
    issued: list[Actor] = []

    def use() -> list[tuple[bool, int]]:
        seen: list[tuple[bool, int]] = []
        until = time.monotonic() + 20
        while sum(after for after, _ in seen) < REQUESTS_AFTER and time.monotonic() < until:
            seen.append((removed.is_set(), acting.ask("GET", "/staff").status_code))
        return seen

    def issue() -> list[tuple[bool, int]]:
        seen: list[tuple[bool, int]] = []
        until = time.monotonic() + 20
        while sum(after for after, _ in seen) < REQUESTS_AFTER and time.monotonic() < until:
            after, answer = removed.is_set(), person.ask("POST", f"/me/affiliations/{joined}/tokens")
            seen.append((after, answer.status_code))
            if answer.json and answer.status_code == 201:
                issued.append(Actor(world.app, answer.json["access_token"]))
        return seen

    def remove() -> list[tuple[bool, int]]:
        done = clinic.administrator.ask("POST", staff(joined, how)).status_code
        removed.set()
        return [(False, done)]

    streams = at_once(use, use, use, use, issue, remove)
    after = {status for stream in streams for begun_after, status in stream if begun_after}
    assert after == {401, 404}
    assert {status for _, status in streams[-1]} == {200}
    assert all(is_out(one) for one in [acting, *issued])


def test_systems_of_who_left_go_on_and_wait_for_a_review(world: World, clinic: Tenant) -> None:
    person, joined = world.join(clinic, member())
    theirs = Tenant(clinic.scope, clinic.id, clinic.name, person, world.act(person, joined), joined)
    client = world.client(theirs, "events.read")
    before = world.all(clinic.administrator, "/api-clients")
    assert [(one["registered_by"], one["review_since"]) for one in before] == [(f"staff:{joined}", None)]
    path = f"/api-clients/{before[0]['id']}/review"
    assert clinic.administrator.refused(409, "POST", path) == "nothing_to_review"
    clinic.administrator.do("POST", staff(joined, "ending"))
    waiting = world.all(clinic.administrator, "/api-clients")[0]
    assert waiting["review_since"]
    assert client.do("GET", "/events")["data"]
    reviewed = clinic.administrator.do("POST", path)
    assert (reviewed["registered_by"], reviewed["review_since"]) == (f"staff:{clinic.administrator_id}", None)
    world.settle(clinic.scope)
    assert len(entries(clinic.scope, "client.review_asked")) == len(entries(clinic.scope, "client.reviewed")) == 1


def test_apps_and_systems_that_wait_for_a_review_are_listed_and_said(world: World, clinic: Tenant) -> None:
    person, joined = world.join(clinic, member())
    leaving = world.act(person, joined)
    wish = {
        "name": "健康助手",
        "redirect_uris": ["https://app.example.com/"],
        "scopes": ["openid"],
        "auth_method": "none",
    }
    system = {"name": "HIS", "permissions": ["events.read"]}
    theirs, revoked = (leaving.do("POST", "/apps", wish)["app"]["id"] for _ in range(2))
    leaving.do("POST", f"/apps/{revoked}/revocation")
    client = leaving.do("POST", "/api-clients", system)["client"]["id"]
    others = clinic.administrator.do("POST", "/apps", wish)["app"]["id"]
    clinic.administrator.do("POST", staff(joined, "ending"))

    def ids(path: str) -> list[str]:
        return [one["id"] for one in world.all(clinic.administrator, path)]

    assert (ids("/apps?review_due=true"), ids("/api-clients?review_due=true")) == ([theirs], [client])
    assert (ids("/apps?review_due=false"), ids("/api-clients?review_due=false")) == ([revoked, others], [])
    assert find(theirs), "it goes on"
    assert clinic.administrator.refused(409, "POST", f"/apps/{others}/review") == "nothing_to_review"
    world.settle(clinic.scope)
    said = clinic.administrator.do("GET", "/events?limit=100")["data"]
    assert {one["type"] for one in said} >= {"app.review_asked", "client.review_asked"}
    reviewed = clinic.administrator.do("POST", f"/apps/{theirs}/review")
    assert (reviewed["registered_by"], reviewed["review_since"]) == (f"staff:{clinic.administrator_id}", None)
    assert ids("/apps?review_due=true") == []


def test_every_entry_names_the_affiliation_and_the_roles_that_acted(
    world: World, clinic: Tenant, pharmacy: Tenant
) -> None:
    """Somebody who works at two tenants acts for one at a time, from the same first sign-in."""
    person, here = world.join(clinic, member(roles=["tenant_administrator", "registrar"]))
    _, there = world.join(pharmacy, member(roles=["tenant_administrator"]), person)
    at_clinic, at_pharmacy = world.act(person, here), world.act(person, there)
    for acting in (at_clinic, at_pharmacy):
        acting.do("POST", "/staff", member(roles=["integrator"]))
    world.settle(clinic.scope, pharmacy.scope)
    roles = ["registrar", "tenant_administrator"]
    for tenant, id, held in ((clinic, here, roles), (pharmacy, there, ["tenant_administrator"])):
        last = entries(tenant.scope, "staff.invited")[-1]
        assert (last["scope"], last["actor"], last["roles"]) == (str(tenant.scope), f"staff:{id}", held)
    joined = entries(clinic.scope, "staff.joined")[-1]
    assert joined["actor"].startswith("person:")
    assert "roles" not in joined
    assert at_clinic.refused(404, "POST", staff(there, "ending")) == "not_found"


def test_roles_are_named_as_they_were_held_then(world: World, clinic: Tenant) -> None:
    person, joined = world.join(clinic, member(roles=["integrator"]))
    acting = world.act(person, joined)
    system = {"name": "x", "permissions": ["events.read"]}
    acting.do("POST", "/api-clients", system)
    wanted = member(roles=["integrator", "registrar"])
    clinic.administrator.do("PUT", f"/staff/{joined}", wanted, If_Match='"2"')
    acting.do("POST", "/api-clients", system)
    world.settle(clinic.scope)
    named = [one["roles"] for one in entries(clinic.scope, "client.registered")]
    assert named == [["integrator"], ["integrator", "registrar"]]
