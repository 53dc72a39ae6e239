"""Plans and members over HTTP."""

from datetime import timedelta

import pytest

from app.core.ids import PublicId
from insurance.names import PLAN_ID
from tests.insurance.scenes import FROM, NAME, POLICY, World, today

PLAN = {"code": "P-2", "name": "门诊保险", "payer_kind": "commercial", "policy": POLICY}


def test_a_plan_is_made_and_listed(world: World) -> None:
    insurer = world.insurer()
    made = insurer.administrator.do("POST", "/plans", PLAN)
    assert {name: made[name] for name in PLAN} == PLAN
    listed = insurer.administrator.do("GET", "/plans")["data"]
    assert [plan["code"] for plan in listed] == ["P-1", "P-2"]
    assert listed[1] == made


def test_a_plans_code_is_taken_once(world: World) -> None:
    insurer, other = world.insurer(), world.insurer()
    insurer.administrator.do("POST", "/plans", PLAN)
    assert insurer.administrator.refused(409, "POST", "/plans", PLAN) == "plan_code_taken"
    other.administrator.do("POST", "/plans", PLAN)


def test_only_insurers_have_plans(world: World) -> None:
    _, _, administrator = world.tenant("hospital", "tenant_administrator")
    assert administrator.refused(403, "POST", "/plans", PLAN) == "not_an_insurer"


@pytest.mark.parametrize(
    ("policy", "pointer"),
    [
        ({"deductible": -1}, "/policy/deductible"), ({"ceiling": -1}, "/policy/ceiling"),
        ({"rate_bp": {"visit": 10_001}}, "/policy/rate_bp/visit"), ({"rate_bp": {"car": 1}}, "/policy/rate_bp/car"),
        ({"pre_self_bp": {"A": 0.5}}, "/policy/pre_self_bp/A"), ({"pre_self_bp": {"D": 0}}, "/policy/pre_self_bp/D"),
        ({"policy_version": " "}, "/policy/policy_version"),
    ],
)  # fmt: skip
def test_a_policy_has_limits(world: World, policy: dict[str, object], pointer: str) -> None:
    body = {**PLAN, "policy": {**POLICY, **policy}}
    _, _, administrator = world.tenant("insurer", "tenant_administrator")
    assert pointer in {
        found.removesuffix("/key").removesuffix("/value") for found, _ in administrator.rules("POST", "/plans", body)
    }


def test_a_member_is_added_and_listed(world: World) -> None:
    insurer, who = world.insurer(), world.resident()
    made = insurer.member(who, member_number=" m-1 2 ", valid_until="2099-12-31")
    assert (made["member_number"], made["name"], made["state"]) == ("M-12", NAME, "active")
    assert (made["plan"], made["valid_from"], made["valid_until"]) == (insurer.plan, FROM, "2099-12-31")
    assert insurer.administrator.do("GET", "/members")["data"] == [made]
    assert insurer.administrator.do("GET", f"/members?plan={insurer.plan}")["data"] == [made]
    other = insurer.administrator.do("POST", "/plans", PLAN)
    assert insurer.administrator.do("GET", f"/members?plan={other['id']}")["data"] == []


def test_of_the_identity_number_nothing_is_said_or_kept_in_the_clear(world: World) -> None:
    insurer, who = world.insurer(), world.resident()
    answer = insurer.administrator.ask("POST", "/members", insurer.member_body(who))
    assert answer.status_code == 201 and who.number not in answer.text
    with world.platform.connection() as connection:
        stored = connection.execute("SELECT members::text FROM members WHERE tenant_id = %s", [insurer.scope.tenant])
        text = str(stored.fetchone())
    assert answer.json and answer.json["member_number"] not in text
    assert NAME not in text and who.number not in text


def test_a_member_number_is_given_once(world: World) -> None:
    insurer, other = world.insurer(), world.insurer()
    body = insurer.member_body(world.resident(), member_number="M1")
    insurer.administrator.do("POST", "/members", body)
    again = insurer.member_body(world.resident(), member_number="m 1")
    assert insurer.administrator.refused(409, "POST", "/members", again) == "member_number_taken"
    other.administrator.do("POST", "/members", {**body, "plan": other.plan})


def test_a_member_that_cannot_be(world: World) -> None:
    insurer, other, who = world.insurer(), world.insurer(), world.resident()

    def rules(**more: str) -> set[tuple[str, str]]:
        return insurer.administrator.rules("POST", "/members", insurer.member_body(who, **more))

    assert rules(identity_number="110101195001011234") == {("/identity_number", "number_form")}
    assert rules(valid_until="2025-12-31") == {("/valid_until", "before_start")}
    assert rules(plan=other.plan) == {("/plan", "unknown_plan")}
    own_by_another_name = PublicId(PLAN_ID, other.scope, PublicId.parse(insurer.plan, PLAN_ID).id)
    assert rules(plan=str(own_by_another_name)) == {("/plan", "unknown_plan")}


def test_a_member_is_ended_once(world: World) -> None:
    insurer = world.insurer()
    member = insurer.member(world.resident())
    path = f"/members/{member['id']}/ending"
    ended = insurer.administrator.do("POST", path, {"reason": "left"})
    assert (ended["state"], ended["reason"], ended["version"]) == ("ended", "left", 2)
    assert ended["valid_until"] == today().isoformat()
    assert insurer.administrator.refused(409, "POST", path, {"reason": "left"}) == "member_ended"


def test_the_last_day_is_today_or_earlier(world: World) -> None:
    insurer = world.insurer()
    tomorrow, yesterday = ((today() + timedelta(days=days)).isoformat() for days in (1, -1))
    path = f"/members/{insurer.member(world.resident())['id']}/ending"
    late = insurer.administrator.rules("POST", path, {"reason": "left", "last_day": tomorrow})
    assert late == {("/last_day", "still_to_come")}
    ended = insurer.administrator.do("POST", path, {"reason": "left", "last_day": yesterday})
    assert ended["valid_until"] == yesterday


def test_a_membership_is_not_made_longer_by_its_end(world: World) -> None:
    insurer = world.insurer()
    member = insurer.member(world.resident(), valid_from="2025-01-01", valid_until="2025-12-31")
    ended = insurer.administrator.do("POST", f"/members/{member['id']}/ending", {"reason": "contract_ended"})
    assert ended["valid_until"] == "2025-12-31"


def test_another_insurer_finds_no_member(world: World) -> None:
    insurer, other = world.insurer(), world.insurer()
    path = f"/members/{insurer.member(world.resident())['id']}/ending"
    assert other.administrator.refused(404, "POST", path, {"reason": "left"}) == "not_found"
    assert other.administrator.do("GET", "/members")["data"] == []


@pytest.mark.parametrize("role", ["doctor", "claims_reviewer", "finance_clerk"])
def test_who_keeps_no_members(world: World, role: str) -> None:
    insurer = world.insurer()
    somebody = world.staff(insurer.scope, role)
    assert somebody.refused(403, "GET", "/plans") == somebody.refused(403, "GET", "/members")
    assert somebody.refused(403, "POST", "/members", insurer.member_body(world.resident()))


def test_residents_keep_no_members(world: World) -> None:
    assert world.person().ask("GET", "/members").status_code == 403
