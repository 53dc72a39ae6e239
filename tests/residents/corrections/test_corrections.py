"""Corrections: asked of whom it concerns, answered in time by whom it concerns, amended without losing what stood."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import delete

from app.core.calendar import HOLIDAYS, WORKED, is_working_day, local_date, working_days_after
from app.core.ids import PublicId, new_id
from app.core.relays import Incoming
from app.core.scope import Scope
from app.core.unit import Unit, run, unit
from app.identity.api import Closed, NoticeKind, close_account, locked_person
from app.identity.notices.models import SecurityNotice
from app.residents.corrections.models import PersonCorrection
from app.residents.corrections.rules import WORKING_DAYS
from app.residents.corrections.service import MOST_OPEN
from app.residents.corrections.timers import note_overdue
from app.residents.names import CORRECTION_ID, NOTICE_RELAY
from app.visits.ids import visit_public_id
from tenants.api import PLATFORM
from tests.core.journal.scenes import rows
from tests.days import today
from tests.platform import Platform
from tests.residents.conftest import Clock
from tests.residents.world import World
from tests.tenants.world import Actor
from tests.visits.scenes import Clinic

SECRET = "右手写成了左手"
WISH = {"wrong": SECRET, "right": "伤在右手"}


Staffed = tuple[Clinic, Actor, Actor]


@pytest.fixture(scope="module")
def staffed(made: World) -> Staffed:
    """The clinic of these tests, and who answers there: for records, and for registrations."""
    clinic = Clinic()
    return clinic, made.member(clinic.scope, "medical_affairs"), made.member(clinic.scope, "registrar")


def waiting(by: Actor, case: "Case") -> dict[str, str]:
    """What waits for the answer of `by`, of those that the resident of `case` asked: subjects by id."""
    own = {one["id"] for one in case.own()}
    rows = by.do("GET", "/corrections?limit=100")["data"]
    return {row["id"]: row["subject"] for row in rows if row["id"] in own}


class Case:
    """A resident with a visit, whom they ask, and who answers there."""

    def __init__(self, world: World, staffed: Staffed) -> None:
        self.clinic, self.affairs, self.registrar = staffed
        self.resident = world.resident()
        self.visit = visit_public_id(self.clinic.taken(world.platform, person=self.resident.id))

    def ask(self, subject: PublicId | None = None) -> dict[str, Any]:
        """A wish about the visit, or something else."""
        made: dict[str, Any] = self.resident.do(
            "POST", "/me/corrections", {"subject": str(subject or self.visit), **WISH}
        )
        return made

    def own(self) -> list[dict[str, Any]]:
        """What its resident asked, newest first."""
        rows: list[dict[str, Any]] = self.resident.do("GET", "/me/corrections")["data"]
        return rows


@pytest.fixture
def case(world: World, staffed: Staffed) -> Case:
    return Case(world, staffed)


def test_amended_beside_what_stood(case: Case, world: World) -> None:
    wish = case.ask()
    assert (wish["area"], wish["state"], wish["wrong"]) == ("record", "open", SECRET)
    assert waiting(case.affairs, case) == {wish["id"]: str(case.visit)}
    assert SECRET not in case.affairs.ask("GET", "/corrections?limit=100").text
    assert case.affairs.do("GET", f"/corrections/{wish['id']}")["right"] == "伤在右手"
    said = {"former": "左手外伤", "text": "右手外伤"}
    answered = case.affairs.do("POST", f"/corrections/{wish['id']}/amendment", said)
    assert (answered["state"], answered["former"], answered["amendment"]) == ("corrected", "左手外伤", "右手外伤")
    assert case.resident.do("GET", f"/corrections/{wish['id']}") == answered
    assert [row["state"] for row in case.own()] == ["open"]
    world.settle(case.clinic.scope)
    assert [row["state"] for row in case.own()] == ["corrected"]
    assert waiting(case.affairs, case) == {}
    path = f"/corrections/{wish['id']}/amendment"
    assert case.affairs.refused(409, "POST", path, said) == "correction_answered"


def test_an_answer_after_the_erasure_brings_nothing_back(case: Case, world: World, clock: Clock) -> None:
    wish, scope = case.ask(), Scope.for_person(case.resident.id)
    run(scope, _erase)
    case.affairs.do("POST", f"/corrections/{wish['id']}/amendment", {"former": "a", "text": "b"})
    world.settle(case.clinic.scope)
    notice = Incoming(new_id(), PLATFORM, "per_0", NOTICE_RELAY, {"kind": next(iter(NoticeKind))})
    run(scope, lambda opened: world.handlers[NOTICE_RELAY, 1](opened, notice))
    with unit(scope) as reading:
        assert [*reading.all(reading.select(PersonCorrection)), *reading.all(reading.select(SecurityNotice))] == []
    assert [version for _, version, _ in world.entries(case.resident.id, "correction.updated")] == [1]


def _erase(opened: Unit) -> None:
    """The account's end, without what was to be in its way."""
    account = locked_person(opened)
    assert account
    close_account(opened, account, Closed.ERASED)
    for model in (PersonCorrection, SecurityNotice):
        opened.execute(delete(model).where(model.person_id == account.person_id))


def test_refused_with_a_reason_and_disagreed_with(world: World, case: Case) -> None:
    """A process of the release before calls it `refused`: it is read as what it is called now."""
    wish = case.ask()
    path = f"/me/corrections/{wish['id']}/statement"
    assert case.resident.refused(409, "POST", path, {"text": "我不同意"}) == "correction_state"
    said = {"reason": "judgement", "text": "当时的诊断依据充分"}
    refused = case.affairs.do("POST", f"/corrections/{wish['id']}/declining", said)
    assert (refused["state"], refused["reason"], refused["amendment"]) == ("declined", "judgement", None)
    for table in ("corrections", "person_corrections"):
        known = PublicId.parse(wish["id"], CORRECTION_ID).id
        rows(world.platform, f"UPDATE {table} SET state = 'refused' WHERE id = %s", known)  # noqa: S608  # of the test
    assert [one["state"] for one in case.own() if one["id"] == wish["id"]] == ["declined"]
    disputed = case.resident.do("POST", path, {"text": "我不同意"})
    assert disputed["statement"] == "我不同意"
    assert case.resident.refused(409, "POST", path, {"text": "还有"}) == "correction_state"
    assert case.affairs.do("GET", f"/corrections/{wish['id']}")["statement"] == "我不同意"


def test_each_area_is_answered_by_its_own(case: Case) -> None:
    record, registration = case.ask(), case.ask(PublicId("bil", case.clinic.scope, _bill(case)))
    assert registration["area"] == "registration"
    said = {"former": "a", "text": "b"}
    for somebody, own, other in (
        (case.affairs, record, registration),
        (case.registrar, registration, record),
    ):
        assert list(waiting(somebody, case)) == [own["id"]]
        assert somebody.refused(403, "POST", f"/corrections/{other['id']}/amendment", said) == "forbidden"
        assert somebody.refused(403, "GET", f"/corrections/{other['id']}") == "forbidden"


def _bill(case: Case) -> Any:
    return PublicId.parse(case.resident.do("GET", f"/visits/{case.visit}")["visit"]["bill"], "bil").id


def test_only_what_is_ones_own_and_what_can_be_corrected(case: Case, world: World) -> None:
    body = {"subject": str(case.visit), **WISH}
    assert world.resident().refused(404, "POST", "/me/corrections", body) == "not_found"
    nothing = {**body, "subject": str(PublicId("vis", case.clinic.scope, new_id()))}
    assert case.resident.refused(404, "POST", "/me/corrections", nothing) == "not_found"
    for subject in ("x", "vis_", str(PublicId("pay", case.clinic.scope, new_id()))):
        answer = case.resident.refused(422, "POST", "/me/corrections", {**body, "subject": subject})
        assert answer == "correction_subject"
    stranger = world.member(Clinic().scope, "medical_affairs")
    assert stranger.refused(404, "GET", f"/corrections/{case.ask()['id']}") == "not_found"


def test_the_look_stands_in_the_access_log_and_the_words_in_no_journal(case: Case, platform: Platform) -> None:
    wish = case.ask()
    case.affairs.do("GET", f"/corrections/{wish['id']}")
    with platform.connection() as connection:
        query = b"SELECT type, facts::text, relays::text FROM journal_pending WHERE tenant_id = %s"
        entries = connection.execute(query, [case.clinic.scope.tenant]).fetchall()
    types = [type for type, *_ in entries]
    assert "correction.asked" in types and "record.read" in types
    assert SECRET not in str(entries)


def test_it_is_overdue_after_fifteen_working_days(case: Case, clock: Clock) -> None:
    wish = case.ask()
    assert wish["answer_until"] == working_days_after(today(), WORKING_DAYS).isoformat()
    last = date.fromisoformat(wish["answer_until"])
    clock.forward(days=(last - local_date(clock.now())).days)
    assert note_overdue(case.clinic.scope) == 0
    clock.forward(days=1)
    assert note_overdue(case.clinic.scope) >= 1 and note_overdue(case.clinic.scope) == 0


def test_working_days() -> None:
    assert working_days_after(date(2026, 11, 22), 15) == date(2026, 12, 11)
    assert working_days_after(date(2026, 9, 30), 1) == date(2026, 10, 8)
    assert working_days_after(date(2026, 10, 9), 1) == date(2026, 10, 10), "a Saturday that is worked"
    assert not any(is_working_day(day) for day in HOLIDAYS) and all(is_working_day(day) for day in WORKED)
    assert not HOLIDAYS & WORKED and {day.weekday() for day in WORKED} <= {5, 6}
    assert is_working_day(date(2027, 3, 1)) and not is_working_day(date(2027, 3, 6))
    assert timedelta(0) < working_days_after(today(), 1) - today() < timedelta(days=12)


def test_few_at_a_time(case: Case) -> None:
    for _ in range(MOST_OPEN):
        case.ask()
    body = {"subject": str(case.visit), **WISH}
    assert case.resident.refused(409, "POST", "/me/corrections", body) == "too_many_corrections"
