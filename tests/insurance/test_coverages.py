"""A resident asks for a coverage; the insurer answers; it ends with the membership."""

from datetime import timedelta
from typing import Any

import pytest

from app.core.errors import NotFound, WrongState
from app.core.ids import PublicId, new_id
from app.core.journal.record import record
from app.core.relays import Incoming
from app.core.scope import Scope
from app.core.unit import run, unit
from insurance.models.coverages import Coverage
from insurance.rules.adjudication import Policy
from insurance.rules.coverages import TRIES, Refusal
from insurance.service.coverages import best_coverage, own_coverage, valid_on
from insurance.service.sealing import number_of
from insurance.service.telling import show, show_refusal, take_shown
from tenants.api import TENANT_ID
from tests.insurance.scenes import NAME, POLICY, Insured, Insurer, World, today
from tests.residents.world import new_number
from tests.scheduling.clock import Clock


def answer_to(world: World, who: Insured, insurer: Insurer, wish: dict[str, Any]) -> dict[str, Any]:
    """What the resident reads after the insurer has answered."""
    asked = who.actor.do("POST", "/me/coverages", wish)
    assert (asked["state"], asked["plan_name"], asked["policy"]) == ("requested", None, None)
    world.settle(who.scope, insurer.scope)
    told: dict[str, Any] = who.actor.do("GET", f"/coverages/{asked['id']}")
    return told


def test_a_member_is_covered(world: World) -> None:
    insurer, who = world.insurer(), world.resident()
    member = insurer.member(who, valid_until="2099-12-31")
    told = answer_to(world, who, insurer, insurer.wish(member))
    assert (told["state"], told["reason"], told["payer_kind"], told["policy"]) == ("active", None, "commercial", POLICY)
    assert (told["insurer"], told["insurer_name"], told["plan_code"]) == (insurer.id, "安心保险", "P-1")
    assert told["member_number"] == "*" * 9 + member["member_number"][-4:].upper()
    assert (told["valid_from"], told["valid_until"]) == ("2026-01-01", "2099-12-31")
    assert who.actor.do("GET", "/me/coverages")["data"] == [told]
    events = insurer.administrator.do("GET", "/events")["data"]
    assert [event["type"] for event in events] == ["coverage.activated"]
    assert events[0]["subject"] == told["id"]


def test_a_number_and_a_name_in_other_spellings(world: World) -> None:
    insurer, who = world.insurer(), world.resident("阿里木·买买提")
    member = insurer.member(who, name="阿里木•买买提", identity_number=f" {who.number.lower()} ")
    wish = {"insurer": insurer.id, "member_number": f" {member['member_number'].lower()} "}
    assert answer_to(world, who, insurer, wish)["state"] == "active"


def test_who_is_no_such_member_learns_nothing(world: World) -> None:
    insurer, who, other = world.insurer(), world.resident(), world.resident()
    named_otherwise = insurer.member(who, name="李四")
    of_another = insurer.member(other)
    ended = insurer.member(who)
    insurer.administrator.do("POST", f"/members/{ended['id']}/ending", {"reason": "left"})
    over = insurer.member(who, valid_from="2025-01-01", valid_until="2025-12-31")
    for member in (named_otherwise, of_another, ended, over):
        told = answer_to(world, who, insurer, insurer.wish(member))
        assert (told["state"], told["reason"]) == ("refused", "not_a_member")
        assert told["plan_name"] is told["policy"] is told["valid_from"] is None
    with unit(insurer.scope) as reading:
        assert reading.all(reading.select(Coverage)) == []


def test_a_member_whose_first_day_is_still_to_come(world: World) -> None:
    insurer, who = world.insurer(), world.resident()
    soon = today() + timedelta(days=3)
    coverage = world.covered(who, insurer, valid_from=soon.isoformat())
    with unit(who.scope) as reading:
        assert best_coverage(reading, today()) is None
        assert own_coverage(reading, coverage, soon).id == coverage
        with pytest.raises(WrongState, match="does not hold"):
            own_coverage(reading, coverage, soon - timedelta(days=1))


def test_who_is_covered_already_gets_the_same_answer(world: World) -> None:
    insurer, who = world.insurer(), world.resident()
    member = insurer.member(who)
    first = who.actor.do("POST", "/me/coverages", insurer.wish(member))
    assert who.actor.do("POST", "/me/coverages", insurer.wish(member)) == first
    world.settle(who.scope, insurer.scope)
    assert who.actor.do("POST", "/me/coverages", insurer.wish(member))["id"] == first["id"]
    assert len(who.actor.do("GET", "/me/coverages")["data"]) == 1


def test_a_member_number_belongs_to_one_person(world: World) -> None:
    """Two persons with one identity: what the platform prevents elsewhere is caught here too."""
    number = new_number()
    insurer, first, second = world.insurer(), world.resident(number=number), world.resident(number=number)
    member = insurer.member(first)
    assert answer_to(world, first, insurer, insurer.wish(member))["state"] == "active"
    assert answer_to(world, second, insurer, insurer.wish(member))["reason"] == "not_a_member"


def test_five_wrong_tries_a_day(world: World, clock: Clock) -> None:
    insurer, who = world.insurer(), world.resident()
    member = insurer.member(who)
    for at in range(TRIES):
        wish = {"insurer": insurer.id, "member_number": f"wrong-{at}"}
        assert answer_to(world, who, insurer, wish)["reason"] == "not_a_member"
    refused = who.actor.ask("POST", "/me/coverages", insurer.wish(member))
    assert (refused.status_code, refused.json and refused.json["code"]) == (429, "too_many_tries")
    assert 0 < int(refused.headers["Retry-After"]) <= 86_400
    clock.forward(days=1)
    who = world.again(who)
    assert answer_to(world, who, insurer, insurer.wish(member))["state"] == "active"


def test_tries_without_an_answer_count(world: World) -> None:
    insurer, who = world.insurer(), world.resident()
    for at in range(TRIES):
        who.actor.do("POST", "/me/coverages", {"insurer": insurer.id, "member_number": f"N{at}"})
    body = {"insurer": insurer.id, "member_number": "N9"}
    assert who.actor.refused(429, "POST", "/me/coverages", body) == "too_many_tries"


def test_right_tries_do_not_count(world: World) -> None:
    insurer, who = world.insurer(), world.resident()
    for _ in range(TRIES + 1):
        world.covered(who, insurer)


def test_only_verified_residents_ask(world: World) -> None:
    insurer = world.insurer()
    body = {"insurer": insurer.id, "member_number": "M1"}
    assert world.person().refused(403, "POST", "/me/coverages", body) == "resident_unverified"
    assert insurer.administrator.ask("POST", "/me/coverages", body).status_code == 403


def test_who_is_no_insurer(world: World) -> None:
    who, (scope, hospital, _) = world.resident(), world.tenant("hospital")
    body = {"insurer": hospital, "member_number": "M1"}
    assert who.actor.rules("POST", "/me/coverages", body) == {("/insurer", "not_an_insurer")}
    strange = str(PublicId(TENANT_ID, scope, new_id()))
    assert who.actor.refused(404, "POST", "/me/coverages", {**body, "insurer": strange}) == "not_found"


def test_a_suspended_insurer_covers_nobody_new(world: World) -> None:
    insurer, who = world.insurer(), world.resident()
    wish = insurer.wish(insurer.member(who))
    asked = who.actor.do("POST", "/me/coverages", wish)
    world.suspend(insurer)
    assert who.actor.refused(409, "POST", "/me/coverages", {**wish, "member_number": "M2"}) == "insurer_suspended"
    world.settle(who.scope, insurer.scope)
    assert who.actor.do("GET", f"/coverages/{asked['id']}")["reason"] == "insurer_suspended"
    world.suspend(insurer, "active")
    assert answer_to(world, who, insurer, wish)["state"] == "active"


def test_the_end_of_a_membership_ends_the_coverage(world: World) -> None:
    insurer, who = world.insurer(), world.resident()
    member = insurer.member(who)
    coverage = answer_to(world, who, insurer, insurer.wish(member))
    yesterday = today() - timedelta(days=1)
    ending = {"reason": "contract_ended", "last_day": yesterday.isoformat()}
    insurer.administrator.do("POST", f"/members/{member['id']}/ending", ending)
    world.settle(insurer.scope, who.scope)
    told = who.actor.do("GET", f"/coverages/{coverage['id']}")
    assert (told["state"], told["reason"], told["valid_until"]) == ("ended", "contract_ended", yesterday.isoformat())
    events = insurer.administrator.do("GET", "/events")["data"]
    assert [event["type"] for event in events] == ["coverage.activated", "coverage.ended"]
    known = PublicId.parse(told["id"], "cov")
    with unit(who.scope) as reading:
        assert own_coverage(reading, known, yesterday).state == "ended"
        with pytest.raises(WrongState) as refused:
            own_coverage(reading, known, today())
        assert refused.value.code == "coverage_not_active"
    with unit(insurer.scope) as reading:
        row = reading.get(Coverage, known.id)
        assert row and valid_on(row, yesterday) and not valid_on(row, today())
    assert answer_to(world, who, insurer, insurer.wish(member))["reason"] == "not_a_member"


def test_what_settlements_ask_of_a_coverage(world: World) -> None:
    insurer, scheme, who = world.insurer(), world.insurer("public_scheme"), world.resident()
    commercial = world.covered(who, insurer, member_number="M-77")
    public = world.covered(who, scheme)
    with unit(who.scope) as reading:
        mine = own_coverage(reading, commercial, today())
        best = best_coverage(reading, today())
    assert (mine.id, mine.insurer, mine.insurer_name) == (commercial, insurer.scope.tenant, "安心保险")
    assert (mine.member_number, mine.plan_code, mine.payer_kind) == ("M-77", "P-1", "commercial")
    assert mine.policy == Policy.read(POLICY)
    assert best and best.id == public
    with unit(insurer.scope) as reading:
        row = reading.get(Coverage, commercial.id)
        assert row and number_of(reading, row) == "M-77"


def test_coverages_of_others_are_not_there(world: World) -> None:
    insurer, who, other = world.insurer(), world.resident(), world.resident()
    coverage = world.covered(who, insurer)
    assert other.actor.refused(404, "GET", f"/coverages/{coverage}") == "not_found"
    elsewhere = PublicId("cov", world.insurer().scope, coverage.id)
    assert who.actor.refused(404, "GET", f"/coverages/{elsewhere}") == "not_found"
    with unit(other.scope) as reading, pytest.raises(NotFound):
        own_coverage(reading, coverage, today())
    with unit(who.scope) as reading, pytest.raises(NotFound):
        own_coverage(reading, elsewhere, today())


def test_asked_and_refused_are_no_coverages(world: World) -> None:
    insurer, who = world.insurer(), world.resident()
    asked = who.actor.do("POST", "/me/coverages", {"insurer": insurer.id, "member_number": "M1"})
    for _ in range(2):
        with unit(who.scope) as reading, pytest.raises(WrongState):
            own_coverage(reading, PublicId.parse(asked["id"], "cov"), today())
        world.settle(who.scope, insurer.scope)


def test_the_same_key_asks_once(world: World) -> None:
    insurer, who = world.insurer(), world.resident()
    wish = insurer.wish(insurer.member(who))
    answers = [who.actor.do("POST", "/me/coverages", wish, Idempotency_Key="k" * 20) for _ in range(2)]
    assert answers[0] == answers[1]


def test_nothing_of_a_person_is_stored_in_the_clear(world: World) -> None:
    insurer, who = world.insurer(), world.resident()
    member = insurer.member(who)
    answer_to(world, who, insurer, insurer.wish(member))
    tables = {
        "person_coverages": "person_id", "person_relays": "person_id", "person_journal": "person_id",
        "coverages": "tenant_id", "relays": "tenant_id", "journal": "tenant_id",
    }  # fmt: skip
    owners = {"person_id": who.actor.id, "tenant_id": insurer.scope.tenant}
    with world.platform.connection() as connection:
        for table, owner in tables.items():
            query = f"SELECT {table}::text FROM {table} WHERE {owner} = %s"  # noqa: S608  # names from above
            found = str(connection.execute(query.encode(), [owners[owner]]).fetchall())
            assert "(" in found[1:]
            for secret in (NAME, who.number, member["member_number"]):
                assert secret not in found, table


def test_an_answer_from_a_strange_tenant_changes_nothing(world: World) -> None:
    """The insurer that was asked answers; what another tenant says under the same id is not heard."""
    insurer, stranger, who = world.insurer(), world.insurer(), world.resident()
    asked = who.actor.do("POST", "/me/coverages", {"insurer": insurer.id, "member_number": "M1"})
    known = PublicId.parse(asked["id"], "cov")
    said = show_refusal(Scope.for_person(who.actor.id), known.id, Refusal.NOT_A_MEMBER)
    subject = PublicId("cov", stranger.scope, known.id)
    run(stranger.scope, lambda opened: record(opened, "coverage.refused", subject, 1, {}, [said]))
    world.settle(stranger.scope)
    assert who.actor.do("GET", f"/coverages/{asked['id']}")["state"] == "requested"


def test_what_is_older_than_what_is_known_changes_nothing(world: World) -> None:
    insurer, who = world.insurer(), world.resident()
    coverage = world.covered(who, insurer)
    with unit(insurer.scope) as reading:
        row = reading.get(Coverage, coverage.id)
        assert row
        former = show(row)
    member = insurer.administrator.do("GET", "/members")["data"][0]
    insurer.administrator.do("POST", f"/members/{member['id']}/ending", {"reason": "left"})
    world.settle(insurer.scope, who.scope)
    told = who.actor.do("GET", f"/coverages/{coverage}")
    again = Incoming(new_id(), insurer.scope, str(coverage), former.type, former.payload)
    assert run(who.scope, lambda opened: take_shown(opened, again)) == {}
    assert who.actor.do("GET", f"/coverages/{coverage}") == told
    assert told["state"] == "ended"
