"""Reading in an emergency: by a doctor, with a reason, for some hours; told at once, reviewed by somebody else."""

from datetime import date, timedelta

import pytest
from structlog.testing import capture_logs

from app.core.calendar import day_begins, working_days_after
from app.core.due import each_due
from app.core.errors import Forbidden, NotFound, Refused, WrongState
from app.core.unit import unit
from app.identity.api import Role
from app.records.models import EmergencyAccess
from app.records.queries import accesses
from app.records.rules.emergencies import OVERDUE_AGAIN, Reason, State, Verdict
from app.records.service.emergencies import (
    EMERGENCY_KEPT,
    Document,
    Wish,
    close,
    emergency_id,
    open_access,
    review,
)
from app.records.service.grounds import by_emergency
from app.records.service.reading import shared
from app.records.service.showing import Shown
from app.records.timers import end_due
from app.residents.api import CardKind
from app.residents.rules.cards import CardNumber
from app.residents.rules.consents import Category
from app.residents.service import cards
from app.visits.ids import visit_public_id
from tests.records.kept import sources, visit
from tests.records.scenes import ASKED, TERM, WORDS, House, World, house, opened_access, resident
from tests.scheduling.clock import Clock
from tests.scheduling.scenes import died
from tests.tenants.world import at_once

LISTED = {**ASKED, "state": None, "reviewed": None}


def reads(by: House, access: Shown) -> int:
    """How many visits the doctor reads by an access."""
    ground = by_emergency(by.viewer, emergency_id(access.row))
    return len(shared(ground, Category.VISITS, ASKED, by.viewer.by).data)


def reviewed(by: House, access: Shown, verdict: Verdict = Verdict.JUSTIFIED) -> Shown:
    """Reviewed by a privacy officer, after its doctor has ended it."""
    close(by.viewer, emergency_id(access.row))
    officer = by.acting(by.member(Role.PRIVACY_OFFICER))
    return review(officer, emergency_id(access.row), verdict, "与急诊记录相符")


def test_it_opens_without_a_consent_and_everybody_is_told_at_once(world: World) -> None:
    north, south, who = house(), house(name="南院"), resident()
    kept = visit(north, who, "completed")
    access = opened_access(south, who)
    known, doctor = emergency_id(access.row), f"staff:{south.doctor}"
    ground = by_emergency(south.viewer, known)
    assert sources(shared(ground, Category.VISITS, ASKED, south.viewer.by)) == [visit_public_id(kept)]
    facts = {
        "purpose": "emergency", "resident": str(who.scope), "about": str(known), "category": "visits",
        "reader": str(south.scope),
    }  # fmt: skip
    assert world.entries(north.scope, "record.read") == [(doctor, facts)]
    (listed,) = accesses(south.acting(south.member(Role.PRIVACY_OFFICER)), LISTED).data
    assert (listed.row.id, listed.state, listed.overdue) == (known.id, State.OPEN, False)
    world.settle(south.scope)
    log = world.person(who).do("GET", "/me/access-log")["data"]
    assert [(one["kind"], one["purpose"]) for one in log] == [
        ("shared_visits", "emergency"), ("emergency_access", "emergency"),
    ]  # fmt: skip
    assert all("南院 医师陈医生 因紧急救治查看了" in one["sentence"] for one in log)
    ((_, told),) = world.entries(who.scope, "emergency_access.opened")
    assert (told["reason"], told["state"]) == ("unconscious", "open")


def test_at_the_instant_of_its_end_nothing_is_read_by_it(world: World, clock: Clock) -> None:
    north, south, who = house(), house(), resident()
    visit(north, who, "completed")
    access = opened_access(south, who)
    clock.set(access.row.ends_at - timedelta(seconds=10))
    assert reads(south, access) == 1
    clock.set(access.row.ends_at)
    with pytest.raises(NotFound):
        reads(south, access)
    with pytest.raises(NotFound):
        by_emergency(south.acting(south.member(Role.DOCTOR)), emergency_id(access.row))


def test_the_timer_ends_it_and_forgets_it_years_after_its_review(world: World, clock: Clock) -> None:
    south, who = house(), resident()
    access = opened_access(south, who)
    assert end_due(south.scope) == 0
    clock.forward(hours=4, seconds=1)
    assert end_due(south.scope) == 1
    ((_, ended),) = world.entries(south.scope, "emergency_access.ended")
    assert ended["state"] == "ended"
    clock.forward(days=4000)
    end_due(south.scope)
    assert len(accesses(south.viewer, LISTED).data) == 1, "what was not reviewed is kept"
    officer = south.acting(south.member(Role.PRIVACY_OFFICER))
    review(officer, emergency_id(access.row), Verdict.JUSTIFIED, "x")
    clock.ahead += EMERGENCY_KEPT + timedelta(seconds=1)
    assert end_due(south.scope) == 1
    assert accesses(officer, LISTED).data == []


def test_two_openings_at_once_are_one(world: World) -> None:
    south, who = house(), resident()

    def one() -> object:
        try:
            return opened_access(south, who).state
        except WrongState as refused:
            return refused.code

    assert sorted(map(str, at_once(one, one, one))) == ["emergency_access_open"] * 2 + ["open"]
    opened_access(south, who, south.member(Role.DOCTOR))
    assert len(accesses(south.viewer, LISTED).data) == 2


def test_when_its_time_is_up_another_may_be_opened_before_the_timer_looks(world: World, clock: Clock) -> None:
    south, who = house(), resident()
    former = opened_access(south, who)
    clock.forward(hours=5)
    later = opened_access(south, who)
    states = {one.row.id: (one.state, one.row.ended_at) for one in accesses(south.viewer, LISTED).data}
    assert states == {former.row.id: (State.ENDED, former.row.ends_at), later.row.id: (State.OPEN, None)}


def test_a_document_of_nobody_is_remembered_and_a_card_leads_to_its_resident(world: World) -> None:
    south, who = house(), resident()
    nobody = Wish(Document(None, "11010119600101123X"), Reason.OTHER, WORDS)
    answered = [
        open_access(south.viewer, wish, TERM) for wish in (nobody, Wish(Document(None, "?"), Reason.OTHER, "x"))
    ]
    assert [type(one) for one in answered] == [Refused, Refused]
    assert [facts for _, facts in world.entries(south.scope, "emergency_access.nobody_found")] == [
        {"reason": "other"}, {"reason": "other"},
    ]  # fmt: skip
    number = f"H{who.id.hex[-12:].upper()}"
    cards.bind(who.id, CardNumber(CardKind.HEALTH_CARD, number), who.by)
    found = open_access(south.viewer, Wish(Document(CardKind.HEALTH_CARD, number), Reason.OTHER, WORDS), TERM)
    assert isinstance(found, Shown)
    assert found.row.resident_id == who.id


def test_nobody_reads_of_who_died(world: World) -> None:
    north, south, who = house(), house(name="南院"), resident()
    visit(north, who, "completed")
    access = opened_access(south, who)
    assert reads(south, access) == 1
    died(who.scope)
    with pytest.raises(Forbidden):
        reads(south, access)
    other = south.acting(south.member(Role.DOCTOR))
    answered = open_access(other, Wish(Document(None, who.number), Reason.OTHER, WORDS), TERM)
    assert isinstance(answered, Refused)
    assert len(world.entries(south.scope, "emergency_access.nobody_found")) == 1


@pytest.mark.parametrize("verdict", sorted(Verdict))
def test_the_verdict_is_told_to_the_resident(world: World, verdict: Verdict) -> None:
    south, who = house(), resident()
    shown = reviewed(south, opened_access(south, who), verdict)
    assert (shown.state, shown.row.reviewed_by is None) == (State(verdict), False)
    world.settle(south.scope)
    ((_, told),) = world.entries(who.scope, f"emergency_access.{verdict}")
    assert told["state"] == verdict


def test_nobody_reviews_their_own_nor_twice_nor_before_its_end(world: World) -> None:
    south, who = house(), resident()
    access = opened_access(south, who)
    known, officer = emergency_id(access.row), south.acting(south.member(Role.PRIVACY_OFFICER))
    with pytest.raises(Forbidden) as own:
        review(south.viewer, known, Verdict.JUSTIFIED, "x")
    with pytest.raises(WrongState) as early:
        review(officer, known, Verdict.JUSTIFIED, "x")
    reviewed(south, access)
    with pytest.raises(WrongState) as twice:
        review(officer, known, Verdict.UNJUSTIFIED, "x")
    assert own.value.code == "own_emergency_access"
    assert (early.value.code, twice.value.code) == ("emergency_access_state",) * 2


def test_two_reviews_at_once_are_one(world: World) -> None:
    south, who = house(), resident()
    access = opened_access(south, who)
    close(south.viewer, emergency_id(access.row))

    def one(verdict: Verdict) -> str:
        officer = south.acting(south.member(Role.PRIVACY_OFFICER))
        try:
            return review(officer, emergency_id(access.row), verdict, "x").state
        except WrongState as refused:
            return refused.code

    found = at_once(lambda: one(Verdict.JUSTIFIED), lambda: one(Verdict.UNJUSTIFIED))
    assert len(set(found) & {"justified", "unjustified"}) == 1
    assert "emergency_access_state" in found


def test_a_review_that_is_late_shows(world: World, clock: Clock) -> None:
    south, who = house(), resident()
    access = opened_access(south, who)
    officer = south.acting(south.member(Role.PRIVACY_OFFICER))
    clock.forward(days=(access.row.review_by - access.row.opened_at.date()).days + 2)
    assert [one.overdue for one in accesses(officer, LISTED).data] == [True]
    review(officer, emergency_id(access.row), Verdict.UNJUSTIFIED, "x")
    assert [one.overdue for one in accesses(officer, LISTED).data] == [False]


def test_a_late_review_is_said_each_week_until_it_is_made(world: World, clock: Clock) -> None:
    south, who = house(), resident()
    access = opened_access(south, who)
    close(south.viewer, emergency_id(access.row))
    assert end_due(south.scope) == 0
    last = access.row.review_by
    clock.set(day_begins(last) + timedelta(hours=23))
    assert end_due(south.scope) == 0
    clock.forward(hours=2)
    assert [end_due(south.scope) for _ in range(2)] == [1, 0]
    clock.ahead += OVERDUE_AGAIN
    assert [end_due(south.scope) for _ in range(2)] == [1, 0]
    told = [facts for _, facts in world.entries(south.scope, "emergency_access.overdue")]
    assert [(one["state"], one["review_by"]) for one in told] == [("ended", last.isoformat())] * 2
    world.settle(south.scope)
    assert len(world.entries(who.scope, "emergency_access.overdue")) == 2
    review(south.acting(south.member(Role.PRIVACY_OFFICER)), emergency_id(access.row), Verdict.JUSTIFIED, "x")
    clock.ahead += OVERDUE_AGAIN
    assert end_due(south.scope) == 0


def test_an_emergency_waits_for_no_officer_but_the_entry_says_that_there_is_none(world: World) -> None:
    south = house()
    alone = south.member(Role.DOCTOR, Role.PRIVACY_OFFICER)
    with capture_logs() as logs:
        access = opened_access(south, resident(), alone)
        south.member(Role.PRIVACY_OFFICER)
        opened_access(south, resident(), alone)
    said = [one for one in logs if one["event"] == "privacy_officer_missing"]
    assert [(one["log_level"], one["access"]) for one in said] == [("error", str(emergency_id(access.row)))]
    told = [facts["privacy_officer"] for _, facts in world.entries(south.scope, "emergency_access.opened")]
    assert told == [False, True]


@pytest.mark.parametrize(
    ("day", "last"),
    [
        (date(2026, 11, 23), date(2026, 11, 26)),
        (date(2026, 11, 26), date(2026, 12, 1)),
        (date(2026, 11, 22), date(2026, 11, 25)),
    ],
)
def test_working_days(day: date, last: date) -> None:
    """From a Monday, over a weekend, and from a Sunday."""
    assert working_days_after(day, 3) == last


def test_over_http(world: World) -> None:
    south, who = house(name="南院"), resident()
    doctor, _ = world.staff(south, Role.DOCTOR)
    officer, _ = world.staff(south, Role.PRIVACY_OFFICER)
    body = {"number": who.number, "reason": "life_at_risk", "explanation": WORDS}
    made = doctor.do("POST", "/emergency-accesses", body)
    path = f"/emergency-accesses/{made['id']}"
    assert "explanation" not in made
    assert doctor.do("POST", f"{path}/record-readings")["data"] == []
    assert doctor.refused(409, "POST", "/emergency-accesses", body) == "emergency_access_open"
    assert doctor.refused(404, "POST", "/emergency-accesses", {**body, "number": "x"}) == "not_found"
    assert doctor.do("POST", f"{path}/ending")["state"] == "ended"
    seen = officer.do("GET", path)
    assert (seen["explanation"], seen["findings"], seen["overdue"]) == (WORDS, None, False)
    verdict = {"verdict": "unjustified", "findings": "非急诊"}
    assert officer.do("POST", f"{path}/review", verdict)["state"] == "unjustified"
    assert [one["id"] for one in officer.do("GET", "/emergency-accesses?state=unjustified")["data"]] == [made["id"]]


@pytest.mark.parametrize("role", [Role.NURSE, Role.PHARMACIST, Role.PRIVACY_OFFICER, Role.REGISTRAR])
def test_only_a_doctor_opens_one(world: World, role: Role) -> None:
    actor, _ = world.staff(house(), role)
    body = {"number": resident().number, "reason": "other", "explanation": WORDS}
    assert actor.refused(403, "POST", "/emergency-accesses", body) == "forbidden"


def test_nobodys_words_stand_in_a_journal_or_unencrypted(world: World) -> None:
    south, who = house(), resident()
    access = reviewed(south, opened_access(south, who))
    with unit(south.scope) as reading:
        row = reading.get(EmergencyAccess, access.row.id)
    assert row
    assert row.findings
    assert WORDS.encode() not in row.explanation
    kinds = ("opened", "ended", "justified")
    told = [world.entries(south.scope, f"emergency_access.{kind}") for kind in kinds]
    assert all(told)
    assert WORDS not in str(told)
    assert WORDS not in repr(access)
    assert each_due(south.scope, EmergencyAccess, lambda opened, row: 1) == 0
