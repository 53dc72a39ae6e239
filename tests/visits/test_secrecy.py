"""What is clinical stays inside: encrypted at rest, absent from journals, relays and lists; looks leave a mark."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from app.core.errors import Forbidden, NotFound
from app.core.scope import Scope
from app.core.unit import Caller
from app.visits import queries
from app.visits.ids import VisitViewer, visit_public_id
from app.visits.models import Visit
from app.visits.rules.moves import StopReason
from app.visits.service import acting, messages
from tests.core.journal.scenes import chain, rows
from tests.platform import Platform, new_tenant
from tests.scheduling.clock import Clock
from tests.standing import where_they_stand
from tests.visits.scenes import COMPLAINT, CONCLUSION, WORD, Clinic, evidence, resident_of, settle

ASKED = {"limit": 20, "cursor": "", "state": None}
CLINICAL = (COMPLAINT, WORD, CONCLUSION.advice, CONCLUSION.findings, "I10.x05", "I10.x09", "示范市第二医院", "高血压病")


def test_nothing_clinical_can_be_read_in_the_database(platform: Platform, clinic: Clinic) -> None:
    visit = clinic.ready(platform)
    known = visit_public_id(visit)
    messages.write(resident_of(visit), known, COMPLAINT)
    acting.complete(clinic.viewer(), known)
    queries.visit_of(clinic.viewer(), known)
    settle(platform, clinic.scope, Scope.for_person(visit.resident_id))
    found = where_they_stand(platform, [*CLINICAL, "示范医院"])
    assert found.pop("示范医院") != []
    assert found == {words: [] for words in CLINICAL}
    with platform.connection() as connection:
        sealed = connection.execute("SELECT complaint FROM visits WHERE id = %s", [visit.id]).fetchone()
    assert sealed and COMPLAINT.encode() not in sealed[0]


def test_no_entry_says_anything_clinical(platform: Platform, clinic: Clinic) -> None:
    visit = clinic.ready(platform)
    acting.complete(clinic.viewer(), visit_public_id(visit))
    person = Scope.for_person(visit.resident_id)
    settle(platform, clinic.scope, person)
    told = "".join(str(entry) for scope in (clinic.scope, person) for entry in chain(platform, scope))
    assert "visit.completed" in told
    assert [words for words in (*CLINICAL, "张三") if words in told] == []
    shown = [repr(queries.visit_of(clinic.viewer(), visit_public_id(visit))), repr(CONCLUSION), repr(clinic.wish())]
    assert [words for words in CLINICAL for one in shown if words in one] == []


def looks(platform: Platform, clinic: Clinic) -> list[Any]:
    """The entries of looks, sealed or not: actor and facts."""
    return rows(
        platform,
        "SELECT actor, facts FROM journal_pending WHERE tenant_id = %s AND type = 'record.read' ORDER BY id",
        clinic.scope.tenant,
    )


def looked_at(platform: Platform, clinic: Clinic, clock: Clock) -> Visit:
    visit = clinic.ready(platform)
    settle(platform, clinic.scope)
    clock.in_a_quarter()
    return visit


def test_the_first_look_in_a_quarter_of_an_hour_is_an_entry(platform: Platform, clock: Clock, clinic: Clinic) -> None:
    visit = looked_at(platform, clinic, clock)
    known, doctor = visit_public_id(visit), clinic.viewer()
    for _ in range(3):
        queries.visit_of(doctor, known)
        queries.messages_of(doctor, known, ASKED)
        queries.record_of(doctor, known)
    facts = {"purpose": "visit", "resident": f"person:{visit.resident_id}", "about": str(known)}
    assert looks(platform, clinic) == [(doctor.by.actor, facts)]
    clock.forward(minutes=15)
    queries.visit_of(doctor, known)
    assert [actor for actor, _ in looks(platform, clinic)] == [doctor.by.actor] * 2
    counted = rows(platform, "SELECT count(*) FROM looks WHERE tenant_id = %s", clinic.scope.tenant)
    assert counted == [(2,)]


def test_who_looked_already_reads_the_same_and_what_is_new(platform: Platform, clock: Clock, clinic: Clinic) -> None:
    visit = looked_at(platform, clinic, clock)
    known, doctor = visit_public_id(visit), clinic.viewer()
    assert doctor.again(known) is None
    first, again = (queries.visit_of(doctor, known) for _ in range(2))
    assert doctor.again(known)
    columns = Visit.__table__.columns.keys()
    assert [getattr(first.visit, name) for name in columns] == [getattr(again.visit, name) for name in columns]
    assert (first.complaint, first.evidence) == (again.complaint, again.evidence) == (COMPLAINT, evidence())
    acting.complete(doctor, known)
    assert queries.visit_of(doctor, known).visit.state == "completed"


def test_a_look_that_is_marked_opens_nothing_later_or_to_others(
    platform: Platform, clock: Clock, clinic: Clinic
) -> None:
    visit = looked_at(platform, clinic, clock)
    known, doctor = visit_public_id(visit), clinic.viewer()
    queries.visit_of(doctor, known)
    with pytest.raises(Forbidden, match="only the doctor"):
        queries.visit_of(clinic.other(), known)
    with pytest.raises(NotFound):
        queries.visit_of(VisitViewer(new_tenant(), doctor.by), known)
    acting.stop(doctor, known, StopReason.NEEDS_EXAMINATION)
    with pytest.raises(Forbidden, match="nothing that is open"):
        queries.visit_of(doctor, known)
    assert len(looks(platform, clinic)) == 1


def test_reading_oneself_leaves_no_mark_nor_does_the_queue(platform: Platform, clock: Clock, clinic: Clinic) -> None:
    visit = looked_at(platform, clinic, clock)
    known, person = visit_public_id(visit), resident_of(visit)
    queries.visit_of(person, known)
    queries.messages_of(person, known, ASKED)
    queries.queue_of(clinic.viewer(), ASKED)
    assert looks(platform, clinic) == []


def test_each_resident_is_marked_apart(platform: Platform, clock: Clock, clinic: Clinic) -> None:
    visits = [clinic.paid(platform) for _ in range(2)]
    settle(platform, clinic.scope)
    clock.in_a_quarter()
    for visit in visits:
        queries.visit_of(clinic.viewer(), visit_public_id(visit))
    assert [facts["resident"] for _, facts in looks(platform, clinic)] == [f"person:{v.resident_id}" for v in visits]


def test_looks_at_the_same_moment_are_one_entry(platform: Platform, clock: Clock, clinic: Clinic) -> None:
    visit = looked_at(platform, clinic, clock)
    start = Barrier(6)
    doctor = VisitViewer(clinic.scope, Caller(f"staff:{clinic.doctor}", "req"))

    def one(_: int) -> str:
        start.wait(20)
        return queries.visit_of(doctor, visit_public_id(visit)).complaint

    with ThreadPoolExecutor(6) as threads:
        assert set(threads.map(one, range(6))) == {COMPLAINT}
    assert len(looks(platform, clinic)) == 1
