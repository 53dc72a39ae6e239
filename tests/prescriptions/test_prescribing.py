"""From the draft to the signature and its ends, use case by use case, on the real database."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from app.core.errors import Forbidden, NotFound, PreconditionFailed, Problem, WrongState
from app.core.ids import PublicId, new_id
from app.core.scope import Scope
from app.core.unit import run, unit
from app.identity.api import Role
from app.identity.signatures.authority import Reason
from app.identity.signatures.models import SigningKey
from app.identity.signatures.names import SIGNING_KEY_ID
from app.identity.signatures.service import revoke
from app.residents.models import Resident
from app.residents.service import allergies
from app.visits.ids import visit_public_id
from app.visits.rules.basis import LegalBasis
from app.visits.rules.moves import StopReason
from app.visits.service import acting
from prescriptions import queries
from prescriptions.expiry_timer import expire_due
from prescriptions.ids import PrescriptionViewer
from prescriptions.models import PersonPrescription
from prescriptions.rules.ends import CloseReason, WithdrawReason
from prescriptions.rules.findings import Code
from prescriptions.service import drafting, ending, formulary, signing
from prescriptions.service.documents import document_of, signatures_of
from tests.platform import Platform, new_tenant
from tests.prescriptions.scenes import (
    AMLODIPINE,
    AMOXICILLIN,
    BY,
    CODE,
    OTHER,
    PENICILLIN,
    Ward,
    codes,
    holds,
    known,
    line,
    person_of,
    resident,
    wish,
)
from tests.scheduling.clock import Clock
from tests.visits.scenes import verified_resident

ASKED = {"limit": 20, "cursor": "", "state": None, "name": ""}
WRONG = WithdrawReason.WRITTEN_WRONGLY


def refusal(problem: pytest.ExceptionInfo[Problem]) -> tuple[str, list[str]]:
    """Code and named rules of a refusal."""
    return problem.value.code, [fault.rule for fault in problem.value.faults]


def test_a_draft_holds_what_was_found(ward: Ward) -> None:
    draft = ward.draft(line(), line(PENICILLIN, days=8), line("unknown"))
    assert (draft.row.state, draft.row.version, draft.signatures) == ("draft", 1, [])
    assert codes(draft) == [(Code.DAYS, 2), (Code.NOT_LISTED, 3)]
    assert [one.listed for one in draft.written.lines] == [AMLODIPINE, AMOXICILLIN, None]


def test_a_draft_is_nobody_elses(ward: Ward) -> None:
    draft = ward.draft()
    with pytest.raises(NotFound):
        queries.prescription_of(resident(draft.row.resident_id), known(draft))
    for stranger in (ward.reviewer, ward.clinic_other()):
        with pytest.raises(Forbidden):
            queries.prescription_of(stranger, known(draft))
    assert queries.own(person_of(draft), ASKED).data == []


def test_only_the_visits_doctor_prescribes(ward: Ward) -> None:
    visit = visit_public_id(ward.visit())
    with pytest.raises(Forbidden):
        drafting.write(ward.clinic_other(), visit, wish(), None)
    with pytest.raises(NotFound):
        drafting.write(PrescriptionViewer(new_tenant(), ward.doctor.by), visit, wish(), None)
    with pytest.raises(NotFound):
        drafting.write(ward.doctor, PublicId("vis", ward.scope, new_id()), wish(), None)


def test_a_draft_is_written_anew_in_the_version_that_was_seen(ward: Ward) -> None:
    draft = ward.draft(line("unknown"))
    edited = drafting.edit(ward.doctor, known(draft), wish(validity_days=1), 1)
    assert (edited.version, edited.row.validity_days, codes(edited)) == (2, 1, [])
    with pytest.raises(PreconditionFailed):
        drafting.edit(ward.doctor, known(draft), wish(), 1)
    discarded = drafting.discard(ward.doctor, known(draft))
    assert (discarded.row.state, discarded.version) == ("discarded", 3)
    acts: list[Callable[[], object]] = [
        lambda: drafting.edit(ward.doctor, known(draft), wish(), 3),
        lambda: drafting.discard(ward.doctor, known(draft)),
        lambda: signing.sign(ward.doctor, known(draft), ()),
    ]
    for again in acts:
        with pytest.raises(WrongState, match="is discarded"):
            again()


def test_what_is_signed_holds_and_can_be_checked_by_anybody(ward: Ward, clock: Clock) -> None:
    signed = ward.signed(line(quantity=2), validity_days=2)
    assert (signed.row.state, signed.version) == ("pending_review", 2)
    with unit(ward.scope) as reading:
        document, signatures = document_of(reading, signed.row), signatures_of(reading, signed.row)
    assert document["resident"] == {"name": "张三", "sex": "male", "birth_date": "1960-01-01"}
    assert document["institution"]["name"] == document["tenant"] == "示范医院"
    assert (document["lines"][0]["medicine"], document["lines"][0]["quantity"]) == (CODE, 2)
    assert document["diagnoses"] == [{"code": "I10.x09", "name": "高血压病"}]
    assert [(one["role"], one["algorithm"]) for one in signatures] == [("doctor", "ES256")]
    assert not holds(ward, document, signatures), "nobody has reviewed it"


def test_the_doctor_answers_for_every_warning(ward: Ward) -> None:
    draft = ward.draft(line(days=8))
    with pytest.raises(WrongState) as refused:
        signing.sign(ward.doctor, known(draft), ())
    assert refusal(refused) == ("findings_unanswered", ["quantity_too_small"])
    signed = signing.sign(ward.doctor, known(draft), ("quantity_too_small", "first_visit"))
    assert signed.written.acknowledged == ("quantity_too_small",), "what was not found was not seen"


def test_a_block_cannot_be_answered_away(ward: Ward) -> None:
    draft = ward.draft(line(days=400))
    with pytest.raises(WrongState) as refused:
        signing.sign(ward.doctor, known(draft), ("days_over_limit", "quantity_too_small"))
    assert refusal(refused) == ("prescription_blocked", ["days_over_limit"])
    assert ward.now(draft).state == "draft"


def test_without_a_key_nothing_is_signed(ward: Ward) -> None:
    draft = ward.draft()
    with unit(ward.scope) as reading:
        key = reading.first(reading.select(SigningKey).where(SigningKey.staff_id == ward.doctor.staff_id))
    assert key
    revoke(PublicId(SIGNING_KEY_ID, ward.scope, key.id), Reason.SUPERSEDED, ward.doctor.by, of_all=False)
    with pytest.raises(WrongState) as refused:
        signing.sign(ward.doctor, known(draft), ())
    assert refused.value.code == "no_signing_key"
    assert (ward.now(draft).state, ward.reviews()) == ("draft", 0)


def test_everything_is_looked_at_again_when_it_is_signed(ward: Ward) -> None:
    draft = ward.draft(line(PENICILLIN))
    assert codes(draft) == []
    person = draft.row.resident_id
    allergies.state(person, "J01C", "青霉素", BY)
    medicine = queries.medicines(ward.scope, {**ASKED, "name": "阿莫西林"}).data[0]
    formulary.change(formulary.medicine_public_id(medicine), formulary.Change(AMOXICILLIN, False), 1, BY)
    acting.stop(ward.clinic.viewer(), PublicId("vis", ward.scope, draft.row.visit_id), StopReason.RED_FLAG)
    ward.clinic.hospital.end_license(date(2020, 1, 1))
    with pytest.raises(WrongState) as refused:
        signing.sign(ward.doctor, known(draft), ())
    assert refusal(refused)[1] == [
        "site_license_ended", "visit_not_open", "visit_refunded", "medicine_not_in_formulary",
    ]  # fmt: skip
    formulary.change(formulary.medicine_public_id(medicine), formulary.Change(AMOXICILLIN, True), 2, BY)
    with pytest.raises(WrongState) as refused:
        signing.sign(ward.doctor, known(draft), ())
    assert "allergy" in refusal(refused)[1]


def test_a_child_under_six_needs_a_guardian(ward: Ward) -> None:
    visit = ward.visit()
    born = Scope.for_person(visit.resident_id)
    young = update(Resident).where(Resident.person_id == visit.resident_id).values(birth_date=date(2024, 1, 1))
    run(born, lambda opened: opened.session.execute(young))
    assert codes(ward.draft(visit=visit)) == [(Code.GUARDIAN_NEEDED, None)]


def test_evidence_that_nobody_accepted_is_a_first_visit(ward: Ward) -> None:
    visit = ward.clinic.taken(ward.platform)
    assert codes(ward.draft(visit=visit)) == [(Code.FIRST_VISIT, None), (Code.DIAGNOSIS_NOT_OF_VISIT, None)]
    present = ward.visit(basis=LegalBasis.WITH_DOCTOR_PRESENT)
    assert codes(ward.draft(visit=present)) == []


def test_what_is_taken_already_is_found_wherever_it_was_prescribed(platform: Platform, ward: Ward) -> None:
    person, elsewhere = verified_resident(), Ward(platform)
    first = ward.signed(visit=ward.visit(person=person))
    ward.settle(person_of(first))
    other = elsewhere.visit(person=person)
    again = elsewhere.draft(line(), line(OTHER), visit=other)
    assert codes(again) == [(Code.TAKEN_ALREADY, 1)]
    ending.withdraw(ward.doctor, known(first), WRONG)
    ward.settle(person_of(first))
    assert codes(elsewhere.draft(visit=other)) == []


def test_the_resident_reads_in_their_journal_who_looked(ward: Ward, clock: Clock) -> None:
    clock.in_a_quarter()
    draft = ward.draft()
    drafting.edit(ward.doctor, known(draft), wish(), 1)
    with ward.platform.connection() as connection:
        found = connection.execute(
            "SELECT actor, facts FROM person_journal_pending WHERE person_id = %s AND type = 'record.read'",
            [draft.row.resident_id],
        ).fetchall()
    assert [(actor, facts["purpose"]) for actor, facts in found] == [(ward.doctor.by.actor, "prescription")]


def test_a_later_prescription_replaces_an_ended_one(ward: Ward) -> None:
    visit = ward.visit()
    first = ward.signed(visit=visit)
    with pytest.raises(WrongState, match="ended"):
        drafting.write(ward.doctor, visit_public_id(visit), wish(), known(first))
    ending.withdraw(ward.doctor, known(first), WRONG)
    second = drafting.write(ward.doctor, visit_public_id(visit), wish(), known(first))
    signed = signing.sign(ward.doctor, known(second), ())
    with unit(ward.scope) as reading:
        assert document_of(reading, signed.row)["replaces"] == str(known(first))
    with pytest.raises(WrongState, match="ended"):
        drafting.write(ward.doctor, visit_public_id(ward.visit()), wish(), known(first))
    with pytest.raises(NotFound):
        drafting.write(ward.doctor, visit_public_id(visit), wish(), PublicId("prx", new_tenant(), new_id()))


def test_withdrawn_from_the_queue_its_review_is_dropped(ward: Ward) -> None:
    signed = ward.signed()
    withdrawn = ending.withdraw(ward.doctor, known(signed), WRONG)
    assert (withdrawn.row.state, withdrawn.row.reason) == ("withdrawn", "written_wrongly")
    assert ward.review_now(signed).state == "dropped"
    with pytest.raises(WrongState):
        ending.withdraw(ward.doctor, known(signed), WRONG)
    with pytest.raises(Forbidden):
        ending.withdraw(ward.clinic_other(), known(signed), WRONG)


def test_a_live_order_is_told_to_stop_and_the_end_waits(ward: Ward) -> None:
    ready, pharmacy = ward.ready(), new_tenant()
    ward.offered(ready, pharmacy)
    stopping = ending.withdraw(ward.doctor, known(ready), WRONG)
    assert (stopping.row.state, stopping.row.stopping) == ("ready", "withdrawn")
    with pytest.raises(WrongState):
        ending.close(resident(ready.row.resident_id), known(ready), CloseReason.NOT_WANTED)
    with ward.platform.connection() as connection:
        found = connection.execute(
            "SELECT relays FROM journal_pending WHERE tenant_id = %s AND type = 'prescription.stopping'",
            [ward.scope.tenant],
        ).fetchall()
    told = [(relay["taker"], relay["type"]) for (relays,) in found for relay in relays]
    assert told == [(str(person_of(ready)), "prescription.show"), (str(pharmacy), "routing_order.stop")]


def test_a_resident_gives_their_own_prescription_up(ward: Ward) -> None:
    ready = ward.ready()
    with pytest.raises(NotFound):
        ending.close(resident(verified_resident()), known(ready), CloseReason.NOT_WANTED)
    closed = ending.close(resident(ready.row.resident_id), known(ready), CloseReason.TOO_EXPENSIVE)
    assert (closed.row.state, closed.review) == ("closed_unsupplied", None)
    own = queries.own(person_of(ready), ASKED).data
    assert [(one.state, one.reason) for one in own] == [("closed_unsupplied", "too_expensive")]


@pytest.mark.parametrize("days", [1, 3])
def test_time_ends_what_waits_for_review_or_a_choice(ward: Ward, clock: Clock, days: int) -> None:
    waiting, ready = ward.signed(validity_days=days), ward.ready(validity_days=days)
    ends = ward.now(ready).expires_at
    assert ends
    clock.set(ends - timedelta(seconds=20))
    assert expire_due(ward.scope) == 0
    clock.set(ends)
    assert expire_due(ward.scope) == 2
    assert [ward.now(one).state for one in (waiting, ready)] == ["expired", "expired"]
    assert ward.review_now(waiting).state == "dropped"
    assert expire_due(ward.scope) == 0


def test_time_over_with_a_live_order_waits_for_the_pharmacy(ward: Ward, clock: Clock) -> None:
    ready = ward.ready(validity_days=1)
    ward.offered(ready, new_tenant())
    clock.forward(days=1)
    assert expire_due(ward.scope) == 1
    now = ward.now(ready)
    assert (now.state, now.stopping, now.due_at) == ("ready", "expired", None)
    assert expire_due(ward.scope) == 0


def test_a_person_keeps_the_newest(ward: Ward) -> None:
    ready = ward.ready()
    ward.settle(person_of(ready))
    kept: list[Any] = list(queries.own(person_of(ready), ASKED).data)
    assert [(one.state, one.source_version, one.institution_name) for one in kept] == [("ready", 3, "示范医院")]
    with unit(person_of(ready)) as reading:
        row = reading.get(PersonPrescription, ready.row.id)
    assert row
    assert row.covers_until >= row.signed_at.date()


def test_who_reads_a_signed_prescription(ward: Ward) -> None:
    signed = ward.signed()
    for viewer in (ward.doctor, ward.reviewer, resident(signed.row.resident_id)):
        assert queries.prescription_of(viewer, known(signed)).written.note == signed.written.note
    with pytest.raises(NotFound):
        queries.prescription_of(resident(verified_resident()), known(signed))
    assert [one.id for one in queries.written_by(ward.doctor, ASKED).data] == [signed.row.id]
    assert queries.written_by(ward.clinic_other(), ASKED).data == []
    assert queries.written_by(ward.doctor, {**ASKED, "state": "ready"}).data == []


def test_a_preparer_is_no_reviewer(ward: Ward) -> None:
    signed = ward.signed()
    preparer = ward.clinic.viewer(ward.clinic.hospital.member(Role.PREPARER))
    with pytest.raises(Forbidden):
        queries.prescription_of(PrescriptionViewer(ward.scope, preparer.by), known(signed))
