"""A doctor prescribes, and forgets to conclude the visit: no fee goes back for care that was given."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from app.core.errors import Forbidden, NotFound, WrongState
from app.core.scope import Scope
from app.core.unit import Unit, run, unit
from app.edge.exporting import Whose
from app.visits import queries
from app.visits.closing import CLOSING
from app.visits.ids import VisitViewer, visit_public_id
from app.visits.models import PersonVisit, Visit
from app.visits.rules.moves import StopReason
from app.visits.service import acting, concluding, messages, records
from app.visits.service.concluding import Outcome
from app.visits.timers import end_due
from prescriptions.rules.ends import WithdrawReason
from prescriptions.rules.prescriptions import Event
from prescriptions.rules.reviews import ReviewReason
from prescriptions.service import ending, reviewing
from prescriptions.service.details import Detail
from tenants.models import Staff
from tests.core.journal.scenes import own
from tests.platform import Platform, new_tenant
from tests.prescriptions.scenes import Ward, known
from tests.scheduling.clock import Clock
from tests.visits.scenes import CONCLUSION, FEE, WORD

ASKED = {"limit": 20, "cursor": ""}


@dataclass(frozen=True)
class Open:
    """A visit with a prescription that was signed in it, and who may do something about it."""

    ward: Ward
    visit: Visit
    detail: Detail

    def affairs(self) -> VisitViewer:
        """A member of medical affairs."""
        return self.ward.affairs()

    def now(self) -> Visit:
        """The visit as it is now."""
        return self.ward.clinic.now(self.visit)


def withdrawn(given: Open) -> None:
    ending.withdraw(given.ward.doctor, known(given.detail), WithdrawReason.WRITTEN_WRONGLY)


def rejected(given: Open) -> None:
    review = given.ward.review(given.detail)
    reviewing.take(given.ward.reviewer, review)
    reviewing.reject(given.ward.reviewer, review, ReviewReason.DOSE, None)


def wrote(given: Open) -> None:
    messages.write(given.ward.clinic.viewer(), visit_public_id(given.visit), WORD)


def nothing(given: Open) -> None:
    """Not even a word."""


def signed(ward: Ward) -> Open:
    visit = ward.visit()
    return Open(ward, visit, ward.signed(visit=visit))


@pytest.mark.parametrize(
    ("before", "state", "reason", "refunds"),
    [
        (nothing, "unconcluded", None, []),
        (wrote, "completed", "by_record", []),
        (withdrawn, "abandoned", "no_word", [FEE]),
        (rejected, "abandoned", "no_word", [FEE]),
    ],
)
def test_what_the_end_of_the_window_does(
    clock: Clock, ward: Ward, before: Callable[[Open], None], state: str, reason: str | None, refunds: list[int]
) -> None:
    given = signed(ward)
    before(given)
    clock.forward(hours=48)
    assert end_due(ward.scope) == 1
    now = given.now()
    assert (now.state, now.reason, ward.clinic.refunds(given.visit)) == (state, reason, refunds)


def left_open(clock: Clock, ward: Ward) -> Open:
    given = signed(ward)
    clock.forward(hours=48)
    end_due(ward.scope)
    return given


def test_a_doctor_is_reminded_every_day_until_they_conclude(clock: Clock, ward: Ward) -> None:
    given = left_open(clock, ward)
    about, doctor = visit_public_id(given.visit), ward.clinic.viewer()
    before = given.now().version
    assert end_due(ward.scope) == 0
    clock.forward(hours=24)
    assert (end_due(ward.scope), given.now().version, given.now().state) == (1, before + 1, "unconcluded")
    clock.forward(hours=25)  # the reminder is late, and holds nobody up
    with pytest.raises(WrongState, match="write to the resident first"):
        acting.complete(doctor, about)
    with pytest.raises(WrongState) as raised:
        acting.stop(doctor, about, StopReason.RED_FLAG)
    assert raised.value.code == "visit_state"
    records.write(doctor, about, CONCLUSION, 2)
    messages.write(doctor, about, WORD)
    assert acting.complete(doctor, about).state == "completed"
    assert (end_due(ward.scope), ward.clinic.refunds(given.visit)) == (0, [])


def test_what_was_signed_passes_its_review_then(clock: Clock, ward: Ward) -> None:
    given = left_open(clock, ward)
    review = ward.review(given.detail)
    reviewing.take(ward.reviewer, review)
    assert reviewing.let_pass(ward.reviewer, review, ()).row.state == "ready"
    assert (given.now().state, given.now().prescribed) == ("unconcluded", 1)


def told(ward: Ward, happened: str) -> int:
    """How many entries there are for what `happened`."""
    tables = ("journal_pending", "journal")
    return sum(own(ward.platform, ward.scope, "type", table).count((happened,)) for table in tables)


@pytest.mark.parametrize(
    ("meanwhile", "state", "refunds"), [(nothing, "unconcluded", []), (withdrawn, "abandoned", [FEE])]
)
def test_reminding_has_an_end_that_loses_nothing(
    clock: Clock, ward: Ward, meanwhile: Callable[[Open], None], state: str, refunds: list[int]
) -> None:
    given = left_open(clock, ward)
    before = given.now().version
    reminded = []
    for _ in range(15):
        clock.forward(hours=24)
        reminded.append(end_due(ward.scope))
    now = given.now()
    assert (reminded, now.version) == ([1] * 14 + [0], before + 14)
    assert (now.state, now.due_at, now.ended_at) == ("unconcluded", None, None)
    assert [one.id for one in queries.unconcluded(ward.scope, ASKED).data] == [given.visit.id]
    assert told(ward, "visit.left_unconcluded") == 1
    read = queries.visit_of(ward.clinic.viewer(), visit_public_id(given.visit))
    assert read.visit.id == given.visit.id, "its doctor may conclude it, and so reads it"
    meanwhile(given)
    clock.forward(hours=24)
    end_due(ward.scope)
    assert (given.now().state, ward.clinic.refunds(given.visit)) == (state, refunds)


def test_the_resident_has_no_deadline_then(clock: Clock, ward: Ward) -> None:
    given = left_open(clock, ward)
    person = Scope.for_person(given.visit.resident_id)
    ward.settle(person)
    with unit(person) as reading:
        kept = reading.all(reading.select(PersonVisit))
    assert [(one.state, one.deadline) for one in kept] == [("unconcluded", None)]


def test_it_stands_in_nobodys_way_who_wants_to_be_forgotten(clock: Clock, ward: Ward) -> None:
    given = signed(ward)
    person = Scope.for_person(given.visit.resident_id)

    def in_the_way() -> list[str]:
        ward.settle(person)
        return [one.code for one in CLOSING.blockers(Whose(given.visit.resident_id))]

    assert in_the_way() == ["open_visit"]
    clock.forward(hours=48)
    end_due(ward.scope)
    assert (in_the_way(), given.now().state) == ([], "unconcluded")
    about = visit_public_id(given.visit)
    assert concluding.conclude_for(given.affairs(), about, Outcome.ABANDONED).state == "abandoned"
    assert ward.clinic.refunds(given.visit) == [FEE]


@pytest.mark.parametrize(
    ("outcome", "refunds", "prescription"), [("completed", [], "pending_review"), ("abandoned", [FEE], "withdrawn")]
)
def test_medical_affairs_conclude_what_a_doctor_leaves_open(
    clock: Clock, ward: Ward, outcome: str, refunds: list[int], prescription: str
) -> None:
    given = left_open(clock, ward)
    affairs, about = given.affairs(), visit_public_id(given.visit)
    assert [one.id for one in queries.unconcluded(ward.scope, ASKED).data] == [given.visit.id]
    done = concluding.conclude_for(affairs, about, Outcome(outcome))
    assert (done.state, done.reason, done.due_at) == (outcome, "by_medical_affairs", None)
    ward.settle()
    assert (ward.clinic.refunds(given.visit), ward.now(given.detail).state) == (refunds, prescription)
    with pytest.raises(WrongState):
        concluding.conclude_for(affairs, about, Outcome(outcome))
    assert queries.unconcluded(ward.scope, ASKED).data == []


def test_a_visit_whose_medicines_were_handed_over_is_care(clock: Clock, ward: Ward) -> None:
    visit = ward.visit()
    given = Open(ward, visit, ward.ready(visit=visit))
    ward.offered(given.detail, new_tenant())
    clock.forward(hours=48)
    end_due(ward.scope)
    ward.moved(given.detail, Event.FULFILLED)
    affairs, about = given.affairs(), visit_public_id(visit)
    with pytest.raises(WrongState) as raised:
        concluding.conclude_for(affairs, about, Outcome.ABANDONED)
    assert (raised.value.code, given.now().state) == ("medicines_handed_over", "unconcluded")
    assert concluding.conclude_for(affairs, about, Outcome.COMPLETED).state == "completed"
    assert ward.clinic.refunds(visit) == []


def test_nobody_concludes_their_own_or_what_is_not_there(clock: Clock, platform: Platform, ward: Ward) -> None:
    given = left_open(clock, ward)
    affairs, about = given.affairs(), visit_public_id(given.visit)

    def one_person(opened: Unit) -> None:
        doctor, member = opened.get(Staff, given.visit.doctor_id), opened.get(Staff, affairs.staff_id)
        assert doctor and member
        member.person_id = doctor.person_id

    run(ward.scope, one_person)
    with pytest.raises(Forbidden) as raised:
        concluding.conclude_for(affairs, about, Outcome.COMPLETED)
    assert raised.value.code == "own_visit"
    with pytest.raises(NotFound):
        concluding.conclude_for(Open(Ward(platform), given.visit, given.detail).affairs(), about, Outcome.COMPLETED)
