"""What takes two operators: one proposes, another confirms, and nobody decides on what is their own."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from app.core.ids import PublicId
from app.core.unit import SYSTEM, unit
from tenants.api import end_staff, invite_operator
from tenants.models import Staff
from tenants.names import PLATFORM, PROPOSAL_ID, STAFF_ID
from tenants.proposal_models import Proposal
from tenants.proposal_rules import ProposalEvent, ProposalState, after, against
from tenants.service.proposals import expire_due
from tests.tenants.conftest import Clock, operating
from tests.tenants.world import Actor, Tenant, World, at_once, recorded

APPROVAL = "/organization-applications/{}/approval"


def proposed(world: World, path: str, json: Any = None) -> str:
    """The path of what the first operator proposed."""
    return f"/proposals/{world.operator.do('POST', path, json)['id']}"


def suspension(world: World, tenant: Tenant) -> str:
    return proposed(world, f"/tenants/{tenant.id}/suspension", {"reason": "飞行检查"})


def applied_by(world: World, person: Actor) -> str:
    """The id of an insurer's application that is that person's."""
    return str(world.apply(world.again(person), "insurer")["id"])


def waiting(world: World) -> list[str]:
    return [f"/proposals/{one['id']}" for one in world.all(world.second, "/proposals")]


@pytest.mark.parametrize("is_over", [False, True])
def test_only_what_waits_moves(is_over: bool) -> None:
    cells = product(ProposalState, ProposalEvent)
    moves = {(state, event): after(state, event, is_over=is_over) for state, event in cells}
    assert {cell: end for cell, end in moves.items() if end is not None} == (
        {(ProposalState.PROPOSED, ProposalEvent.EXPIRE): ProposalState.EXPIRED}
        if is_over
        else {
            (ProposalState.PROPOSED, ProposalEvent.CONFIRM): ProposalState.CONFIRMED,
            (ProposalState.PROPOSED, ProposalEvent.WITHDRAW): ProposalState.WITHDRAWN,
        }
    )


def test_who_may_do_what_to_a_proposal() -> None:
    assert against(ProposalEvent.CONFIRM, by_proposer=True) == "own_proposal"
    assert against(ProposalEvent.CONFIRM, by_proposer=False) is None
    assert against(ProposalEvent.WITHDRAW, by_proposer=True) is None
    assert against(ProposalEvent.WITHDRAW, by_proposer=False) == "proposal_of_another"


def test_nothing_happens_until_another_confirms(world: World, pharmacy: Tenant) -> None:
    path = suspension(world, pharmacy)
    world.settle(pharmacy.scope)
    assert pharmacy.administrator.do("GET", "/tenants/current")["state"] == "active"
    shown = world.second.do("GET", path)
    assert (shown["act"], shown["subject"], shown["reason"]) == ("tenant_suspension", pharmacy.id, "飞行检查")
    assert (shown["proposed_by"], shown["decided_by"], shown["state"]) == (world.operator_member, None, "proposed")
    assert path in waiting(world)
    assert world.operator.refused(403, "POST", f"{path}/confirmation") == "own_proposal"
    done = world.second.do("POST", f"{path}/confirmation")["proposal"]
    assert (done["state"], done["decided_by"], done["expires_at"]) == ("confirmed", world.second_member, None)
    world.settle(pharmacy.scope)
    assert pharmacy.administrator.refused(401, "GET", "/tenants/current") == "unauthenticated"
    assert path not in waiting(world)
    assert world.second.refused(409, "POST", f"{path}/confirmation") == "proposal_ended"
    assert {"proposal.made", "proposal.confirmed"} <= set(recorded(PLATFORM))


def test_who_proposed_withdraws_and_nobody_else(world: World, pharmacy: Tenant) -> None:
    path = suspension(world, pharmacy)
    assert world.second.refused(403, "POST", f"{path}/withdrawal") == "proposal_of_another"
    assert world.operator.do("POST", f"{path}/withdrawal")["state"] == "withdrawn"
    assert world.second.refused(409, "POST", f"{path}/confirmation") == "proposal_ended"
    assert suspension(world, pharmacy) != path


def test_the_same_waits_once(world: World, pharmacy: Tenant) -> None:
    path, body = f"/tenants/{pharmacy.id}/suspension", {"reason": "x"}
    by = (world.operator, world.second, world.operator, world.second)
    answers = at_once(*[lambda who=who: who.ask("POST", path, body).status_code for who in by])
    assert sorted(answers) == [201, 409, 409, 409]
    assert world.operator.refused(409, "POST", path, body) == "already_proposed"
    assert proposed(world, f"/tenants/{pharmacy.id}/reinstatement", body)


def test_of_a_confirmation_and_a_withdrawal_at_once_one_holds(world: World, pharmacy: Tenant) -> None:
    path = suspension(world, pharmacy)
    statuses = at_once(
        lambda: world.second.ask("POST", f"{path}/confirmation").status_code,
        lambda: world.operator.ask("POST", f"{path}/withdrawal").status_code,
    )
    assert sorted(statuses) == [200, 409]
    world.settle(pharmacy.scope)
    state = world.second.do("GET", path)["state"]
    assert state == ("confirmed" if statuses[0] == 200 else "withdrawn")
    assert recorded(pharmacy.scope).count("tenant.suspended") == (state == "confirmed")


def test_a_proposal_expires(world: World, pharmacy: Tenant, clock: Clock) -> None:
    path = suspension(world, pharmacy)
    clock.ahead = timedelta(days=3)
    first = world.act(world.again(world.operator), world.operator_member)
    second = world.act(world.again(world.second), world.second_member)
    assert second.refused(409, "POST", f"{path}/confirmation") == "proposal_expired"
    again = first.do("POST", f"/tenants/{pharmacy.id}/suspension", {"reason": "x"})["id"]
    assert first.do("GET", path)["state"] == "expired"
    clock.ahead = timedelta(days=6)
    while expire_due(PLATFORM):
        pass
    with unit(PLATFORM) as reading:
        row = reading.get(Proposal, PublicId.parse(again, PROPOSAL_ID).id)
    assert row
    assert (row.state, row.decided_by, row.version) == ("expired", None, 2)


def test_what_became_impossible_is_not_confirmed(world: World) -> None:
    application = world.apply(world.person(), "insurer")
    path = proposed(world, APPROVAL.format(application["id"]))
    world.operator.do("POST", f"/organization-applications/{application['id']}/rejection", {"reason": "x"})
    assert world.second.refused(409, "POST", f"{path}/confirmation") == "application_decided"
    assert world.operator.do("POST", f"{path}/withdrawal")["state"] == "withdrawn"


def test_nobody_decides_on_their_own_application(world: World) -> None:
    """Not by proposing, not by confirming, not by turning it down."""
    operator, _ = operating(world)
    path = APPROVAL.format(applied_by(world, operator))
    assert operator.refused(403, "POST", path) == "own_application"
    rejection = path.replace("approval", "rejection")
    assert operator.refused(403, "POST", rejection, {"reason": "x"}) == "own_application"
    assert operator.refused(403, "POST", f"{proposed(world, path)}/confirmation") == "own_application"


def test_nobody_decides_on_a_tenant_that_they_act_for(world: World, pharmacy: Tenant) -> None:
    operator, _ = operating(world)
    member = {"name": "x", "roles": ["preparer"]}
    token = pharmacy.administrator.do("POST", "/staff", member)["token"]
    joined = world.again(operator).do("POST", "/staff-invitations/acceptance", {"token": token})["id"]
    world.settle(pharmacy.scope)
    assert operator.refused(403, "POST", f"/tenants/{pharmacy.id}/suspension", {"reason": "x"}) == "own_tenant"
    path = suspension(world, pharmacy)
    assert operator.refused(403, "POST", f"{path}/confirmation") == "own_tenant"
    pharmacy.administrator.do("POST", f"/staff/{joined}/suspension")
    world.settle(pharmacy.scope)
    assert operator.refused(403, "POST", f"{path}/confirmation") == "own_tenant", "who is suspended comes back"
    pharmacy.administrator.do("POST", f"/staff/{joined}/ending")
    world.settle(pharmacy.scope)
    assert operator.do("POST", f"{path}/confirmation")["proposal"]["state"] == "confirmed"


def test_a_former_affiliation_of_the_proposer_is_the_proposer(world: World, pharmacy: Tenant) -> None:
    """Who left and was invited again is another member, and the same person."""
    operator, member = operating(world)
    path = f"/proposals/{operator.do('POST', f'/tenants/{pharmacy.id}/suspension', {'reason': 'x'})['id']}"
    end_staff(PublicId.parse(member, STAFF_ID), SYSTEM)
    token = {"token": invite_operator("again").token}
    person = world.again(operator)
    joined = person.do("POST", "/staff-invitations/acceptance", token)["id"]
    assert joined != member
    assert world.act(person, joined).refused(403, "POST", f"{path}/confirmation") == "own_proposal"


@contextmanager
def alone(world: World) -> Iterator[None]:
    """While it lasts, the first operator is the only one."""
    first = PublicId.parse(world.operator_member, STAFF_ID).id
    with unit(PLATFORM) as opened:
        living = opened.all(opened.select(Staff).where(Staff.state == "active", Staff.id != first))
        for one in living:
            one.state = "ended"
    yield
    with unit(PLATFORM) as opened:
        for one in living:
            opened.session.merge(one).state = "active"


def test_one_operator_alone_is_told_so(world: World, pharmacy: Tenant) -> None:
    with alone(world):
        answer = world.operator.ask("POST", f"/tenants/{pharmacy.id}/suspension", {"reason": "x"})
    assert answer.json
    assert (answer.status_code, answer.json["code"]) == (409, "second_operator_missing")
    assert "tokens operator" in answer.json["detail"]


def test_two_operators_make_a_third(world: World) -> None:
    path = proposed(world, "/operator-invitations", {"name": "第三位"})
    assert world.second.do("GET", path)["name"] == "第三位"
    again = {"Idempotency_Key": path[-20:]}
    token = world.second.do("POST", f"{path}/confirmation", **again)["token"]
    assert "token" not in world.second.do("POST", f"{path}/confirmation", **again)
    person = world.person()
    joined = person.do("POST", "/staff-invitations/acceptance", {"token": token})
    assert joined["roles"] == ["platform_operator"]
    assert world.act(person, joined["id"]).do("GET", "/proposals")


def test_proposals_are_the_operators_alone(world: World, pharmacy: Tenant) -> None:
    path = suspension(world, pharmacy)
    for other in (world.person(), pharmacy.administrator):
        for method, asked in (("GET", "/proposals"), ("GET", path), ("POST", f"{path}/confirmation")):
            assert other.refused(403, method, asked) == "forbidden"
        assert other.refused(403, "POST", "/operator-invitations", {"name": "x"}) == "forbidden"
