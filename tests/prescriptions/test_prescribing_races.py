"""Several at the same moment: a prescription is signed once, reviewed by one, and has one end."""

from functools import partial

from app.core.ids import PublicId
from app.visits.rules.moves import StopReason
from app.visits.service import acting
from prescriptions.rules.ends import CloseReason, WithdrawReason
from prescriptions.rules.reviews import ReviewReason
from prescriptions.service import drafting, ending, reviewing, signing
from tests.prescriptions.scenes import Ward, known, resident, wish
from tests.visits.scenes import FEE
from tests.visits.test_races import at_once

ROUNDS = 6
WRONG = WithdrawReason.WRITTEN_WRONGLY


def test_two_pharmacists_take_one_review(ward: Ward) -> None:
    for _ in range(ROUNDS):
        review = ward.review(ward.signed())
        takes = [partial(reviewing.take, who, review) for who in (ward.reviewer, ward.colleague)]
        assert at_once(takes) == {"done": 1, "review_taken": 1}


def test_signed_twice_at_once(ward: Ward) -> None:
    for number in range(1, ROUNDS + 1):
        draft = ward.draft()
        sign = partial(signing.sign, ward.doctor, known(draft), ())
        assert at_once([sign, sign, sign]) == {"done": 1, "prescription_state": 2}
        assert (ward.now(draft).version, ward.reviews()) == (2, number)


def test_signing_and_changing_at_once(ward: Ward) -> None:
    for _ in range(ROUNDS):
        draft = ward.draft()
        found = at_once([
            partial(signing.sign, ward.doctor, known(draft), ()),
            partial(drafting.edit, ward.doctor, known(draft), wish(validity_days=1), 1),
        ])  # fmt: skip
        assert found["done"] == 2 or found == {"done": 1, "prescription_state": 1}
        assert ward.now(draft).state == "pending_review"


def test_one_visit_bears_a_medicine_once(ward: Ward) -> None:
    for _ in range(ROUNDS):
        visit = ward.visit()
        drafts = [ward.draft(visit=visit) for _ in range(3)]
        found = at_once([partial(signing.sign, ward.doctor, known(draft), ()) for draft in drafts])
        assert found == {"done": 1, "prescription_blocked": 2}


def test_signing_while_the_visit_is_stopped(ward: Ward) -> None:
    """Either care or a fee that goes back, never both."""
    for _ in range(ROUNDS):
        draft = ward.draft()
        visit = PublicId("vis", ward.scope, draft.row.visit_id)
        found = at_once([
            partial(signing.sign, ward.doctor, known(draft), ()),
            partial(acting.stop, ward.clinic.viewer(), visit, StopReason.FIRST_VISIT),
        ])  # fmt: skip
        signed = ward.now(draft).state == "pending_review"
        assert found == {"done": 1, "prescription_stands" if signed else "prescription_blocked": 1}
        now = ward.visit_of(draft)
        assert (now.state, ward.clinic.refunds(now)) == (("taken", []) if signed else ("stopped", [FEE]))


def test_passing_against_withdrawing(ward: Ward) -> None:
    for _ in range(ROUNDS):
        taken = ward.taken()
        found = at_once([
            partial(reviewing.let_pass, ward.reviewer, ward.review(taken), ()),
            partial(ending.withdraw, ward.doctor, known(taken), WRONG),
        ])  # fmt: skip
        passed = ward.review_now(taken).state == "passed"
        assert found == ({"done": 2} if passed else {"done": 1, "review_state": 1})
        assert ward.now(taken).state == "withdrawn"
        assert ward.review_now(taken).state == ("passed" if passed else "dropped")


def test_passed_and_rejected_at_once(ward: Ward) -> None:
    for _ in range(ROUNDS):
        taken = ward.taken()
        review = ward.review(taken)
        found = at_once([
            partial(reviewing.let_pass, ward.reviewer, review, ()),
            partial(reviewing.reject, ward.reviewer, review, ReviewReason.DOSE, None),
        ])  # fmt: skip
        assert found == {"done": 1, "review_state": 1}
        fits = {"ready": "passed", "review_rejected": "rejected"}
        assert fits[ward.now(taken).state] == ward.review_now(taken).state


def test_withdrawn_and_given_up_at_once(ward: Ward) -> None:
    for _ in range(ROUNDS):
        ready = ward.ready()
        person = resident(ready.row.resident_id)
        found = at_once([
            partial(ending.withdraw, ward.doctor, known(ready), WRONG),
            partial(ending.close, person, known(ready), CloseReason.NOT_WANTED),
        ])  # fmt: skip
        assert found == {"done": 1, "prescription_state": 1}
        assert ward.now(ready).state in ("withdrawn", "closed_unsupplied")
