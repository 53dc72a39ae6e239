"""A visit from the request to each of its ends, and the money that goes back."""

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial

import pytest

from app.core.errors import Forbidden, InvalidInput, NotFound, PreconditionFailed, WrongState
from app.core.ids import new_id
from app.core.scope import Scope
from app.core.unit import Unit, database, run, unit
from app.identity.api import Role
from app.residents.models import FamilyContract
from app.visits import queries
from app.visits.ids import VisitViewer, visit_public_id
from app.visits.models import PersonVisit, Visit
from app.visits.rules.basis import LegalBasis
from app.visits.rules.conclusion import Written
from app.visits.rules.moves import DeclineReason, StopReason
from app.visits.service import acting, messages, records
from app.visits.timers import end_due
from tenants.models import License
from tests.core.journal.scenes import chain
from tests.platform import Platform
from tests.scheduling.clock import Clock
from tests.scheduling.scenes import new_resident
from tests.visits.scenes import BY, COMPLAINT, CONCLUSION, FEE, WORD, Clinic, evidence, resident_of, settle, today
from tests.visits.scenes import verified_resident as fresh

ASKED = {"limit": 20, "cursor": "", "state": None}


def refused(act: Callable[[], object]) -> str:
    """The code of what `act` is refused for."""
    with pytest.raises((WrongState, InvalidInput)) as raised:
        act()
    return raised.value.code


def test_a_visit_is_completed(platform: Platform, clinic: Clinic) -> None:
    visit = clinic.ready(platform)
    assert (visit.institution_name, str(visit.institution_license)[:2]) == ("示范医院", "N-")
    done = acting.complete(clinic.viewer(), visit_public_id(visit))
    assert (done.state, done.due_at, done.version) == ("completed", None, 5)
    assert clinic.refunds(visit) == []
    read = queries.record_of(resident_of(visit), visit_public_id(visit))
    assert read.written == CONCLUSION
    said = queries.messages_of(resident_of(visit), visit_public_id(visit), ASKED)
    assert [(one.author, one.text) for one in said.data] == [("doctor", WORD)]
    person = Scope.for_person(visit.resident_id)
    settle(platform, clinic.scope, person)
    with unit(person) as reading:
        kept = reading.all(reading.select(PersonVisit))
    assert [(one.id, one.state, one.refunded, one.source_version) for one in kept] == [
        (visit.id, "completed", False, 5)
    ]
    subject = str(visit_public_id(visit))
    assert [entry[3] for entry in chain(platform, clinic.scope) if entry[2] == subject] == [1, 2, 3, 4, 5]
    assert [entry[3] for entry in chain(platform, person) if entry[2] == subject] == [1, 2, 3, 4, 5]


Ending = Callable[[Clinic, Platform, Clock], Visit]


def declined(clinic: Clinic, platform: Platform, clock: Clock) -> Visit:
    visit = clinic.paid(platform)
    return acting.decline(clinic.viewer(), visit_public_id(visit), DeclineReason.NO_TIME)


def canceled(clinic: Clinic, platform: Platform, clock: Clock) -> Visit:
    visit = clinic.paid(platform)
    return acting.cancel(resident_of(visit), visit_public_id(visit))


def stopped(clinic: Clinic, platform: Platform, clock: Clock) -> Visit:
    visit = clinic.taken(platform)
    return acting.stop(clinic.viewer(), visit_public_id(visit), StopReason.RED_FLAG)


def not_taken(clinic: Clinic, platform: Platform, clock: Clock) -> Visit:
    visit = clinic.paid(platform)
    clock.forward(hours=24)
    assert end_due(clinic.scope) == 1
    return clinic.now(visit)


def abandoned(clinic: Clinic, platform: Platform, clock: Clock) -> Visit:
    visit = clinic.taken(platform)
    clock.forward(hours=48)
    assert end_due(clinic.scope) == 1
    return clinic.now(visit)


def not_concluded(clinic: Clinic, platform: Platform, clock: Clock) -> Visit:
    visit = clinic.ready(platform)
    clock.forward(hours=48)
    assert end_due(clinic.scope) == 1
    return clinic.now(visit)


def paid_while_given_up(clinic: Clinic, platform: Platform, clock: Clock) -> Visit:
    visit = clinic.asked()
    payment = clinic.begin_payment(visit)
    acting.cancel(resident_of(visit), visit_public_id(visit))
    clinic.payment_succeeds(visit, payment)
    settle(platform, clinic.scope)
    return clinic.now(visit)


@pytest.mark.parametrize(
    ("ending", "state", "reason"),
    [
        (declined, "declined", "no_time"),
        (canceled, "canceled", "by_resident"),
        (stopped, "stopped", "red_flag"),
        (not_taken, "not_taken", None),
        (abandoned, "abandoned", "no_word"),
        (not_concluded, "abandoned", "not_concluded"),
        (paid_while_given_up, "canceled", "by_resident"),
    ],
)
def test_every_other_end_gives_the_whole_fee_back(
    platform: Platform, clock: Clock, clinic: Clinic, ending: Ending, state: str, reason: str | None
) -> None:
    visit = ending(clinic, platform, clock)
    assert (visit.state, visit.reason, visit.due_at) == (state, reason, None)
    assert clinic.refunds(visit) == [FEE]
    clinic.refund_arrives(visit)
    settle(platform, clinic.scope, Scope.for_person(visit.resident_id))
    assert clinic.now(visit).refunded_at is not None
    with unit(Scope.for_person(visit.resident_id)) as reading:
        kept = reading.all(reading.select(PersonVisit))
    assert [(one.state, one.reason, one.refunded) for one in kept] == [(state, reason, True)]
    assert end_due(clinic.scope) == 0


def test_an_unpaid_visit_ends_without_a_refund(platform: Platform, clock: Clock, clinic: Clinic) -> None:
    visit = clinic.asked()
    clock.forward(hours=24)
    assert end_due(clinic.scope) == 1
    settle(platform, clinic.scope)
    now = clinic.now(visit)
    assert (now.state, now.reason, clinic.refunds(visit)) == ("canceled", "unpaid", [])


def test_nobody_unverified_asks(platform: Platform, clinic: Clinic) -> None:
    with pytest.raises(Forbidden) as raised:
        clinic.asked(new_resident())
    assert raised.value.code == "resident_unverified"


def test_without_a_lawful_basis_nothing_is_asked(platform: Platform, clinic: Clinic) -> None:
    assert refused(lambda: clinic.asked(evidence=None)) == "evidence_missing"
    assert refused(lambda: clinic.asked(evidence=evidence(days=200))) == "evidence_stale"
    assert refused(lambda: clinic.asked(evidence=evidence(days=-1))) == "evidence_in_future"
    assert refused(lambda: clinic.asked(basis=LegalBasis.FAMILY_CONTRACT)) == "no_family_contract"
    with unit(clinic.scope) as reading:
        assert reading.all(reading.select(Visit)) == []


def contract(clinic: Clinic, ends: date) -> FamilyContract:
    """A resident's contract with this tenant, which runs until `ends`."""
    person, id = fresh(), new_id()
    row = FamilyContract(
        id=id, resident_id=person, name=b"unread", birth_date=date(1960, 1, 1), sex="male", team_name="x",
        package="basic", term_years=1, state="active", starts_on=ends - timedelta(days=100), ends_on=ends,
        requested_at=database().clock.now(), version=2,
    )  # fmt: skip
    return run(clinic.scope, lambda opened: opened.add(row))


def test_a_family_contract_is_a_basis_while_it_holds(platform: Platform, clinic: Clinic) -> None:
    held = contract(clinic, today())
    visit = clinic.asked(held.resident_id, basis=LegalBasis.FAMILY_CONTRACT, evidence=None)
    assert (visit.contract_id, visit.evidence) == (held.id, None)
    ended = contract(clinic, today() - timedelta(days=1))
    act = partial(clinic.asked, ended.resident_id, basis=LegalBasis.FAMILY_CONTRACT, evidence=None)
    assert refused(act) == "no_family_contract"


def test_papers_are_asked_when_the_visit_is_asked_for_and_when_it_is_taken(platform: Platform, clinic: Clinic) -> None:
    visit = clinic.paid(platform)

    def end(opened: Unit) -> None:
        for row in opened.all(opened.select(License).where(License.kind == "internet_hospital_license")):
            row.valid_until = date(2020, 1, 1)

    run(clinic.scope, end)
    assert refused(clinic.asked) == "site_not_licensed_online"
    assert refused(lambda: acting.take(clinic.viewer(), visit_public_id(visit))) == "site_not_licensed_online"
    assert refused(lambda: clinic.asked(subject="99")) == "doctor_subject_not_registered"
    assert refused(lambda: clinic.asked(doctor=clinic.hospital.member(Role.NURSE))) == "doctor_not_active"


def test_a_doctor_without_a_fee_is_not_asked(platform: Platform, clinic: Clinic) -> None:
    assert refused(lambda: clinic.asked(doctor=clinic.hospital.doctor())) == "no_text_visits"


def test_what_a_completion_lacks(platform: Platform, clinic: Clinic) -> None:
    visit = clinic.taken(platform)
    known, doctor = visit_public_id(visit), clinic.viewer()
    complete = partial(acting.complete, doctor, known)
    assert refused(complete) == "evidence_not_accepted"
    acting.accept_evidence(doctor, known)
    assert refused(partial(acting.accept_evidence, doctor, known)) == "visit_state"
    assert refused(complete) == "no_word_of_doctor"
    messages.write(doctor, known, WORD)
    assert refused(complete) == "no_conclusion"
    records.write(doctor, known, Written(advice="x", diagnoses=()), 1)
    assert refused(complete) == "no_diagnosis"
    with pytest.raises(PreconditionFailed):
        records.write(doctor, known, CONCLUSION, 1)
    records.write(doctor, known, CONCLUSION, 2)
    assert complete().state == "completed"
    assert refused(complete) == "visit_state"
    assert refused(partial(records.write, doctor, known, CONCLUSION, 3)) == "visit_state"


def test_who_writes_when(platform: Platform, clock: Clock, clinic: Clinic) -> None:
    visit = clinic.asked()
    known, doctor, person = visit_public_id(visit), clinic.viewer(), resident_of(visit)
    assert refused(partial(messages.write, person, known, "x")) == "visit_state"
    clinic.pay(visit)
    settle(platform, clinic.scope)
    messages.write(person, known, "x")
    assert refused(partial(messages.write, doctor, known, "x")) == "visit_state"
    acting.take(doctor, known)
    messages.write(doctor, known, "y")
    assert refused(partial(acting.cancel, person, known)) == "visit_state"
    first = queries.messages_of(person, known, {**ASKED, "limit": 1})
    second = queries.messages_of(person, known, {**ASKED, "limit": 1, "cursor": first.next_cursor})
    assert [one.text for page in (first, second) for one in page.data] == ["x", "y"]
    clock.forward(hours=48)
    for act in (partial(messages.write, doctor, known, "z"), partial(acting.complete, doctor, known)):
        assert refused(act) == "visit_time_over"


def test_only_the_chosen_doctor_and_the_resident_are_let_in(platform: Platform, clinic: Clinic) -> None:
    visit = clinic.ready(platform)
    known = visit_public_id(visit)
    elsewhere = Clinic()
    stranger = VisitViewer(Scope.for_person(fresh()), BY)
    for look in (queries.visit_of, queries.record_of, partial(queries.messages_of, asked=ASKED)):
        for who, expected in ((stranger, NotFound), (elsewhere.viewer(), NotFound), (clinic.other(), Forbidden)):
            with pytest.raises(expected):
                look(who, known)
    for who, expected in ((elsewhere.viewer(), NotFound), (clinic.other(), Forbidden)):
        for act in (acting.take, acting.complete, acting.accept_evidence):
            with pytest.raises(expected):
                act(who, known)
        with pytest.raises(expected):
            messages.write(who, known, "x")
        with pytest.raises(expected):
            records.write(who, known, CONCLUSION, 2)
    with pytest.raises(NotFound):
        acting.cancel(stranger, known)
    assert clinic.now(visit).version == visit.version
    assert queries.visit_of(clinic.viewer(), known).complaint == COMPLAINT
    assert [one.id for one in queries.queue_of(clinic.viewer(), ASKED).data] == [visit.id]
    assert queries.queue_of(clinic.other(), ASKED).data == []


def test_a_resident_reads_the_record_once_it_is_completed(platform: Platform, clinic: Clinic) -> None:
    visit = clinic.taken(platform)
    assert queries.record_of(clinic.viewer(), visit_public_id(visit)).written == Written()
    with pytest.raises(NotFound):
        queries.record_of(resident_of(visit), visit_public_id(visit))
