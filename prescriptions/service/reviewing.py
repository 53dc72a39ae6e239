"""Reviewing signed prescriptions: taken from the queue for some minutes, passed, rejected or sent back with a question.

A prescription is locked before its review.
"""

from collections.abc import Callable, Collection
from dataclasses import replace

from app.core.errors import Forbidden, NotFound, WrongState
from app.core.ids import PublicId
from app.core.journal.record import record
from app.core.scope import Scope
from app.core.unit import Effect, Unit, run, unit
from app.visits.api import visit_to_prescribe
from prescriptions.content import Words, seal_words, words_of, written_in
from prescriptions.errors import blocked, nobody_asks, review_state, unanswered
from prescriptions.ids import PrescriptionViewer, prescription_public_id, review_public_id
from prescriptions.models.prescribing import Prescription, PrescriptionReview
from prescriptions.names import PRESCRIPTION_ID
from prescriptions.rules import findings as rules
from prescriptions.rules.documents import SignedAs
from prescriptions.rules.prescriptions import Event, State
from prescriptions.rules.reviews import (
    LEASE,
    Refusal,
    ReviewReason,
    ReviewState,
    Standing,
    against_deciding,
    against_taking,
)
from prescriptions.service.care import Care, care_for
from prescriptions.service.checking import checked, wish_of
from prescriptions.service.details import Detail, detail, review_of
from prescriptions.service.documents import add_signature
from prescriptions.service.moving import enter, happen
from tenants.api import refuse_without_presence, remembering, same_person

Decide = Callable[[Unit, Prescription, PrescriptionReview], None]


def take(viewer: PrescriptionViewer, known: PublicId, effect: Effect | None = None) -> PrescriptionReview:
    """A pharmacist takes a review, or renews their lease of it. Raises NotFound, Forbidden, WrongState."""

    def work(opened: Unit) -> PrescriptionReview:
        review = opened.get(PrescriptionReview, known.id, lock=True)
        if review is None:
            raise NotFound
        _refuse(review.state, against_taking(_standing(opened, review, viewer), opened.now))
        review.taken_by, review.taken_until = viewer.staff_id, opened.now + LEASE
        _enter(opened, review, ReviewState.TAKEN)
        return review

    return run(viewer.at(known), work, viewer.by, effect=effect)


def let_pass(
    viewer: PrescriptionViewer, known: PublicId, answered: Collection[str], effect: Effect | None = None
) -> Detail:
    """Who took the review passes and signs it, having `answered` every finding: the prescription may be routed.

    Visit, the doctor's papers, formulary, allergies and what the resident takes are looked at again; a visit that waits
    for its conclusion does not stand in the way.
    Raises NotFound, Forbidden, and WrongState: `prescription_blocked`, `findings_unanswered`, `prescription_expired`,
    `no_signing_key` and those of a review that is not theirs now.
    """
    care = _care(viewer, known)

    def decide(opened: Unit, row: Prescription, review: PrescriptionReview) -> None:
        if row.expires_at is not None and row.expires_at <= opened.now:
            raise WrongState("its time is over", code="prescription_expired")
        refuse_without_presence(opened, viewer.staff_id)
        _refuse_findings(opened, row, care, frozenset(answered))
        happen(opened, row, Event.PASSED)
        add_signature(opened, row, viewer.staff_id, SignedAs.REVIEWER)
        _enter(opened, review, ReviewState.PASSED)

    with remembering(viewer.at(known), "prescription.review", known, viewer.by):
        return _decided(viewer, known, decide, effect)


def reject(
    viewer: PrescriptionViewer, known: PublicId, reason: ReviewReason, words: str | None, effect: Effect | None = None
) -> Detail:
    """Who took the review rejects the prescription, finally. Raises NotFound, Forbidden, WrongState."""

    def decide(opened: Unit, row: Prescription, review: PrescriptionReview) -> None:
        happen(opened, row, Event.REJECTED, reason)
        review.words = seal_words(opened, review.id, replace(words_of(opened, review), pharmacist=words))
        _enter(opened, review, ReviewState.REJECTED, reason)

    return _decided(viewer, known, decide, effect)


def query(
    viewer: PrescriptionViewer, known: PublicId, reason: ReviewReason, words: str, effect: Effect | None = None
) -> Detail:
    """Who took the review asks the doctor; the review waits for the answer. Raises NotFound, Forbidden, WrongState."""

    def decide(opened: Unit, row: Prescription, review: PrescriptionReview) -> None:
        row.reason = reason
        enter(opened, row, "prescription.queried")
        review.words = seal_words(opened, review.id, Words(pharmacist=words))
        _enter(opened, review, ReviewState.QUERY, reason)

    return _decided(viewer, known, decide, effect)


def confirm(viewer: PrescriptionViewer, known: PublicId, words: str, effect: Effect | None = None) -> Detail:
    """The doctor answers a pharmacist with a second signature; any pharmacist may take the review then.

    Raises NotFound, Forbidden, WrongState `prescription_state` where nobody asks, `no_signing_key`.
    Source: 处方管理办法 2007 art. 36.
    """

    def work(opened: Unit) -> Detail:
        row = viewer.prescription(opened, known, lock=True)
        review = review_of(opened, row.id, lock=True)
        if row.state != State.PENDING_REVIEW or review is None or review.state != ReviewState.QUERY:
            raise nobody_asks()
        refuse_without_presence(opened, viewer.staff_id)
        row.reason = None
        enter(opened, row, "prescription.confirmed")
        add_signature(opened, row, viewer.staff_id, SignedAs.CONFIRMATION)
        review.words = seal_words(opened, review.id, replace(words_of(opened, review), doctor=words))
        _enter(opened, review, ReviewState.QUEUED)
        return detail(opened, row)

    with remembering(viewer.at(known), "prescription.confirm", known, viewer.by):
        return run(viewer.at(known), work, viewer.by, effect=effect)


def drop(opened: Unit, row: Prescription) -> None:
    """The prescription, which the unit holds locked, ended before its review did."""
    review = review_of(opened, row.id, lock=True)
    if review is None:
        raise LookupError("a prescription in review without its review")
    _enter(opened, review, ReviewState.DROPPED)


def _decided(viewer: PrescriptionViewer, known: PublicId, decide: Decide, effect: Effect | None) -> Detail:
    """Decide on a review that the caller took, prescription and review locked in this order."""

    def work(opened: Unit) -> Detail:
        found = opened.get(PrescriptionReview, known.id)
        row = opened.get(Prescription, found.prescription_id, lock=True) if found else None
        if row is None:
            raise NotFound
        review = review_of(opened, row.id, lock=True)
        if review is None:
            raise NotFound
        _refuse(review.state, against_deciding(_standing(opened, review, viewer), opened.now))
        decide(opened, row, review)
        return detail(opened, row)

    return run(viewer.at(known), work, viewer.by, effect=effect)


def _care(viewer: PrescriptionViewer, known: PublicId) -> Care:
    """What to know of the resident whose prescription the caller reviews. Two units of its own."""
    with unit(viewer.at(known), viewer.by) as reading:
        review = reading.get(PrescriptionReview, known.id)
        row = reading.get(Prescription, review.prescription_id) if review else None
        if review is None or row is None:
            raise NotFound
        _refuse(review.state, against_deciding(_standing(reading, review, viewer), reading.now))
    return care_for(Scope.for_person(row.resident_id), prescription_public_id(row), viewer.by)


def _refuse_findings(opened: Unit, row: Prescription, care: Care, answered: frozenset[str]) -> None:
    written, visit = written_in(opened, row), visit_to_prescribe(opened, row.visit_id)
    now = checked(opened, wish_of(written, row.validity_days), visit, care, row.id, signed=True).findings
    if rules.blocking(now):
        raise blocked(rules.blocking(now))
    unseen = rules.unanswered(tuple(dict.fromkeys((*written.findings, *now))), answered)
    if unseen:
        raise unanswered(unseen)


def _standing(opened: Unit, review: PrescriptionReview, viewer: PrescriptionViewer) -> Standing:
    mine, author = review.taken_by == viewer.staff_id, same_person(opened, review.author_id, viewer.staff_id)
    return Standing(ReviewState(review.state), author, mine, review.taken_until)


def _refuse(state: str, against: Refusal | None) -> None:
    if against is Refusal.OWN_WORK:
        raise Forbidden("nobody reviews what they wrote", code=against.value)
    if against is Refusal.STATE:
        raise review_state(state)
    if against:
        raise WrongState("take the review first; a lease lasts five minutes", code=against.value)


def _enter(opened: Unit, review: PrescriptionReview, state: ReviewState, reason: str | None = None) -> None:
    """Write the entry for the review's new state; only one that is taken has a lease."""
    review.state, review.reason, review.version = state, reason, review.version + 1
    if state is not ReviewState.TAKEN:
        review.taken_until = None
    if state in (ReviewState.PASSED, ReviewState.REJECTED, ReviewState.DROPPED):
        review.decided_at = opened.now
    about = PublicId(PRESCRIPTION_ID, opened.scope, review.prescription_id)
    facts = {"state": state.value, "prescription": str(about), **({"reason": reason} if reason else {})}
    record(opened, f"prescription_review.{state}", review_public_id(review), review.version, facts)
