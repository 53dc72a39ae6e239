"""Pharmacists and their queue: leases, decisions, questions, and signatures that anybody can check."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from app.core.errors import Forbidden, NotFound, Problem, WrongState
from app.core.ids import PublicId, new_id
from app.core.unit import unit
from app.identity.signatures import es256
from app.residents.service import allergies
from prescriptions import queries
from prescriptions.ids import PrescriptionViewer, review_public_id
from prescriptions.rules.documents import SignedAs, canonical, signed_content
from prescriptions.rules.ends import WithdrawReason
from prescriptions.rules.reviews import ReviewReason
from prescriptions.service import ending, reviewing
from prescriptions.service.details import Detail
from prescriptions.service.documents import document_of, signatures_of
from tests.platform import Platform, new_tenant
from tests.prescriptions.scenes import ANSWER, BY, PENICILLIN, QUESTION, Ward, holds, known, line, person_of, resident
from tests.scheduling.clock import Clock
from tests.scheduling.scenes import be_present
from tests.visits.scenes import verified_resident

ASKED = {"limit": 20, "cursor": "", "state": None}


def code(act: Callable[[], object]) -> str:
    """The code with which `act` is refused."""
    with pytest.raises(Problem) as refused:
        act()
    return refused.value.code


def papers(ward: Ward, detail: Detail) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Document and signatures of a prescription."""
    with unit(ward.scope) as reading:
        return document_of(reading, ward.now(detail)), signatures_of(reading, ward.now(detail))


def waiting(ward: Ward) -> list[PublicId]:
    """What stands in the queue."""
    return [review_public_id(row) for row in queries.reviews(ward.scope, {**ASKED, "state": "queued"}).data]


def test_passed_by_who_took_it(ward: Ward) -> None:
    signed = ward.signed(line(days=8), acknowledged=("quantity_too_small",))
    review = ward.review(signed)
    assert waiting(ward) == [review]
    assert code(lambda: reviewing.let_pass(ward.reviewer, review, ("quantity_too_small",))) == "review_not_taken"
    taken = reviewing.take(ward.reviewer, review)
    assert (taken.state, taken.taken_by, taken.version) == ("taken", ward.pharmacist.id, 2)
    assert waiting(ward) == []
    assert code(lambda: reviewing.take(ward.colleague, review)) == "review_taken"
    assert code(lambda: reviewing.let_pass(ward.colleague, review, ())) == "review_not_taken"
    assert code(lambda: reviewing.let_pass(ward.reviewer, review, ())) == "findings_unanswered"
    passed = reviewing.let_pass(ward.reviewer, review, ("quantity_too_small",))
    assert (passed.row.state, passed.version) == ("ready", 3)
    assert [one["role"] for one in passed.signatures] == ["doctor", "reviewer"]
    assert holds(ward, *papers(ward, passed))
    assert code(lambda: reviewing.take(ward.reviewer, review)) == "review_state"
    assert code(lambda: reviewing.let_pass(ward.reviewer, review, ())) == "review_state"


def test_an_allergy_that_was_stated_meanwhile_stands_in_the_way(ward: Ward) -> None:
    taken = ward.taken(line(PENICILLIN))
    stated = allergies.state(taken.row.resident_id, "J01C", "青霉素", BY)
    review = ward.review(taken)
    with pytest.raises(WrongState) as refused:
        reviewing.let_pass(ward.reviewer, review, ("allergy",))
    assert (refused.value.code, [one.rule for one in refused.value.faults]) == ("prescription_blocked", ["allergy"])
    allergies.remove(stated.id, BY)
    assert reviewing.let_pass(ward.reviewer, review, ()).row.state == "ready"


def test_two_hospitals_prescribe_the_same_at_once(platform: Platform, ward: Ward) -> None:
    person, elsewhere = verified_resident(), Ward(platform)
    first, second = (one.taken(visit=one.visit(person=person)) for one in (ward, elsewhere))
    assert [detail.written.findings for detail in (first, second)] == [(), ()]
    ward.settle(elsewhere.scope, person_of(first))
    review = ward.review(first)
    assert code(lambda: reviewing.let_pass(ward.reviewer, review, ())) == "findings_unanswered"
    assert reviewing.let_pass(ward.reviewer, review, ("ingredient_taken_already",)).row.state == "ready"


def test_a_lease_ends_and_can_be_renewed(ward: Ward, clock: Clock) -> None:
    taken = ward.taken()
    review = ward.review(taken)
    clock.forward(minutes=4)
    reviewing.take(ward.reviewer, review)
    clock.forward(minutes=4)
    assert code(lambda: reviewing.take(ward.colleague, review)) == "review_taken"
    clock.forward(minutes=1)
    assert waiting(ward) == [review]
    assert code(lambda: reviewing.let_pass(ward.reviewer, review, ())) == "review_not_taken"
    reviewing.take(ward.colleague, review)
    assert reviewing.let_pass(ward.colleague, review, ()).row.state == "ready"


def test_nobody_reviews_what_they_wrote(ward: Ward) -> None:
    review = ward.review(ward.signed())
    author = PrescriptionViewer(ward.scope, ward.doctor.by, reviewer=True)
    for act in (reviewing.take, lambda viewer, known: reviewing.let_pass(viewer, known, ())):
        with pytest.raises(Forbidden) as refused:
            act(author, review)
        assert refused.value.code == "own_prescription"


def test_rejected_for_good(ward: Ward) -> None:
    taken = ward.taken()
    review = ward.review(taken)
    rejected = reviewing.reject(ward.reviewer, review, ReviewReason.DOSE, QUESTION)
    assert (rejected.row.state, rejected.row.reason) == ("review_rejected", "dose")
    read = queries.prescription_of(ward.doctor, known(taken))
    assert read.review
    assert (read.review.row.state, read.review.words.pharmacist) == ("rejected", QUESTION)
    assert code(lambda: reviewing.take(ward.colleague, review)) == "review_state"
    assert code(lambda: ending.withdraw(ward.doctor, known(taken), WithdrawReason.NO_LONGER_NEEDED)) == (
        "prescription_state"
    )


def test_the_doctor_confirms_with_a_second_signature(ward: Ward) -> None:
    taken = ward.taken()
    review = ward.review(taken)
    assert code(lambda: reviewing.confirm(ward.doctor, known(taken), ANSWER)) == "prescription_state"
    asked = reviewing.query(ward.reviewer, review, ReviewReason.INTERACTION, QUESTION)
    assert (asked.row.state, asked.row.reason) == ("pending_review", "interaction")
    assert waiting(ward) == []
    assert code(lambda: reviewing.take(ward.colleague, review)) == "review_state"
    with pytest.raises(Forbidden):
        reviewing.confirm(ward.clinic_other(), known(taken), ANSWER)
    confirmed = reviewing.confirm(ward.doctor, known(taken), ANSWER)
    assert (confirmed.row.reason, waiting(ward)) == (None, [review])
    assert code(lambda: reviewing.confirm(ward.doctor, known(taken), ANSWER)) == "prescription_state"
    reviewing.take(ward.colleague, review)
    passed = reviewing.let_pass(ward.colleague, review, ())
    assert [one["role"] for one in passed.signatures] == ["doctor", "confirmation", "reviewer"]
    assert passed.review
    assert (passed.review.words.pharmacist, passed.review.words.doctor) == (QUESTION, ANSWER)
    assert holds(ward, *papers(ward, passed))
    assert queries.prescription_of(resident(passed.row.resident_id), known(passed)).review is None


def test_a_withdrawn_prescription_passes_no_more(ward: Ward) -> None:
    taken = ward.taken()
    review = ward.review(taken)
    ending.withdraw(ward.doctor, known(taken), WithdrawReason.ADVERSE_REACTION)
    assert code(lambda: reviewing.let_pass(ward.reviewer, review, ())) == "review_state"


def test_what_has_expired_passes_no_more(ward: Ward, clock: Clock) -> None:
    taken = ward.taken(validity_days=1)
    ends = ward.now(taken).expires_at
    assert ends
    clock.set(ends - timedelta(minutes=1))
    reviewing.take(ward.reviewer, ward.review(taken))
    clock.set(ends)
    assert code(lambda: reviewing.let_pass(ward.reviewer, ward.review(taken), ())) == "prescription_expired"


def test_another_hospitals_review_is_not_found(platform: Platform, ward: Ward) -> None:
    review, elsewhere = ward.review(ward.taken()), Ward(platform)
    for act in (reviewing.take, lambda viewer, known: reviewing.let_pass(viewer, known, ())):
        with pytest.raises(NotFound):
            act(elsewhere.reviewer, review)
        with pytest.raises(NotFound):
            act(ward.reviewer, PublicId("prv", ward.scope, new_id()))
    assert waiting(elsewhere) == []
    assert queries.reviews(new_tenant(), ASKED).data == []


def test_without_a_key_nothing_passes(ward: Ward) -> None:
    taken = ward.taken()
    colleague = ward.clinic.hospital.member()
    be_present(colleague)
    keyless = PrescriptionViewer(ward.scope, ward.clinic.viewer(colleague).by, reviewer=True)
    review = ward.review(ward.signed())
    reviewing.take(keyless, review)
    with pytest.raises(WrongState) as refused:
        reviewing.let_pass(keyless, review, ())
    assert refused.value.code == "no_signing_key"
    assert ward.review_now(taken).state == "taken"


def changed(signatures: list[dict[str, Any]], at: int, **more: Any) -> list[dict[str, Any]]:
    return [{**one, **more} if number == at else one for number, one in enumerate(signatures)]


def test_no_signature_passes_for_another(ward: Ward) -> None:
    document, signatures = papers(ward, ward.ready())
    others, _ = papers(ward, ward.ready())
    doctor, reviewer = signatures
    assert holds(ward, document, signatures)
    assert not holds(ward, others, signatures), "of another prescription"
    assert not holds(ward, {**document, "note": "x"}, signatures), "changed afterwards"
    assert not holds(ward, document, [doctor]), "nobody reviewed it"
    assert not holds(ward, document, [reviewer, reviewer])
    assert not holds(ward, document, changed(signatures, 1, value=doctor["value"]))
    assert not holds(ward, document, changed(signatures, 1, role="doctor"))
    assert not holds(ward, document, changed(signatures, 0, public_key=reviewer["public_key"]))
    wrong: list[dict[str, Any]] = [
        {"value": ""},
        {"value": "?"},
        {"public_key": {}},
        {"algorithm": "none"},
        {"role": "x"},
    ]
    for broken in wrong:
        assert not holds(ward, document, changed(signatures, 0, **broken))
    assert not holds(ward, document, [doctor, {"role": "reviewer"}])


def test_the_signature_is_checked_with_nothing_of_the_platform(ward: Ward) -> None:
    document, signatures = papers(ward, ward.ready())
    for one in signatures:
        content = signed_content(canonical(document), SignedAs(one["role"]))
        assert es256.holds(one["public_key"], one["value"], content)
        assert not es256.holds(one["public_key"], one["value"], content + b" ")
