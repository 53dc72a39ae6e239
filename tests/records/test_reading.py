"""What others keep is read by a consent alone, and everybody concerned can see who read it."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest
from sqlalchemy import event

from app.core.errors import Forbidden, NotFound
from app.core.ids import PublicId
from app.identity.api import Role
from app.records.service.grounds import by_case, by_contract, by_visit
from app.records.service.reading import shared
from app.residents.names import CONTRACT_ID
from app.residents.rules.consents import Category, Purpose
from app.residents.service import allergies, consents
from app.visits.ids import visit_public_id
from insurance.names import CASE_ID
from tenants.rules import Kind
from tests.architecture.claim_specimens import claim_case
from tests.records.kept import DIAGNOSIS, id_of, prescription, read, sources, visit
from tests.records.scenes import ASKED, House, Somebody, World, contracted, house, resident
from tests.scheduling.clock import Clock
from tests.scheduling.scenes import died


def refused(by: House, who: Somebody, category: Category = Category.VISITS) -> str:
    with pytest.raises(Forbidden) as found:
        read(by, who, category)
    return found.value.code


def test_a_consent_opens_what_others_keep_and_all_journals_say_so(world: World) -> None:
    north, west, south, who = house(), house(name="西院"), house(name="南院"), resident()
    kept = [visit(at, who, "completed") for at in (north, west, north)]
    consent = who.consents(south, Category.VISITS)
    page = read(south, who)
    assert sources(page) == [visit_public_id(one) for one in reversed(kept)]
    assert [(one.institution_name, one.doctor_name, one.diagnoses) for one in page.data][:1] == [
        ("北院", "陈医生", None)
    ]
    facts = {
        "purpose": "consent", "resident": str(who.scope), "about": str(consent.id), "category": "visits",
        "reader": str(south.scope),
    }  # fmt: skip
    expected = [(f"staff:{south.doctor}", facts)]
    assert [world.entries(at.scope, "record.read") for at in (north, west, south)] == [expected] * 3
    own = {"purpose": "consent", "about": str(consent.id), "kind": "shared_visits"}
    assert world.entries(who.scope, "record.read") == [(f"staff:{south.doctor}", own)]
    (access,) = world.person(who).do("GET", "/me/access-log")["data"]
    assert access["sentence"].endswith("，南院 医师陈医生 因您的授权查看了您在各机构的就诊情况")
    assert access["subject"] == str(consent.id)


def test_a_consent_of_who_died_opens_nothing(world: World) -> None:
    south, who = house(name="南院"), resident()
    who.consents(south, Category.VISITS)
    assert read(south, who).data == []
    died(who.scope)
    assert refused(south, who) == "no_consent"


@pytest.mark.parametrize("category", sorted(Category))
def test_each_category_is_opened_by_its_own_consent(world: World, category: Category) -> None:
    north, south, who = house(), house(name="南院"), resident()
    kept, written = visit(north, who, "completed"), prescription(north, who)
    stated = allergies.state(who.id, "J01CA04", "青霉素", who.by)
    who.consents(south, category)
    expected = {
        Category.VISITS: visit_public_id(kept), Category.DIAGNOSES: visit_public_id(kept),
        Category.PRESCRIPTIONS: id_of(written), Category.ALLERGIES: stated.id,
    }  # fmt: skip
    (one,) = read(south, who, category).data
    assert one.source == expected[category]
    told = {
        Category.VISITS: one.subject, Category.DIAGNOSES: one.diagnoses,
        Category.PRESCRIPTIONS: one.medicines and one.medicines[0].group,
        Category.ALLERGIES: one.allergy and one.allergy.group,
    }  # fmt: skip
    assert told == dict.fromkeys(Category) | {
        category: {"visits": "03", "diagnoses": (DIAGNOSIS,), "prescriptions": "C08CA01", "allergies": "J01CA04"}[
            category
        ]
    }
    others = [other for other in Category if other is not category]
    assert [refused(south, who, other) for other in others] == ["no_consent"] * 3


def test_another_purpose_or_institution_or_person_opens_nothing(world: World) -> None:
    south, other, who, somebody = house(), house(), resident(), resident()
    who.consents(south, Category.VISITS, Purpose.RESEARCH)
    who.consents(other, Category.VISITS)
    somebody.consents(south, Category.VISITS)
    assert refused(south, who) == "no_consent"
    assert world.entries(south.scope, "record.read") == world.entries(who.scope, "record.read") == []


def test_taken_back_it_opens_nothing_any_more(world: World) -> None:
    south, who = house(), resident()
    consent = who.consents(south, Category.VISITS)
    assert read(south, who).data == []
    consents.revoke(consent.id, who.by)
    assert refused(south, who) == "no_consent"


def test_every_reading_that_begins_after_a_revocation_is_refused(world: World) -> None:
    """Many read while it is taken back: a reading is whole or refused, and none that began later comes through."""
    north, south, who = house(), house(), resident()
    visit(north, who, "completed")
    consent, open_visit = who.consents(south, Category.VISITS), visit(south, who)
    start, revoked = Barrier(5), list[bool]()

    def reading(_: int) -> list[tuple[bool, int]]:
        start.wait(20)
        return [one_reading() for _ in range(6)]

    def one_reading() -> tuple[bool, int]:
        late = bool(revoked)
        try:
            return late, len(read(south, who, open_visit=open_visit).data)
        except Forbidden:
            return late, -1

    def revoke() -> None:
        start.wait(20)
        consents.revoke(consent.id, who.by)
        revoked.append(True)

    with ThreadPoolExecutor(5) as threads:
        taking_back = threads.submit(revoke)
        found = [one for made in threads.map(reading, range(4)) for one in made]
        taking_back.result()
    assert {count for _, count in found} <= {1, -1}
    assert {count for late, count in found if late} <= {-1}
    assert refused(south, who) == "no_consent"


def test_the_last_day_counts_and_the_next_does_not(world: World, clock: Clock) -> None:
    south, who = house(), resident()
    who.consents(south, Category.VISITS, days=1)
    clock.forward(days=1)
    assert read(south, who).data == []
    clock.forward(days=1)
    assert refused(south, who) == "no_consent"


@pytest.mark.parametrize("state", ["paid", "completed", "stopped"])
def test_only_a_visit_that_is_taken_is_a_ground(world: World, state: str) -> None:
    south, who = house(), resident()
    who.consents(south, Category.VISITS)
    with pytest.raises(NotFound):
        read(south, who, open_visit=visit(south, who, state))


def test_a_ground_is_its_own_doctors_and_ends_with_its_time(world: World, clock: Clock) -> None:
    south, who = house(), resident()
    who.consents(south, Category.VISITS)
    ground = visit(south, who)
    with pytest.raises(NotFound):
        by_visit(south.acting(south.member()), visit_public_id(ground))
    assert ground.due_at
    clock.set(ground.due_at)
    with pytest.raises(NotFound):
        read(south, who, open_visit=ground)


@pytest.mark.parametrize(("purpose", "reads"), [(Purpose.HOSPITAL_GROUP, True), (Purpose.TREATMENT, False)])
def test_a_group_reaches_the_parts_of_the_institution(world: World, purpose: Purpose, reads: bool) -> None:
    whole = house(name="总院")
    part, who = house(Kind.CLINIC, "门诊部", parent=whole), resident()
    who.consents(whole, Category.VISITS, purpose)
    if reads:
        assert read(part, who).data == []
    else:
        assert refused(part, who) == "no_consent"


def test_a_team_reads_while_its_contract_runs(world: World, clock: Clock) -> None:
    team, north, who = house(Kind.FAMILY_DOCTOR_TEAM), house(), resident()
    visit(north, who, "completed")
    who.consents(team, Category.VISITS, Purpose.FAMILY_DOCTOR, days=60)
    contract = PublicId(CONTRACT_ID, team.scope, contracted(team, who).id)
    assert len(shared(by_contract(team.viewer, contract), Category.VISITS, ASKED, team.viewer.by).data) == 1
    clock.forward(days=31)
    with pytest.raises(NotFound):
        by_contract(team.viewer, contract)


def test_a_claims_reviewer_reads_while_the_case_is_open(world: World) -> None:
    insurer = house(Kind.INSURER)
    case = PublicId.parse(claim_case(insurer.scope, {}), CASE_ID)
    ground = by_case(insurer.viewer, case)
    assert ground.purposes == {Purpose.INSURANCE_CLAIM}
    with pytest.raises(Forbidden, match="consent"):
        shared(ground, Category.VISITS, ASKED, insurer.viewer.by)


def test_pages_and_no_query_for_each_line(world: World, clock: Clock) -> None:
    clock.in_a_quarter()
    north, south, who = house(), house(), resident()
    kept = [visit_public_id(visit(north, who, "completed")) for _ in range(5)]
    who.consents(south, Category.DIAGNOSES)
    ground = visit(south, who)
    first = read(south, who, Category.DIAGNOSES, ground, limit=2)
    second = read(south, who, Category.DIAGNOSES, ground, limit=2, cursor=first.next_cursor)
    assert sources(first) + sources(second) == kept[:0:-1]

    def statements(limit: int) -> int:
        seen = list[str]()

        def note(*said: object) -> None:
            seen.append(str(said[2]))

        event.listen(world.platform.app, "before_cursor_execute", note)
        read(south, who, Category.DIAGNOSES, ground, limit=limit)
        event.remove(world.platform.app, "before_cursor_execute", note)
        return len(seen)

    assert statements(1) == statements(5)


def test_over_http_by_its_doctor_alone(world: World) -> None:
    north, south, who = house(), house(name="南院"), resident()
    visit(north, who, "completed")
    prescription(north, who)
    for category in Category:
        who.consents(south, category)
    doctor, member = world.staff(south, Role.DOCTOR)
    path = f"/visits/{visit_public_id(visit(south, who))}/record-readings"
    assert doctor.refused(404, "POST", path) == "not_found"
    with_them = visit(replace(south, doctor=member), who)
    mine = f"/visits/{visit_public_id(with_them)}/record-readings"
    for category in Category:
        assert {one["category"] for one in doctor.do("POST", f"{mine}?category={category}")["data"]} <= {category}
    (one,) = doctor.do("POST", f"{mine}?category=prescriptions")["data"]
    assert one["medicines"] == [{"name": "苯磺酸氨氯地平片", "group": "C08CA01", "strength": "5mg", "days": 7}]
    assert world.staff(south, Role.NURSE)[0].refused(403, "POST", mine) == "forbidden"
    assert world.person(who).refused(403, "POST", mine) == "forbidden"
