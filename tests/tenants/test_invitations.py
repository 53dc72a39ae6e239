"""Invitations: good once, for a week, for whoever has the token."""

from datetime import timedelta

import pytest

from app.core.ids import PublicId, new_id
from app.core.scope import Scope
from tenants.names import INVITATION_ID
from tests.tenants.conftest import Clock
from tests.tenants.world import Tenant, World, at_once, member

ACCEPT = ("POST", "/staff-invitations/acceptance")


def invited(tenant: Tenant) -> tuple[str, str]:
    made = tenant.administrator.do("POST", "/staff", member())
    return made["token"], made["member"]["id"]


def test_an_invitation_is_good_once(world: World, clinic: Tenant) -> None:
    token, member_id = invited(clinic)
    first, second = world.person(), world.person()
    joined = first.do(*ACCEPT, {"token": token})
    assert (joined["id"], joined["state"], joined["version"]) == (member_id, "active", 2)
    assert first.refused(404, *ACCEPT, {"token": token}) == "invitation_invalid"
    assert second.refused(404, *ACCEPT, {"token": token}) == "invitation_invalid"


def test_of_two_who_accept_at_once_one_joins(world: World, clinic: Tenant) -> None:
    token, member_id = invited(clinic)
    people = [world.person() for _ in range(4)]
    answers = at_once(*[lambda one=one: one.ask(*ACCEPT, {"token": token}).status_code for one in people])
    assert sorted(answers) == [201, 404, 404, 404]
    joined = people[answers.index(201)]
    assert world.act(joined, member_id).do("GET", "/tenants/current")["id"] == clinic.id


def test_a_person_who_accepts_two_at_once_joins_once(world: World, clinic: Tenant) -> None:
    tokens, person = [invited(clinic)[0] for _ in range(2)], world.person()
    answers = at_once(*[lambda one=one: person.ask(*ACCEPT, {"token": one}).status_code for one in tokens])
    assert sorted(answers) == [201, 409]


@pytest.mark.parametrize(("days", "status"), [(6.99, 201), (7.01, 404)])
def test_an_invitation_is_good_for_a_week(world: World, clinic: Tenant, clock: Clock, days: float, status: int) -> None:
    token, _ = invited(clinic)
    clock.ahead = timedelta(days=days)
    assert world.person().ask(*ACCEPT, {"token": token}).status_code == status


def test_tokens_that_are_no_invitation(world: World, clinic: Tenant) -> None:
    token, _ = invited(clinic)
    id, _, secret = token.partition(".")
    person = world.person()
    by_person = PublicId(INVITATION_ID, Scope.for_person(person.id), new_id())
    unknown = PublicId(INVITATION_ID, clinic.scope, new_id())
    nowhere = PublicId(INVITATION_ID, Scope.for_tenant(2**52), new_id())
    wrong = [f"{id}.{secret[:-1]}", id, f"{by_person}.{secret}", f"{unknown}.{secret}", f"{nowhere}.{secret}", "x", "."]
    for one in wrong:
        assert person.refused(404, *ACCEPT, {"token": one}) == "invitation_invalid"
    assert person.do(*ACCEPT, {"token": token})


def test_an_invitation_can_be_withdrawn(world: World, clinic: Tenant) -> None:
    token, member_id = invited(clinic)
    withdrawn = clinic.administrator.do("POST", f"/staff/{member_id}/ending")
    assert (withdrawn["state"], withdrawn["person"]) == ("ended", None)
    assert world.person().refused(404, *ACCEPT, {"token": token}) == "invitation_invalid"


def test_the_token_is_shown_once(world: World, clinic: Tenant) -> None:
    one = clinic.administrator.ask("POST", "/staff", member(), Idempotency_Key="once")
    two = clinic.administrator.ask("POST", "/staff", member(), Idempotency_Key="once")
    assert one.json
    assert one.json["token"]
    assert two.json == {"member": one.json["member"]}
    assert two.headers["Idempotency-Omitted"] == "token"


def test_an_invited_member_cannot_act_or_be_changed(world: World, clinic: Tenant) -> None:
    _, member_id = invited(clinic)
    assert world.person().refused(404, "POST", f"/me/affiliations/{member_id}/tokens") == "not_found"
    changed = clinic.administrator.refused(409, "PUT", f"/staff/{member_id}", member(), If_Match='"1"')
    assert changed == "affiliation_not_active"
